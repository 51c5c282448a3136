import type { CheckStatus } from '../platform/events.ts';
import { bucketOf, sha256 } from '../platform/ids.ts';
import type { Condition } from './conditions/condition.ts';
import type { MaintenanceWindow } from './maintenance.ts';

/** Where a check runs from: `public` outside any VPC, `vpc` from the runner in the configured VPC. */
export type Network = 'public' | 'vpc';

/** Who owns an object: what a file brought, only the file changes; what the API brought, only the API. */
export type Owner = 'file' | 'api';

/** What runs a check: `network` probes a target over its network; the others have shards of their own. */
export type KindClass = 'network' | 'heartbeat' | 'composite' | 'resource';

/** A check named by another check. */
export type CheckReference = { readonly deploymentId: string; readonly name: string };

/** A validated definition of how to look at one target. `config` is what the kind's own schema gave. */
export type CheckDefinition = {
  readonly deploymentId: string;
  readonly name: string;
  readonly type: string;
  readonly target: string;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  /** More attempts inside a slot after a failed one. */
  readonly retries: number;
  readonly failureThreshold: number;
  /** With it, `failureThreshold` failures among the last so many results make it unhealthy; without it, in a row. */
  readonly failureWindow?: number | undefined;
  readonly successThreshold: number;
  /** A slower success counts as degraded. */
  readonly degradedAboveMs?: number | undefined;
  /** Each must hold for a success; parsed when saved. */
  readonly conditions?: readonly Condition[] | undefined;
  /** While this check is down, trouble of the present one is recorded and not told. */
  readonly parent?: CheckReference | undefined;
  readonly maintenance?: readonly MaintenanceWindow[] | undefined;
  /** Its status may be shown without a token: badges, and the status pages that name it. */
  readonly isPublic?: boolean | undefined;
  /** Left out for `network`. */
  readonly class?: Exclude<KindClass, 'network'> | undefined;
  readonly network: Network;
  readonly tags: Readonly<Record<string, string>>;
  readonly config: Readonly<Record<string, unknown>>;
  readonly isActive: boolean;
};

/** A check as people name it: by its name alone one of the same deployment. */
export type NamedCheck = string | CheckReference;

export const referenceOf = (named: NamedCheck, deploymentId: string): CheckReference =>
  typeof named === 'string'
    ? { deploymentId, name: named }
    : { deploymentId: named.deploymentId, name: named.name };

/** The checks that a composite is made of, in the order given; none for all others. */
export const membersOf = ({
  type,
  config,
  deploymentId,
}: Pick<CheckDefinition, 'type' | 'config' | 'deploymentId'>): readonly CheckReference[] =>
  type === 'composite' && Array.isArray(config.members)
    ? config.members.map((member: NamedCheck) => referenceOf(member, deploymentId))
    : [];

/** Where the projector put a check: `no` is its number in the shard, never used again there. */
export type Placement = {
  readonly shard: string;
  readonly no: number;
  /** The definition's revision that the plan now holds. */
  readonly revision: number;
  /** Epoch ms: since when the check has been in this shard. */
  readonly placedAt: number;
};

/** A check as the registry keeps it: the truth. Plans and statuses are made from it. */
export type CheckRecord = {
  readonly id: string;
  readonly accountId: string;
  readonly region: string;
  /** The runner location; one a stack today, more later. */
  readonly location: string;
  readonly definition: CheckDefinition;
  /** Grows by one with each write of the definition; the ETag. */
  readonly revision: number;
  readonly managedBy: Owner;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Set when removed; the item then expires, and until then keeps the revision growing. */
  readonly deletedAt?: number;
  /** Set while people paused it; applying a file does not end that. */
  readonly pausedAt?: number;
  /** `slow` while it hangs so often that it runs apart from the others. Only the projector knows it, from `check.paced`. */
  readonly pace?: 'slow';
  /** Newest first; more than one while results of an earlier shard are still kept. At most five. */
  readonly placements: readonly Placement[];
};

/** Paused by its definition or by people: not probed, unknown, and no part of any whole. */
export const isPaused = ({ definition, pausedAt }: CheckRecord): boolean =>
  !definition.isActive || pausedAt !== undefined;

/**
 * What identifies a check: deployment and name, so a renamed check is a new one. The first eight characters are
 * the deployment's, so that the checks of one deployment lie together in their bucket.
 */
export const checkIdOf = (deploymentId: string, name: string): string =>
  `${deploymentPrefixOf(deploymentId)}${sha256(`${deploymentId}\n${name}`).slice(0, 16)}`;

export const deploymentPrefixOf = (deploymentId: string): string => sha256(deploymentId).slice(0, 8);

export const checkBuckets = 8;
/** The bucket hangs on the deployment part alone: one query lists the checks of a deployment. */
export const checkBucketOf = (checkId: string): number => bucketOf(checkId.slice(0, 8), checkBuckets);

/** Keys of the registry: `CHECKS#<0–7>` / `<checkId>` in `state`. */
export const checkKey = (checkId: string) => ({ pk: `CHECKS#${checkBucketOf(checkId)}`, sk: checkId });

/** A check's standing as people read it. `lastChecked` is the slot of the last folded result. */
export type CheckStanding = {
  readonly status: CheckStatus;
  readonly lastCheckedAt: number | null;
  readonly responseTimeMs: number | null;
  /** A sentence: why the status is what it is; always there when not healthy. */
  readonly reason: string | null;
  /** Epoch ms: since when this status holds; null while never known. */
  readonly since: number | null;
};

/** One stored result of one check, as history shows it. */
export type CheckResult = {
  readonly at: number;
  readonly status: CheckStatus;
  readonly responseTimeMs: number | null;
  readonly reason: string | null;
  /** Phase timings in milliseconds; what a kind has not is left out. */
  readonly phases: Readonly<Partial<Record<'dns' | 'connect' | 'tls' | 'firstByte' | 'total', number>>>;
  readonly attempts: number;
  /** `http`: the status code of the last answer. */
  readonly statusCode?: number;
  /** The run that was asked for; slots have none. */
  readonly runId?: string;
};
