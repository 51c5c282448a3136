import type { Paced } from './pace-note.ts';

/** An event after which a check's place in the plans is looked at anew. */
export type PlanChange = { readonly checkId: string; readonly paced?: Paced };

/** Reads `check.changed` or `check.paced` as EventBridge hands it on; throws when it is neither. */
export const parsePlanChange = (body: unknown): PlanChange => {
  const event = (body ?? {}) as { readonly 'detail-type'?: unknown; readonly detail?: unknown };
  const { checkId, pace, at } = (event.detail ?? {}) as Record<string, unknown>;
  if (typeof checkId !== 'string' || !/^[0-9a-f]{24}$/.test(checkId)) {
    throw new Error('the event names no check: detail.checkId is missing');
  }
  if (event['detail-type'] !== 'check.paced') return { checkId };
  const instant = Date.parse(String(at));
  if ((pace !== 'slow' && pace !== 'usual') || Number.isNaN(instant)) {
    throw new Error('the event tells no pace: detail.pace is slow or usual, detail.at an instant');
  }
  return { checkId, paced: { checkId, pace, at: instant } };
};
