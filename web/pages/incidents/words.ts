import type { Schemas } from '../../client/operations.ts';

export type Incident = Schemas['Incident'];
export type IncidentDetail = Schemas['IncidentDetail'];
export type MemberAlert = IncidentDetail['alerts'][number];
export type Told = IncidentDetail['notifications'][number];
export type Entry = Schemas['TimelineEntry'];

type Tone = 'good' | 'warn' | 'bad' | 'calm' | 'plain';

/** Who did something: `admin`, `token:<id>` and `link:<channel>` as people say it. */
export const principalWords = (principal: string): string => {
  if (principal.startsWith('token:')) return `token ${principal.slice(6)}`;
  if (principal.startsWith('link:')) return `the link in ${principal.slice(5)}`;
  return principal;
};

export const statusWords = ({
  status,
  acknowledgedBy,
}: Pick<Incident, 'status' | 'acknowledgedBy'>): { readonly word: string; readonly tone: Tone } => {
  if (status === 'open') return { word: 'open', tone: 'bad' };
  if (status === 'resolved') return { word: 'resolved', tone: 'good' };
  const by = acknowledgedBy === null ? '' : ` by ${principalWords(acknowledgedBy)}`;
  return { word: `acknowledged${by}`, tone: 'calm' };
};

/** Seconds from opened to resolved, or to now (epoch ms) while it goes on. */
export const lastedSeconds = (
  { openedAt, duration }: Pick<Incident, 'openedAt' | 'duration'>,
  now: number,
): number => duration ?? Math.max(0, (now - Date.parse(openedAt)) / 1000);

const times = (count: number): string => (count === 1 ? 'once' : count === 2 ? 'twice' : `${count} times`);

/** What is unusual about it, as sentences; none where nothing is. */
export const oddities = ({
  isFlapping,
  reopenings,
  escalationStep,
}: Pick<Incident, 'isFlapping' | 'reopenings' | 'escalationStep'>): readonly string[] => [
  ...(isFlapping ? ['It goes back and forth: channels are told once it stands still.'] : []),
  ...(reopenings > 0
    ? [`It was opened again ${times(reopenings)}: it had been resolved, and came back within 10 minutes.`]
    : []),
  ...(escalationStep > 0 ? [`It was escalated ${times(escalationStep)}.`] : []),
];

/** Why nobody is told of an alert. */
export const heldWords: Readonly<Record<NonNullable<MemberAlert['held']>, string>> = {
  muted: 'Nobody is told: a silence or maintenance covers it.',
  parent: 'Nobody is told of it by itself: the check it hangs on is down, and that is told.',
  info: 'Mere information: it stands in the daily digest.',
  wait: 'Not told yet: what fails together is gathered for a moment first.',
  channel: 'Nobody is told: there is no channel. Add one, or name one in the rule.',
};

export type EntryWords = { readonly word: string; readonly shape: string; readonly tone: Tone };

export const entryWords: Readonly<Record<Entry['kind'], EntryWords>> = {
  opened: { word: 'Opened', shape: '●', tone: 'bad' },
  reopened: { word: 'Opened again', shape: '↺', tone: 'bad' },
  joined: { word: 'Alert joined', shape: '+', tone: 'warn' },
  cleared: { word: 'Alert over', shape: '−', tone: 'good' },
  held: { word: 'Held back', shape: '∅', tone: 'plain' },
  told: { word: 'Told', shape: '➤', tone: 'plain' },
  untold: { word: 'Nobody was told', shape: '!', tone: 'warn' },
  acknowledged: { word: 'Acknowledged', shape: '⚑', tone: 'calm' },
  unacknowledged: { word: 'Given back', shape: '↩', tone: 'warn' },
  commented: { word: 'Comment', shape: '“', tone: 'plain' },
  published: { word: 'Update', shape: '◉', tone: 'calm' },
  escalated: { word: 'Escalated', shape: '↑', tone: 'warn' },
  flapping: { word: 'Goes back and forth', shape: '≈', tone: 'warn' },
  resolved: { word: 'Resolved', shape: '✓', tone: 'good' },
  remediation: { word: 'Remediation', shape: '⚒', tone: 'calm' },
};

const messageWords: Readonly<Record<string, string>> = {
  firing: 'that it fires',
  update: 'what changed',
  reminder: 'a reminder',
  escalated: 'that it was escalated',
  acknowledged: 'that somebody has it',
  unacknowledged: 'that nobody has it any more',
  resolved: 'that it is over',
  digest: 'the digest',
  test: 'a test',
  approval: 'that a plan waits for approval',
};
/** What a message to a channel says, by its kind. */
export const messageWord = (kind: string): string =>
  Object.hasOwn(messageWords, kind) ? (messageWords[kind] ?? kind) : kind;

/** How it stands between the incident and one channel, the worst of it. */
export const deliveryWords = ({
  isUndelivered,
  failingSince,
  unsent,
  sent,
}: Pick<Told, 'isUndelivered' | 'failingSince' | 'unsent' | 'sent'>): {
  readonly word: string;
  readonly tone: Tone;
} => {
  if (isUndelivered) return { word: 'not delivered', tone: 'bad' };
  if (failingSince !== null && unsent.length > 0) return { word: 'failing, tried again', tone: 'warn' };
  if (unsent.length > 0) return { word: 'on its way', tone: 'calm' };
  return sent.length > 0 ? { word: 'delivered', tone: 'good' } : { word: 'nothing to tell', tone: 'plain' };
};

/** A link that somebody wrote; undefined unless it leads to a web page: `javascript:` and the like are no links. */
export const webLink = (url: string | null): string | undefined => {
  if (url === null || !URL.canParse(url)) return undefined;
  const { protocol, href } = new URL(url);
  return protocol === 'https:' || protocol === 'http:' ? href : undefined;
};

/** The check an alert is about; undefined where it is about something else. */
export const checkIdOf = ({ key }: Pick<MemberAlert['subject'], 'key'>): string | undefined =>
  key.startsWith('check:') ? key.slice('check:'.length) : undefined;

/** The timeline with what somebody here wrote just now: the API kept it, and puts it there some seconds later. */
export const withWritten = (entries: readonly Entry[], written: readonly Entry[]): readonly Entry[] => [
  ...entries,
  ...written.filter((mine) => !entries.some(({ kind, text }) => kind === mine.kind && text === mine.text)),
];

/** The first characters of the id of the remediation that an entry of a timeline tells of. */
export const remediationPrefixOf = ({ kind, id }: Pick<Entry, 'kind' | 'id'>): string | undefined =>
  kind === 'remediation' ? /^remedy-([0-9a-f]{12})-/.exec(id)?.[1] : undefined;
