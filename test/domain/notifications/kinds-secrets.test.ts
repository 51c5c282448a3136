import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it, test } from 'vitest';
import { deliver } from '../../../shared/notifications/deliver.ts';
import { NotSent } from '../../../shared/notifications/kinds/kind.ts';
import { outgoing } from './announcements.ts';
import { openReceiver, portsTo, type Received, sendTools } from './receivers.ts';

const canary = 'canary-7f3a"é/+=';
const path = 'T0CANARY00/B0CANARY00/canarycanarycanary';

let receiver: Awaited<ReturnType<typeof openReceiver>> | undefined;
afterEach(() => receiver?.close());

/** Says back all that it was sent, as broken servers and debugging proxies do. */
const echo = (status: number) => (request: Received, response: ServerResponse) =>
  void response
    .writeHead(status, { 'content-type': 'text/plain' })
    .end(`no route for ${request.method} ${request.path} ${JSON.stringify(request.headers)} ${request.body}`);

const values = () => ({
  CANARY: canary,
  ASCII: 'canary-ascii-1234',
  HOOK: `${receiver?.url}/services/${path}`,
});
/** Anew each time: what was read is kept for a minute. */
const openSecrets = () => ({ read: async (name: string) => (values() as Record<string, string>)[name] });
const tell = (type: 'slack' | 'webhook', config: Record<string, unknown>) => {
  const { announcement, dedupeKey, incidentKey, thread, links } = outgoing();
  return deliver(
    { name: 'on call', type, config },
    { announcement, dedupeKey, incidentKey, thread, links },
    { ports: portsTo(), checkSecrets: openSecrets(), clock: sendTools().clock },
  );
};
const refusal = async (sending: Promise<unknown>): Promise<NotSent> => {
  const error = await sending.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof NotSent)) throw new Error(`not refused: ${String(error)}`);
  return error;
};

describe('the values of secrets are put in when something is sent, and stand in no error (fault 29)', () => {
  test.each([400, 500])('neither when the receiver says all of it back with %i', async (status) => {
    receiver = await openReceiver(echo(status));
    const error = await refusal(
      tell('webhook', {
        url: `\${secret:HOOK}`,
        format: 'homeostat',
        secrets: [`\${secret:CANARY}`],
        headers: { authorization: `Bearer \${secret:ASCII}` },
      }),
    );
    const [received] = receiver.received;
    expect(received?.path).toBe(`/services/${path}`);
    expect(received?.headers.authorization).toBe('Bearer canary-ascii-1234');
    expect(error.message).toContain('[secret]');
    expect(error.message.toLowerCase()).not.toContain('canary');
    expect(error.stack?.toLowerCase()).not.toContain('canary-');
    expect(JSON.stringify(error).toLowerCase()).not.toContain('canary');
  });

  it('nor when nothing answers at an address that is secret', async () => {
    receiver = await openReceiver();
    await receiver.close();
    const error = await refusal(tell('slack', { url: `\${secret:HOOK}` }));
    expect(error.isFinal).toBe(false);
    expect(error.message.toLowerCase()).not.toContain('canary');
  });

  it('nor when Slack repeats the token in what it refuses', async () => {
    receiver = await openReceiver((_request, response) => {
      response.end(JSON.stringify({ ok: false, error: 'bad_token:canary-ascii-1234' }));
    });
    const config = { token: `\${secret:ASCII}`, channel: '#ops', apiUrl: `${receiver.url}/` };
    const error = await refusal(tell('slack', config));
    expect(receiver.received[0]?.headers.authorization).toBe('Bearer canary-ascii-1234');
    expect(error.message).toBe('Slack refused it: bad_token:[secret]');
  });

  it('nor when a value cannot be a header', async () => {
    receiver = await openReceiver();
    const config = { url: `${receiver.url}/`, headers: { authorization: `Bearer \${secret:BROKEN}` } };
    const broken = { read: async () => 'canary\r\nx-evil: 1' };
    const { announcement, dedupeKey, incidentKey, thread, links } = outgoing();
    const sending = deliver(
      { name: 'on call', type: 'webhook', config },
      { announcement, dedupeKey, incidentKey, thread, links },
      { ports: portsTo(), checkSecrets: broken, clock: sendTools().clock },
    );
    expect(await refusal(sending)).toMatchObject({
      isFinal: true,
      message: 'authorization holds control characters: set its value or its secret anew',
    });
    expect(receiver.received).toEqual([]);
  });

  it('and one that is not there is named, with what to do', async () => {
    receiver = await openReceiver();
    const error = await refusal(tell('slack', { url: `\${secret:NOWHERE}` }));
    expect(error).toMatchObject({
      isFinal: false,
      message: 'there is no secret NOWHERE: homeostat secrets set NOWHERE',
    });
  });
});
