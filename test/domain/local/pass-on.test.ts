import { afterEach, expect, test, vi } from 'vitest';
import { createPassOn } from '../../../infra/local/gateway/pass-on.ts';
import type { Operation } from '../../../infra/local/gateway/wire.ts';
import type { RawRequest } from '../../../infra/local/messaging/protocol.ts';

afterEach(() => vi.unstubAllGlobals());

/** The hosts that were sent something, and what became of the call. */
const passedOn = async (path: string, functionName: string) => {
  const hosts: string[] = [];
  vi.stubGlobal('fetch', async (url: URL) => {
    hosts.push(url.host);
    return new Response('{}');
  });
  const passOn = createPassOn(
    {
      region: 'eu-central-1',
      credentials: async () => ({ accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example' }),
    },
    'us-east-1',
  );
  const call = { service: 'lambda', name: 'Invoke', input: { FunctionName: functionName } };
  const request = { url: path, method: 'POST', headers: {}, body: new Uint8Array() };
  const refused = await passOn(
    call as unknown as Operation,
    request as unknown as RawRequest,
    {} as unknown as Parameters<typeof passOn>[2],
  ).then(
    () => undefined,
    (error: Error) => error.message,
  );
  return { hosts, refused };
};

test('a function is called in the region of its ARN', async () => {
  const arn = 'arn:aws:lambda:us-east-1:123456789012:function:orders';
  const passed = await passedOn('/2015-03-31/functions/orders/invocations', arn);
  expect(passed).toEqual({ hosts: ['lambda.us-east-1.amazonaws.com'], refused: undefined });
});

test.each(['//evil.example/x', 'http://evil.example/x', '/\\evil.example/x'])(
  'what is signed for AWS is sent to no other host: %s',
  async (path) => {
    const passed = await passedOn(path, 'orders');
    expect(passed.hosts).toEqual([]);
    expect(passed.refused).toContain('its path leads to another host');
  },
);

test('the region of an ARN cannot name another host', async () => {
  const arn = 'arn:aws:lambda:evil.example/#:123456789012:function:orders';
  const passed = await passedOn('/2015-03-31/functions/orders/invocations', arn);
  expect(passed.hosts).toEqual(['lambda.eu-central-1.amazonaws.com']);
});
