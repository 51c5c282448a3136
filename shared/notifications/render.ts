import { toIso } from '../platform/clock.ts';
import type { AlertFacts, Announcement, AnnouncementKind } from './announcement.ts';
import { type Escape, oneLine, plain, webAddress } from './escape.ts';
import type { Outgoing } from './kinds/kind.ts';
import { filled, type TemplateValues } from './template.ts';

export type RenderedAlert = {
  /** `home page: GET /`. */
  readonly name: string;
  readonly state: 'firing' | 'resolved';
  readonly severity: string;
  readonly reason: string;
  readonly value: string | undefined;
  /** `since …`, or `resolved at …`. */
  readonly when: string;
  readonly runbookUrl: string | undefined;
};

/** What is told, in the words that every channel uses. Every text is one line and escaped, unless it says otherwise. */
export type Rendered = {
  /** `Firing`, `Still firing`, `Resolved` … */
  readonly word: string;
  /** A sign of the severity that can be seen from afar. */
  readonly mark: string;
  readonly title: string;
  /** `[Firing, critical] checkout is down`. */
  readonly heading: string;
  /** What the channel's own template says in place of facts and alerts, and what is said in any case; may have several lines. */
  readonly text: string | undefined;
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly alerts: readonly RenderedAlert[];
  /** `and 12 more`. */
  readonly more: string | undefined;
  readonly lines: readonly string[];
  /** Web addresses of our own, not escaped. */
  readonly links: readonly { readonly label: string; readonly url: string; readonly action: LinkName }[];
};
export type LinkName = 'incident' | 'acknowledge' | 'silence' | 'approve' | 'console';

const words: Readonly<Record<AnnouncementKind, string>> = {
  firing: 'Firing',
  update: 'Update',
  reminder: 'Still firing',
  escalated: 'Escalated',
  acknowledged: 'Acknowledged',
  unacknowledged: 'Acknowledgement withdrawn',
  resolved: 'Resolved',
  digest: 'Digest',
  test: 'Test',
  approval: 'Approval needed',
};
/** What ends the asking says what people decided, or that nobody did. */
const wordOf = ({ kind, plan }: Announcement): string =>
  kind === 'resolved' && plan !== undefined ? 'Decided' : words[kind];

const marks = { info: '🔵', warning: '🟡', error: '🟠', critical: '🔴' } as const;

/** `2026-01-31 12:00:00 UTC`. */
export const instantText = (at: number): string => `${toIso(at).slice(0, 19).replace('T', ' ')} UTC`;

/** `12 min 30 s`: the two largest units. */
export const spanText = (milliseconds: number): string => {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  const units = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ] as const;
  const first = units.findIndex(([count]) => count > 0);
  if (first < 0) return '0 s';
  return units
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ');
};

/** How long it was down, ms; undefined while it is. */
export const downtimeMs = ({ status, openedAt, resolvedAt }: Announcement): number | undefined =>
  status === 'resolved' && resolvedAt !== undefined ? Math.max(0, resolvedAt - openedAt) : undefined;

/** What every value looks like: six digits are more than anybody reads. */
const valueText = (value: number | null): string | undefined =>
  value === null ? undefined : String(Number(value.toPrecision(6)));

export const render = (outgoing: Outgoing, escaped: Escape = plain): Rendered => {
  const { announcement, config } = outgoing;
  const word = wordOf(announcement);
  const line: Escape = (text) => escaped(oneLine(text));
  const values = templateValuesOf(outgoing);
  const title =
    typeof config.title === 'string' ? filled(config.title, values, line) : line(announcement.title);
  const ownText =
    typeof config.text === 'string' && announcement.kind !== 'digest' && announcement.plan === undefined
      ? filled(config.text, values, line)
      : '';
  const asides = asidesOf(announcement).map(([name, value]) => `${name}: ${line(value)}`);
  const told = announcement.alerts.length;
  const more = Math.max(0, announcement.firing + announcement.resolved - told);
  return {
    word,
    mark: announcement.status === 'resolved' ? '✅' : marks[announcement.severity],
    title,
    heading: `[${word}, ${announcement.severity}] ${title}`,
    text: ownText.trim() === '' ? undefined : [ownText, ...asides].join('\n'),
    facts: factsOf(announcement).map(([name, value]) => [name, line(value)] as const),
    alerts: announcement.alerts.map((alert) => renderAlert(alert, line)),
    more: more > 0 && told > 0 ? `and ${more} more` : undefined,
    lines: (announcement.lines ?? []).map(line),
    links: linksOf(outgoing),
  };
};

/** Where what a team writes around placeholders is text too. */
export const withTextTemplates = (outgoing: Outgoing, escaped: Escape): Outgoing => {
  const { title, text } = outgoing.config;
  const templates = {
    ...(typeof title === 'string' && { title: escaped(title) }),
    ...(typeof text === 'string' && { text: escaped(text) }),
  };
  return { ...outgoing, config: { ...outgoing.config, ...templates } };
};

const renderAlert = (alert: AlertFacts, line: Escape): RenderedAlert => ({
  name: line(alert.subject === alert.ruleName ? alert.ruleName : `${alert.ruleName}: ${alert.subject}`),
  state: alert.state,
  severity: alert.severity,
  reason: line(alert.reason),
  value: valueText(alert.value),
  when:
    alert.state === 'resolved' && alert.resolvedAt !== undefined
      ? `resolved at ${instantText(alert.resolvedAt)}`
      : `since ${instantText(alert.firedAt)}`,
  runbookUrl: webAddress(alert.runbookUrl),
});

const countsText = ({ firing, resolved }: Announcement): string =>
  [firing > 0 && `${firing} firing`, resolved > 0 && `${resolved} resolved`].filter(Boolean).join(', ');

const factsOf = (announcement: Announcement): readonly (readonly [string, string])[] => {
  const { kind, deploymentId, openedAt, resolvedAt, by } = announcement;
  if (kind === 'digest' || kind === 'test') return [];
  if (announcement.plan !== undefined) return planFacts(announcement, announcement.plan);
  const downtime = downtimeMs(announcement);
  const counts = countsText(announcement);
  return [
    ...(deploymentId === null ? [] : [['Deployment', deploymentId] as const]),
    ...(counts === '' ? [] : [['Alerts', counts] as const]),
    ['Since', instantText(openedAt)],
    ...(downtime !== undefined && resolvedAt !== undefined
      ? ([
          ['Resolved', instantText(resolvedAt)],
          ['Downtime', spanText(downtime)],
        ] as const)
      : []),
    ...(by === undefined ? [] : [[kind === 'resolved' ? 'Resolved by' : 'By', by] as const]),
    ...asidesOf(announcement),
  ];
};

const planFacts = (
  announcement: Announcement,
  { hash, approveBy }: NonNullable<Announcement['plan']>,
): readonly (readonly [string, string])[] => {
  const { kind, deploymentId, openedAt, resolvedAt, by } = announcement;
  return [
    ...(deploymentId === null ? [] : [['Deployment', deploymentId] as const]),
    ['Plan', hash.slice(0, 12)],
    ['Asked', instantText(openedAt)],
    ...(kind === 'approval'
      ? [['Approve by', `${instantText(approveBy)}; after that it counts as rejected`] as const]
      : []),
    ...(resolvedAt === undefined ? [] : [['Decided', instantText(resolvedAt)] as const]),
    ...(by === undefined ? [] : [['By', by] as const]),
    ...asidesOf(announcement),
  ];
};

/** What is said whatever words a team has for the rest. */
const asidesOf = ({ inPlaceOf, note }: Announcement): readonly (readonly [string, string])[] => [
  ...(inPlaceOf === undefined ? [] : [['In place of', `${inPlaceOf}, which cannot be reached`] as const]),
  ...(note === undefined ? [] : [['Note', note] as const]),
];

const templateValuesOf = ({ announcement, channelName }: Outgoing): TemplateValues => {
  const { alerts, openedAt } = announcement;
  const downtime = downtimeMs(announcement);
  const labels = new Map<string, string>();
  for (const alert of alerts) {
    for (const [name, value] of Object.entries(alert.labels)) {
      const earlier = labels.get(name);
      if (earlier === undefined) labels.set(name, value);
      // Where alerts differ, the template tells each value once.
      else if (!earlier.split(', ').includes(value)) labels.set(name, `${earlier}, ${value}`);
    }
  }
  return {
    title: announcement.title,
    severity: announcement.severity,
    deployment: announcement.deploymentId ?? '',
    status: wordOf(announcement),
    reason: alerts[0]?.reason ?? announcement.lines?.join('; ') ?? '',
    runbookUrl: alerts.find(({ runbookUrl }) => runbookUrl !== undefined)?.runbookUrl ?? '',
    firing: String(announcement.firing),
    resolved: String(announcement.resolved),
    since: instantText(openedAt),
    downtime: downtime === undefined ? '' : spanText(downtime),
    by: announcement.by ?? '',
    channel: channelName,
    labels,
  };
};

/** What is over needs nobody to take it on. */
const linksOf = ({ announcement, links }: Outgoing): Rendered['links'] => {
  const isOver = announcement.status === 'resolved';
  const offered = [
    { action: 'incident', label: 'Open incident', url: links.incident },
    {
      action: 'acknowledge',
      label: 'Acknowledge',
      url: isOver || announcement.kind === 'acknowledged' ? undefined : links.acknowledge,
    },
    { action: 'silence', label: 'Silence', url: isOver ? undefined : links.silence },
    { action: 'approve', label: 'Review the plan', url: isOver ? undefined : links.approve },
    { action: 'console', label: 'Open in the console', url: links.console },
  ] as const;
  return offered.flatMap(({ action, label, url }) => {
    const address = webAddress(url);
    return address === undefined ? [] : [{ action, label, url: address }];
  });
};
