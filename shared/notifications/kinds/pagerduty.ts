import { toIso } from '../../platform/clock.ts';
import { sha256 } from '../../platform/ids.ts';
import { cut } from '../escape.ts';
import { fitted } from '../fit.ts';
import { type Rendered, render } from '../render.ts';
import { secretField, templateFields } from './fields.ts';
import type { ChannelKind, Outgoing } from './kind.ts';
import { requireTaken } from './taken.ts';

type PagerDutyConfig = { readonly routingKey: string; readonly region: 'us' | 'eu' };

const hosts = { us: 'https://events.pagerduty.com', eu: 'https://events.eu.pagerduty.com' };

/** PagerDuty: a summary of 1,024 characters, a dedup_key of 255, 512 KB in all. */
const limits = { summary: 1024, key: 255, source: 255, text: 20_000, detail: 2000, link: 2000 };

/** Events API v2: an incident of ours is one alert there, told apart by its key. */
export const pagerduty: ChannelKind = {
  secretFields: ['routingKey'],
  config: (z) =>
    z.strictObject({
      routingKey: secretField(z).meta({ description: 'The key of an integration «Events API v2».' }),
      region: z.enum(['us', 'eu']).default('us').meta({ description: 'Where the account is served from.' }),
      ...templateFields(z),
    }),
  async send(outgoing, ports) {
    const { region } = outgoing.config as PagerDutyConfig;
    const post = async (path: string, event: unknown): Promise<void> => {
      const answer = await ports.post({ url: `${hosts[region]}${path}`, body: JSON.stringify(event) });
      requireTaken(answer, 'PagerDuty', outgoing.now);
    };
    const { kind } = outgoing.announcement;
    if (kind === 'digest') {
      // A change event: it can be read beside the alerts, and pages nobody.
      await post('/v2/change/enqueue', pagerdutyChange(outgoing));
    } else {
      const event = pagerdutyEvent(outgoing);
      await post('/v2/enqueue', event);
      // Nothing would ever end it.
      if (kind === 'test') await post('/v2/enqueue', { ...event, event_action: 'resolve' });
    }
    return {};
  },
};

/** Triggering again what is triggered or acknowledged already is noted there, and pages nobody. */
const actionOf = ({ kind, status }: Outgoing['announcement']) => {
  if (status === 'resolved') return 'resolve';
  return kind === 'acknowledged' ? 'acknowledge' : 'trigger';
};

export const pagerdutyEvent = (outgoing: Outgoing) => {
  const { announcement, incidentKey, dedupeKey } = outgoing;
  const { severity, deploymentId, kind, openedAt, alerts } = announcement;
  const rendered = render(outgoing);
  const key = kind === 'test' ? dedupeKey : incidentKey;
  const group = cut(deploymentId?.trim() ?? '', limits.source);
  const rule = cut(alerts[0]?.ruleName.trim() ?? '', limits.source);
  return {
    routing_key: (outgoing.config as PagerDutyConfig).routingKey,
    event_action: actionOf(announcement),
    // What is longer stands for itself all the same.
    dedup_key: key.length <= limits.key ? key : `homeostat:${sha256(key)}`,
    payload: {
      summary: summaryOf(rendered),
      source: group === '' ? 'homeostat' : group,
      severity,
      timestamp: toIso(openedAt),
      ...(group !== '' && { group }),
      ...(rule !== '' && { class: rule }),
      custom_details: detailsOf(rendered, dedupeKey),
    },
    links: linksOf(rendered),
  } as const;
};

export const pagerdutyChange = (outgoing: Outgoing) => {
  const rendered = render(outgoing);
  return {
    routing_key: (outgoing.config as PagerDutyConfig).routingKey,
    payload: {
      summary: summaryOf(rendered),
      source: 'homeostat',
      timestamp: toIso(outgoing.announcement.at),
      custom_details: detailsOf(rendered, outgoing.dedupeKey),
    },
    links: linksOf(rendered),
  };
};

const summaryOf = ({ title, word }: Rendered): string => cut(title === '' ? word : title, limits.summary);

const detailsOf = ({ word, text, facts, alerts, more, lines }: Rendered, dedupeKey: string) => ({
  what: word,
  ...(text !== undefined && { text: cut(text, limits.text) }),
  ...Object.fromEntries(facts.map(([name, value]) => [name, cut(value, limits.detail)])),
  ...(alerts.length > 0 && {
    alerts: alerts.map(({ name, reason, ...alert }) => ({
      name: cut(name, limits.detail),
      reason: cut(reason, limits.detail),
      ...alert,
    })),
  }),
  ...(more !== undefined && { more }),
  ...(lines.length > 0 && {
    lines: fitted(
      lines.map((line) => cut(line, limits.detail)),
      limits.text,
    ),
  }),
  dedupe_key: dedupeKey,
});

const linksOf = ({ links, alerts }: Rendered) => [
  ...links
    .filter(({ url }) => url.length <= limits.link)
    .map(({ label, url }) => ({ href: url, text: label })),
  ...[...new Set(alerts.flatMap(({ runbookUrl }) => runbookUrl ?? []))].map((href) => ({
    href,
    text: 'Runbook',
  })),
];
