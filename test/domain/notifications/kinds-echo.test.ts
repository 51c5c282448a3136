import { afterEach, expect, test } from 'vitest';
import type { ChannelType } from '../../../shared/notifications/channel.ts';
import { deliver } from '../../../shared/notifications/deliver.ts';
import { outgoing } from './announcements.ts';
import { openReceiver, portsInPlaceOf, refusalOf, sendTools } from './receivers.ts';

const canary = '123456:Canary-canary-canary-canary';
const path = '/api/webhooks/1/canarycanarycanary';

let receiver: Awaited<ReturnType<typeof openReceiver>> | undefined;
afterEach(() => receiver?.close());

const held = `\${secret:CANARY}`;
type Told = readonly [type: ChannelType, config: (url: string) => Record<string, unknown>];
const told: readonly Told[] = [
  ['pagerduty', () => ({ routingKey: held, region: 'us' })],
  ['teams', () => ({ url: `\${secret:HOOK}` })],
  ['discord', () => ({ url: `\${secret:HOOK}` })],
  ['telegram', (url) => ({ token: held, chatId: 1, apiUrl: `${url}/` })],
  ['github', (url) => ({ token: held, repository: 'a/b', labels: ['x'], apiUrl: `${url}/` })],
  ['jira', (url) => ({ url: `${url}/`, email: 'a@example.com', token: held, projectKey: 'OPS', labels: [] })],
];

/** Every way in which a server may have written it. */
const traces = (text: string): readonly string[] => {
  const forms = [canary, `a@example.com:${canary}`, path].flatMap((value) => [
    value,
    encodeURIComponent(value),
    Buffer.from(value).toString('base64').replace(/=+$/, ''),
  ]);
  return [...forms, 'canary', 'Canary'].filter((form) => text.includes(form));
};

const tell = async ([type, config]: Told) => {
  const url = receiver?.url ?? '';
  const { announcement, dedupeKey, incidentKey, thread, links } = outgoing();
  const values: Readonly<Record<string, string>> = { CANARY: canary, HOOK: `${url}${path}` };
  return deliver(
    { name: 'on call', type, config: config(url) },
    { announcement, dedupeKey, incidentKey, thread, links },
    {
      ports: portsInPlaceOf('https://events.pagerduty.com', url),
      checkSecrets: { read: async (name: string) => values[name] },
      clock: sendTools().clock,
    },
  );
};

test.each(told.flatMap((one) => [400, 500].map((status) => [one[0], status, one] as const)))(
  'what %s is sent holds the secret, what it refuses with %i does not, though it says all of it back (fault 29)',
  async (_type, status, one) => {
    receiver = await openReceiver((request, response) => {
      const { authorization = '' } = request.headers;
      response.writeHead(status).end(`${authorization} ${request.path} ${request.body.slice(0, 100)}`);
    });
    const error = await refusalOf(tell(one));
    expect(traces(JSON.stringify(receiver.received))).not.toEqual([]);
    expect(error.message).toContain('[secret]');
    expect(traces(`${error.message} ${error.stack} ${JSON.stringify(error)}`)).toEqual([]);
  },
);

test.each(told.map((one) => [one[0], one] as const))(
  'nor is it told when nothing answers at %s (fault 29)',
  async (_type, one) => {
    receiver = await openReceiver();
    await receiver.close();
    const error = await refusalOf(tell(one));
    expect(error.isFinal).toBe(false);
    expect(traces(`${error.message} ${error.stack}`)).toEqual([]);
  },
);
