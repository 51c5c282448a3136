import { keepRemediation, type RemediationNote } from '../incidents/index.ts';
import { sha256 } from '../platform/ids.ts';
import type { Table } from '../storage/table.ts';
import { readLog } from './log.ts';
import type { LogEntry, Remediation } from './remediation.ts';
import { readRemediation } from './store.ts';

/** What people want to read between alerts and messages; each call stands in the record of the remediation itself. */
const shownKinds: readonly LogEntry['kind'][] = [
  'planned',
  'asked',
  'approved',
  'rejected',
  'held',
  'applied',
  'not_applied',
  'verified',
  'not_verified',
  'retry',
  'cancelled',
  'ended',
];

const words: Readonly<Record<LogEntry['kind'], string>> = {
  planned: 'Remedy planned',
  asked: 'Approval asked for',
  approved: 'Approved',
  rejected: 'Rejected',
  held: 'Held back',
  started: 'Started',
  call: 'Called',
  applied: 'Applied',
  not_applied: 'Not applied',
  verified: 'Verified',
  not_verified: 'Not verified',
  retry: 'Tried again',
  cancelled: 'Cancelled',
  ended: 'Remediation over',
};

const longestText = 500;

/** What one action showed: the verdict beside it says it, too. */
const isReading = ({ kind, after }: LogEntry): boolean =>
  (kind === 'verified' || kind === 'not_verified') && after !== undefined;

/** Pure: the record as the timeline of an incident tells it. The same record gives the same entries. */
export const timelineOf = (remediation: Remediation, log: readonly LogEntry[]): RemediationNote => {
  const { plan, startedAt } = remediation;
  const entries = log
    .filter((entry) => shownKinds.includes(entry.kind) && !isReading(entry))
    .map((entry) => {
      const { at, kind, by, attempt, text } = entry;
      const times = attempt > 1 ? ` (attempt ${attempt})` : '';
      // Entries of one instant are told by their ids, and the end comes last.
      const rank = String(shownKinds.indexOf(kind)).padStart(2, '0');
      const digest = sha256(JSON.stringify([at, kind, attempt, text])).slice(0, 12);
      return {
        id: `remedy-${plan.hash.slice(0, 12)}-${rank}-${digest}`,
        at,
        text: `${words[kind]}${times}: ${text}`.slice(0, longestText),
        by: by === 'homeostat' ? null : by,
      };
    });
  const checkIds = [...new Set([...plan.occasion.checkIds, ...plan.verification.checkIds])];
  return { deploymentId: plan.deploymentId, checkIds, startedAt, entries };
};

/** A record is short: a plan has a few attempts of a few calls. */
const mostEntries = 1000;

/** Brings the timelines of the incidents it is about to what its record says by now. Once more changes nothing. */
export const noteRemediation = async (
  state: Pick<Table, 'get' | 'query' | 'put'>,
  planHash: string,
): Promise<void> => {
  const remediation = await readRemediation(state, planHash);
  if (!remediation) return;
  const log: LogEntry[] = [];
  let cursor: string | undefined;
  do {
    const page = await readLog(state, planHash, { limit: 200, cursor });
    log.push(...page.entries);
    cursor = page.next;
  } while (cursor !== undefined && log.length < mostEntries);
  await keepRemediation(state, timelineOf(remediation, log));
};
