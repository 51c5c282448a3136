import type { Ec2Instance, LaunchTemplate } from '../../platform/aws/actions/ec2.aws.ts';
import { type Action, ActionRefused, type Image, type Proposed } from './action.ts';
import { groupTag, instanceOf, verifyRunning } from './ec2-instance.ts';
import type { ActionPorts } from './ports.ts';

type Replacement = {
  readonly id: string;
  readonly state: string;
  /** Runs, and both of EC2's checks of it have passed. */
  readonly isWell: boolean;
};
type Before = {
  readonly state: string;
  readonly group: string | null;
  readonly template: LaunchTemplate | null;
  /** What the new instance gets, so that whatever chooses instances by tags chooses it too. */
  readonly tags: Readonly<Record<string, string>>;
  /** Null: none was launched. */
  readonly replacement: Replacement | null;
};
type Step = 'launch' | 'retire' | 'discard';

/** On the new instance: the id of the one that it takes the place of. */
const replacesTag = 'homeostat:replaces';
const templateTag = 'aws:ec2launchtemplate:id';
const versionTag = 'aws:ec2launchtemplate:version';

/** `lt-0a` or `lt-0a:3`; else what EC2 tagged the instance with when it was launched from a template. */
const templateOf = async (
  ports: ActionPorts,
  written: unknown,
  tags: Ec2Instance['tags'],
): Promise<LaunchTemplate | null> => {
  const named = typeof written === 'string' ? written.split(':') : [tags[templateTag], tags[versionTag]];
  const [id, version = '$Default'] = named;
  if (id === undefined) return null;
  const found = await (await ports.ec2()).launchTemplate(id, version);
  if (!found) throw new ActionRefused(`there is no launch template ${id} with a version ${version}`);
  return found;
};

const replacementOf = async (ports: ActionPorts, id: string): Promise<Replacement | null> => {
  const ec2 = await ports.ec2();
  const found = await ec2.instancesTagged(replacesTag, id);
  if (found.length > 1)
    throw new ActionRefused(
      `${found.map((one) => one.id).join(' and ')} both take the place of ${id}: terminate what should not`,
    );
  const [instance] = found;
  if (!instance) return null;
  const isWell = instance.state === 'running' && (await ec2.statusOf(instance.id)) === 'ok';
  return { id: instance.id, state: instance.state, isWell };
};

const stepOf = ({ replacement }: Before, params: Readonly<Record<string, unknown>>): Step =>
  params.discard === true ? 'discard' : replacement === null ? 'launch' : 'retire';

const permissionsFor = async (
  ports: ActionPorts,
  { arn, id }: Ec2Instance,
  before: Before,
  step: Step,
): Promise<Image['permissions']> => {
  const ec2 = await ports.ec2();
  const { template, replacement } = before;
  if (step === 'retire') return [{ actions: ['ec2:TerminateInstances'], resources: [arn] }];
  if (step === 'discard') {
    const discarded = arn.replace(`instance/${id}`, `instance/${replacement?.id ?? 'none'}`);
    return [{ actions: ['ec2:TerminateInstances'], resources: [discarded] }];
  }
  const made = ['instance', 'network-interface', 'security-group', 'subnet', 'volume', 'key-pair'];
  const resources = await Promise.all([
    ec2.arnOf(`launch-template/${template?.id ?? 'none'}`),
    ...made.map((one) => ec2.arnOf(`${one}/*`)),
    ec2.arnOf('image/*', ''),
  ]);
  return [
    { actions: ['ec2:RunInstances'], resources },
    { actions: ['ec2:CreateTags'], resources: [await ec2.arnOf('instance/*')] },
  ];
};

const proposeLaunch = (id: string, { template, state }: Before): Proposed => {
  if (template === null)
    return {
      refused: `${id} was not launched from a launch template: name one as launchTemplate, lt-…:version`,
    };
  if (template.instanceProfile !== null)
    return {
      refused: `the launch template ${template.id} gives its instances the role of ${template.instanceProfile}, and Homeostat may pass no role: launch the new instance by hand, with the tag ${replacesTag}=${id}`,
    };
  return {
    expected: { replacement: 'well' },
    undo: { kind: 'reprovision', params: { discard: true } },
    summary: `Launch a new instance beside ${id} (${state}) from ${template.id}, version ${template.version}, with the same tags. ${id} stays as it is; once the new one is well, the same can be asked for again to retire ${id}.`,
    risk: 'medium',
  };
};

const proposeRetire = (id: string, { state, replacement }: Before): Proposed => {
  if (state === 'terminated' || state === 'shutting-down') return { unchanged: `${id} is retired already` };
  if (!replacement?.isWell)
    return {
      refused: `${replacement?.id}, which takes the place of ${id}, is ${replacement?.state} and not well yet: ${id} is not retired before`,
    };
  return {
    expected: { state: 'terminated' },
    summary: `Terminate ${id}; ${replacement.id} runs in its place and is well. What is on its disks is lost, and it cannot be taken back.`,
    risk: 'high',
  };
};

const proposeDiscard = (id: string, { state, replacement }: Before): Proposed => {
  if (replacement === null) return { unchanged: `nothing takes the place of ${id}` };
  if (state !== 'running')
    return { refused: `${id} is ${state}: ${replacement.id} may be the only one that runs, and stays` };
  return {
    expected: { replacement: null },
    summary: `Terminate ${replacement.id}, which was to take the place of ${id}; ${id} stays. It cannot be taken back.`,
    risk: 'medium',
  };
};

const proposals = { launch: proposeLaunch, retire: proposeRetire, discard: proposeDiscard };

/**
 * Two plans, each approved by itself, so that nothing is retired before people and checks saw the new one well: the first
 * launches it beside the old one; the next one, asked for when it is well, terminates the old one. What the world shows
 * says which it is. `discard` takes the new one away again.
 */
export const reprovision: Action = {
  resourceTypes: ['ec2-instance'],
  verbs: ['reprovision'],
  params: (z) =>
    z.strictObject({
      launchTemplate: z
        .string()
        .regex(/^lt-[0-9a-f]+(:(\d+|\$Latest|\$Default))?$/, {
          error: 'must be a launch template such as lt-0a1b2c3d or lt-0a1b2c3d:4',
        })
        .exactOptional(),
      discard: z.boolean().exactOptional(),
    }),
  read: async (ports, { id, settings }, params) => {
    const instance = await instanceOf(ports, id);
    const { arn, state } = instance;
    const own = Object.entries(instance.tags).filter(
      ([key]) => !key.startsWith('aws:') && key !== replacesTag,
    );
    const before: Before = {
      state,
      group: instance.tags[groupTag] ?? null,
      template: await templateOf(ports, params.launchTemplate ?? settings?.launchTemplate, instance.tags),
      tags: Object.fromEntries(own),
      replacement: await replacementOf(ports, id),
    };
    const permissions = await permissionsFor(ports, instance, before, stepOf(before, params));
    return { before, permissions, arn, tags: instance.tags };
  },
  propose: (image, { id }, params) => {
    const before = image as Before;
    if (before.group !== null)
      return { refused: `${id} belongs to the Auto Scaling group ${before.group}: have that replace it` };
    return proposals[stepOf(before, params)](id, before);
  },
  apply: async (ports, { resource: { id }, before, params }, keep) => {
    const ec2 = await ports.ec2();
    const { template, tags, replacement } = before as Before;
    const step = stepOf(before as Before, params);
    if (step === 'retire') return ec2.terminate(id);
    if (step === 'discard') {
      if (replacement === null) throw new ActionRefused(`nothing takes the place of ${id}`);
      return ec2.terminate(replacement.id);
    }
    const clientToken = ports.idempotencyToken;
    if (clientToken === undefined || template === null)
      throw new ActionRefused('a new instance is launched only with a token and a launch template');
    keep({
      instanceId: await ec2.run({
        launchTemplate: template,
        tags: { ...tags, [replacesTag]: id },
        clientToken,
      }),
    });
  },
  verify: async (ports, { resource: { id }, before, params }, _appliedAt, receipt) => {
    const step = stepOf(before as Before, params);
    if (step === 'launch') {
      const { instanceId } = (receipt ?? {}) as { readonly instanceId?: string };
      const launched = instanceId ?? (await replacementOf(ports, id))?.id;
      if (launched === undefined)
        return { state: 'pending', reason: `EC2 shows no instance in the place of ${id} yet`, after: null };
      const verdict = await verifyRunning(ports, launched);
      const isWell = verdict.state === 'verified' && (await (await ports.ec2()).statusOf(launched)) === 'ok';
      return verdict.state === 'verified' && !isWell ? { ...verdict, state: 'pending' } : verdict;
    }
    const gone = step === 'retire' ? id : ((before as Before).replacement?.id ?? 'none');
    const state = (await (await ports.ec2()).instance(gone))?.state ?? 'terminated';
    const reason = `EC2 says ${gone} is ${state}`;
    return { state: state === 'terminated' ? 'verified' : 'pending', reason, after: { state } };
  },
};
