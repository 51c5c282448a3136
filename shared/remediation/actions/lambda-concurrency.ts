import type { Action } from './action.ts';
import { boundsOf } from './ecs-scale.ts';
import { aliasOf } from './lambda-alias.ts';
import { sizeFor, sizeParams, type WantedSize } from './sizing.ts';

type Before = { readonly provisioned: number; readonly version: string };

/** Sets how many environments of an alias Lambda keeps warm; 0 takes them away. */
export const lambdaConcurrency: Action = {
  resourceTypes: ['lambda-alias'],
  verbs: ['scale_up', 'scale_down'],
  params: sizeParams,
  read: async (ports, { id }, params) => {
    const { arn, version } = await aliasOf(ports, id);
    const found = await (await ports.lambda()).provisioned(id);
    const before: Before = { provisioned: found?.requested ?? 0, version };
    const { desired } = params as WantedSize;
    const actions =
      desired === 0
        ? ['lambda:DeleteProvisionedConcurrencyConfig']
        : desired === undefined
          ? ['lambda:PutProvisionedConcurrencyConfig', 'lambda:DeleteProvisionedConcurrencyConfig']
          : ['lambda:PutProvisionedConcurrencyConfig'];
    return { before, permissions: [{ actions, resources: [arn] }], arn };
  },
  propose: (image, { id, settings }, params) => {
    const { provisioned, version } = image as Before;
    if (version === '$LATEST')
      return { refused: `the alias ${id} stands at $LATEST, which can have no provisioned concurrency` };
    const sized = sizeFor(provisioned, params as WantedSize, boundsOf(settings));
    if (!('size' in sized)) return sized;
    const { size } = sized;
    return {
      expected: { provisioned: size },
      undo: { kind: 'lambda-concurrency', params: { desired: provisioned } },
      summary: `Set the provisioned concurrency of the Lambda alias ${id} from ${provisioned} to ${size}; it is paid for while it is there.`,
      risk: size > provisioned ? 'low' : 'medium',
    };
  },
  apply: async (ports, { resource, expected }) =>
    (await ports.lambda()).setProvisioned(resource.id, (expected as { provisioned: number }).provisioned),
  verify: async (ports, { resource: { id }, expected }) => {
    const wanted = (expected as { provisioned: number }).provisioned;
    const found = await (await ports.lambda()).provisioned(id);
    const after = { provisioned: found?.requested ?? 0, available: found?.available ?? 0 };
    if (after.provisioned !== wanted)
      return { state: 'failed', reason: `${id} has ${after.provisioned} again, not ${wanted}`, after };
    const why = found?.reason === undefined ? '' : `: ${found.reason}`;
    const reason = `Lambda says ${after.available} of ${wanted} of ${id} are warm${why}`;
    if (found?.status === 'FAILED') return { state: 'failed', reason, after };
    return { state: after.available >= wanted ? 'verified' : 'pending', reason, after };
  },
};
