import { describe, expect, it, test } from 'vitest';
import type { Announcement } from '../../../shared/notifications/announcement.ts';
import { type ChannelType, channelTypes } from '../../../shared/notifications/channel.ts';
import { slackText } from '../../../shared/notifications/escape.ts';
import type { SendPorts } from '../../../shared/notifications/kinds/kind.ts';
import { channelKinds } from '../../../shared/notifications/kinds/registry.ts';
import { slackMessage } from '../../../shared/notifications/kinds/slack-blocks.ts';
import { render } from '../../../shared/notifications/render.ts';
import { announcement, noon, outgoing } from './announcements.ts';

const approve = 'https://homeostat.example.com/api/v1/monitoring/act/plan.token';
const links = { incident: undefined, acknowledge: undefined, silence: undefined, approve };
const hash = '0123456789abcdef'.repeat(4);
const line = 'Set main/web from 2 to 4 tasks. [ecs-service main/web; risk medium; can be undone]';

/** A plan that waits for people, and its end. */
const asking = (given: Partial<Announcement> = {}): Announcement =>
  announcement({
    incidentId: `plan:${hash}`,
    groupKey: `plan:${hash}`,
    kind: 'approval',
    title: 'Set main/web from 2 to 4 tasks. (web answers 503)',
    severity: 'error',
    firing: 0,
    alerts: [],
    by: 'policy:careful',
    lines: [line],
    plan: { hash, approveBy: noon + 3_600_000 },
    ...given,
  });
const decided = asking({
  no: 2,
  kind: 'resolved',
  status: 'resolved',
  resolvedAt: noon + 60_000,
  by: 'token:ann',
  note: 'approved by token:ann',
  lines: undefined,
});

const configs: Readonly<Record<ChannelType, Readonly<Record<string, unknown>>>> = {
  sns: {},
  slack: { url: 'https://hooks.example.com/a' },
  webhook: { url: 'https://hooks.example.com/b', format: 'alertmanager' },
  email: { transport: 'ses', from: 'a@example.com', to: ['b@example.com'] },
  eventbridge: {},
  pagerduty: { routingKey: 'key', region: 'us' },
  teams: { url: 'https://hooks.example.com/c' },
  discord: { url: 'https://hooks.example.com/d' },
  telegram: { token: `123456:${'a'.repeat(30)}`, chatId: 1 },
  github: { token: 'token', repository: 'example/operations', labels: ['homeostat'] },
  jira: {
    url: 'https://jira.example.com/',
    token: 'token',
    projectKey: 'OPS',
    issueType: 'Task',
    labels: [],
  },
};

/** All that a channel of the type hands to the outside world for one announcement. */
const toldBy = async (
  type: ChannelType,
  told: Announcement,
  config: Readonly<Record<string, unknown>> = {},
): Promise<string> => {
  const sent: unknown[] = [];
  const keep = async (message: unknown) => {
    sent.push(message);
  };
  const ports: SendPorts = {
    post: async (request) => {
      sent.push(request);
      const body = JSON.stringify({
        ok: true,
        number: 1,
        key: 'OPS-1',
        issues: [],
        result: { message_id: 1 },
      });
      return { status: 200, headers: {}, body };
    },
    smtp: keep,
    ses: keep,
    sns: keep,
    event: keep,
  };
  const whole = { ...configs[type], ...config };
  await channelKinds[type].send(outgoing({ announcement: told, config: whole, links }), ports);
  return JSON.stringify(sent);
};

describe('a plan that waits for people', () => {
  test.each(channelTypes)('%s tells what it would do, until when, and where to decide', async (type) => {
    const told = await toldBy(type, asking());
    // Marks of each channel's own stand between the letters.
    const bare = told.replaceAll('\\\\', '');
    expect(bare).toContain('risk medium');
    expect(bare).toContain('2026-01-31 13:00:00 UTC');
    expect(told).toContain(approve.slice(8));
    expect(told).not.toMatch(/Acknowledge|Silence/);
  });

  // Trackers close the ticket that they opened, which is tested with them.
  const tellers = channelTypes.filter((type) => type !== 'github' && type !== 'jira');
  test.each(tellers)('%s tells who decided what', async (type) => {
    const told = await toldBy(type, decided);
    expect(told.replaceAll('\\', '')).toContain('approved by token:ann');
  });

  it('is a question in Slack with a button that opens its page', () => {
    const { text, blocks } = slackMessage(
      render(outgoing({ announcement: asking(), links }), slackText),
      'key',
    );
    expect(text).toBe('🟠 [Approval needed, error] Set main/web from 2 to 4 tasks. (web answers 503)');
    expect(blocks.at(-1)).toEqual({
      type: 'actions',
      elements: [
        {
          type: 'button',
          text: { type: 'plain_text', text: 'Review the plan' },
          url: approve,
          action_id: 'homeostat-approve',
        },
      ],
    });
  });

  it('is told in our words, whatever a team has for its alerts: what is decided must be seen', () => {
    const config = { text: '{{reason}}' };
    const { word, text, lines, facts } = render(outgoing({ announcement: asking(), config, links }));
    expect([word, text, lines]).toEqual(['Approval needed', undefined, [line]]);
    expect(facts).toEqual([
      ['Deployment', 'web-shop'],
      ['Plan', '0123456789ab'],
      ['Asked', '2026-01-31 12:00:00 UTC'],
      ['Approve by', '2026-01-31 13:00:00 UTC; after that it counts as rejected'],
      ['By', 'policy:careful'],
    ]);
    expect(render(outgoing({ announcement: decided, links })).word).toBe('Decided');
  });
});
