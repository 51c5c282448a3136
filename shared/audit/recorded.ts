import { toIso } from '../platform/clock.ts';
import type { Place } from '../platform/environment.ts';
import type { AuditAction, HomeostatEvent } from '../platform/events.ts';

/**
 * One write, as the audit keeps it. `before` and `after` are what answers show of the thing, so that whoever hands them
 * over has hidden its secrets; null where it was not there before, or is not there any more.
 */
export type Change = {
  /** `admin`, `token:<id>`, `link:<channel>` or `homeostat`. */
  readonly by: string;
  readonly action: AuditAction;
  /** check, deployment, token, rule, channel, silence, maintenance, settings, incident … */
  readonly kind: string;
  readonly subjectId: string;
  readonly name: string;
  /** Null for what belongs to the whole stack: only who reaches all deployments reads of it. */
  readonly deploymentId: string | null;
  readonly before: unknown;
  readonly after: unknown;
};

/** Of each side so much is kept: twenty such events still fit into the outbox of one item (400 KB). */
const mostBytes = 8 * 1024;

/**
 * The event of a write. `id` is unique for each (`audit:<kind>:<subjectId>@<revision>`), the same when it is told again;
 * `at` is epoch ms.
 */
export const recorded = (
  change: Change,
  facts: { readonly id: string; readonly at: number; readonly place: Place },
): HomeostatEvent => ({
  type: 'audit.recorded',
  detail: {
    id: facts.id,
    at: toIso(facts.at),
    accountId: facts.place.accountId,
    region: facts.place.region,
    by: change.by,
    action: change.action,
    kind: change.kind,
    subjectId: change.subjectId,
    name: change.name,
    deploymentId: change.deploymentId,
    before: kept(change.before),
    after: kept(change.after),
  },
});

const kept = (side: unknown): unknown => {
  const text = JSON.stringify(side ?? null);
  const bytes = Buffer.byteLength(text);
  if (bytes > mostBytes) return `It has ${bytes} bytes; the audit keeps up to ${mostBytes}.`;
  // What JSON leaves out (undefined) no reader of the event would see either.
  return JSON.parse(text);
};
