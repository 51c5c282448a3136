import { putRule, withdrawRule } from '../alerting/api.ts';
import { ruleIdOf } from '../alerting/index.ts';
import { putNamed, registerDeployment, withdrawNamed } from '../catalog/index.ts';
import { removeDeployment } from '../deployments/index.ts';
import { checkIdOf, putCheck, withdrawCheck } from '../health/api.ts';
import { maintenanceIdOf, putMaintenance, putSettings, withdrawMaintenance } from '../incidents/api.ts';
import { defaultSettings } from '../incidents/index.ts';
import { channelUsesIn, putChannel, withdrawChannel } from '../notifications/api.ts';
import { channelIdOf } from '../notifications/index.ts';
import type { Reach } from '../platform/api/caller.ts';
import type { Clock } from '../platform/clock.ts';
import type { Place } from '../platform/environment.ts';
import type { NewId } from '../platform/ids.ts';
import type { Pending } from '../platform/outbox/index.ts';
import { putPolicy, withdrawPolicy } from '../policies/api.ts';
import { policyIdOf } from '../policies/index.ts';
import { scalerIdOf, scalerKind } from '../scaling/api.ts';
import { statusPageKind } from '../status-pages/api.ts';
import type { Table } from '../storage/table.ts';
import type { Judged } from './judge.ts';
import type { AlertingWorld } from './judge-alerting.ts';
import type { Outcome } from './model.ts';

export type ApplyWorld = Omit<AlertingWorld, 'state'> & {
  readonly state: Pick<Table, 'get' | 'query' | 'put' | 'update'>;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly place: Place;
};

/** What one change came to; `pending` is to be published. */
export type Applied = { readonly outcome: Outcome; readonly pending?: Pending | undefined };

type Options = { readonly reach: Reach; readonly by: string; readonly dryRun: boolean };

/** Makes one change of a request, all of which are `judged`, as a file's. Throws DomainError for what the rules refuse. */
export const converger = (
  world: ApplyWorld,
  judged: readonly Judged[],
  { reach, by, dryRun }: Options,
): ((change: Judged) => Promise<Applied>) => {
  const asFile = { reach, by, owner: 'file', dryRun } as const;
  const { isPlanned, isLeaving, isLeavingRule, isLeavingScaler, usesOf } = foreseen(world, judged, dryRun);

  const put = async (change: Extract<Judged, { op: 'put' }>): Promise<Applied> => {
    if (change.kind === 'deployment') {
      const { definition } = change;
      const made = await registerDeployment(world, { definition, owner: 'file', by, dryRun });
      return told(change, definition.deploymentId, made, made.record.revision);
    }
    if (change.kind === 'check') {
      const made = await putCheck(world, change.definition, { ...asFile, isPlanned });
      return told(change, made.record.id, made, made.record.revision);
    }
    if (change.kind === 'rule') {
      const made = await putRule(world, change.definition, { ...asFile, isPlanned });
      return told(change, made.record.id, made, made.record.revision);
    }
    if (change.kind === 'channel') {
      const made = await putChannel(world, change.definition, asFile);
      return told(change, made.record.id, made, made.record.revision);
    }
    if (change.kind === 'maintenance') {
      const made = await putMaintenance(world, change.definition, asFile);
      return told(change, made.mute.id, made, made.mute.revision);
    }
    if (change.kind === 'policy') {
      const made = await putPolicy(world, change.definition, asFile);
      return told(change, made.record.id, made, made.record.revision);
    }
    if (change.kind === 'scaler') {
      const made = await putNamed(world, scalerKind, change.definition, asFile);
      return told(change, made.record.id, made, made.record.revision);
    }
    if (change.kind === 'statusPage') {
      const made = await putNamed(world, statusPageKind, change.definition, asFile);
      return told(change, made.record.id, made, made.record.revision);
    }
    const made = await putSettings(world, change.definition, asFile);
    return told(change, 'alerting', made, made.stored.revision);
  };

  const remove = async (change: Extract<Judged, { op: 'remove' }>): Promise<Applied> => {
    if (change.kind === 'deployment') {
      const gone = await removeDeployment(world, change.deploymentId, {
        ...asFile,
        isLeaving,
        isLeavingRule,
        isLeavingScaler,
      });
      return told(change, change.deploymentId, gone, null);
    }
    if (change.kind === 'check') {
      const gone = await withdrawCheck(world, change, asFile);
      return told(change, checkIdOf(change.deploymentId, change.name), gone, gone.record?.revision);
    }
    if (change.kind === 'rule') {
      const gone = await withdrawRule(world, change, asFile);
      return told(change, ruleIdOf(change.deploymentId, change.name), gone, gone.record?.revision);
    }
    if (change.kind === 'channel') {
      const gone = await withdrawChannel(world, change.name, { ...asFile, usesOf });
      return told(change, channelIdOf(change.name), gone, gone.record?.revision);
    }
    if (change.kind === 'maintenance') {
      const gone = await withdrawMaintenance(world, change.name, asFile);
      return told(change, maintenanceIdOf(change.name), gone, gone.mute?.revision);
    }
    if (change.kind === 'policy') {
      const gone = await withdrawPolicy(world, change.name, asFile);
      return told(change, policyIdOf(change.name), gone, gone.record?.revision);
    }
    if (change.kind === 'scaler') {
      const id = scalerIdOf(change);
      const gone = await withdrawNamed(world, scalerKind, id, asFile);
      return told(change, id, gone, gone.record?.revision);
    }
    if (change.kind === 'statusPage') {
      const gone = await withdrawNamed(world, statusPageKind, change.slug, asFile);
      return told(change, change.slug, gone, gone.record?.revision);
    }
    const { outcome, stored, pending } = await putSettings(world, undefined, asFile);
    const removed = outcome === 'updated' ? 'removed' : outcome;
    return told(change, 'alerting', { outcome: removed, ...(pending && { pending }) }, stored.revision);
  };

  return (change) => (change.op === 'put' ? put(change) : remove(change));
};

/** What the request makes and takes away beside the one change, for those that hang on it. */
const foreseen = (world: ApplyWorld, judged: readonly Judged[], dryRun: boolean) => {
  const planned = new Set(
    judged.flatMap((one) =>
      one.op === 'put' && one.kind === 'deployment' ? [one.definition.deploymentId] : [],
    ),
  );
  const leaving = new Set(
    judged.flatMap((one) =>
      one.op === 'remove' && one.kind === 'check' ? [checkIdOf(one.deploymentId, one.name)] : [],
    ),
  );
  const leavingRules = new Set(
    judged.flatMap((one) =>
      one.op === 'remove' && one.kind === 'rule' ? [ruleIdOf(one.deploymentId, one.name)] : [],
    ),
  );
  const leavingScalers = new Set(
    judged.flatMap((one) => (one.op === 'remove' && one.kind === 'scaler' ? [scalerIdOf(one)] : [])),
  );
  // Those that are changed are judged by what they will say.
  const rules = new Set(
    judged.flatMap((one) => {
      if (one.kind !== 'rule') return [];
      const { deploymentId, name } = one.op === 'put' ? one.definition : one;
      return [ruleIdOf(deploymentId, name)];
    }),
  );
  // Channels that go together may fall back on one another; those that are changed have been written when it is real.
  const channels = new Set(
    judged.flatMap((one) => {
      if (one.kind !== 'channel') return [];
      if (one.op === 'put') return dryRun ? [one.definition.name] : [];
      return [one.name];
    }),
  );
  const [settings] = judged.flatMap((one) => {
    if (one.kind !== 'alerting') return [];
    return [one.op === 'put' ? one.definition : defaultSettings];
  });
  return {
    // Only a dry run believes what is merely planned; a real one has written it before or was refused.
    isPlanned: (deploymentId: string) => dryRun && planned.has(deploymentId),
    isLeaving: (checkId: string) => dryRun && leaving.has(checkId),
    isLeavingRule: (ruleId: string) => dryRun && leavingRules.has(ruleId),
    isLeavingScaler: (id: string) => dryRun && leavingScalers.has(id),
    usesOf: channelUsesIn(world.state, {
      isLeavingChannel: (name: string) => channels.has(name),
      ...(dryRun && {
        isLeavingRule: (ruleId: string) => rules.has(ruleId),
        ...(settings && { settings }),
      }),
    }),
  };
};

const told = (
  { kind }: Judged,
  id: string,
  { outcome, pending }: { readonly outcome: Outcome['outcome']; readonly pending?: Pending },
  revision: number | null = null,
): Applied => ({ outcome: { kind, id, outcome, revision }, pending });
