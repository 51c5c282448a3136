import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, ec2Error, portsAt, respond, startWire } from './aws-wire.ts';

let wire: Awaited<ReturnType<typeof startWire>>;
beforeAll(async () => {
  wire = await startWire();
});
afterAll(() => wire?.stop());

const rebooted =
  '<RebootInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>req-1</requestId><return>true</return></RebootInstancesResponse>';
const says =
  (status: number, body: string): Answer =>
  (_asked, response) =>
    respond(response, status, body);

const reboot = async (answer: Answer) => {
  wire.answerWith(answer);
  const { ports, calls } = portsAt(wire.endpoint);
  const ended = await (await ports.ec2()).reboot('i-1').then(
    () => 'done',
    (error: Error) => error,
  );
  return { ended, calls, requests: wire.asked.length };
};

describe('a change that failed', () => {
  test.each([
    { what: 'a wrong state', answer: says(400, ec2Error('IncorrectInstanceState')) },
    { what: 'a missing permission', answer: says(403, ec2Error('UnauthorizedOperation')) },
    { what: 'too many requests', answer: says(503, ec2Error('RequestLimitExceeded')) },
    { what: 'no capacity', answer: says(500, ec2Error('InsufficientInstanceCapacity')) },
  ])('for $what was refused for sure, and is sent once', async ({ answer }) => {
    const { ended, calls, requests } = await reboot(answer);
    expect(ended).toMatchObject({ name: 'ActionRefused' });
    expect(requests).toBe(1);
    expect(calls).toMatchObject([{ operation: 'RebootInstances', outcome: 'refused' }]);
  });

  test.each([
    { what: 'a fault inside', answer: says(500, ec2Error('InternalError')) },
    { what: 'a gateway', answer: says(502, '<html>Bad gateway</html>') },
    { what: 'a time-out of the service', answer: says(400, ec2Error('RequestTimeout')) },
    { what: 'an answer that is none', answer: says(200, 'not even XML <') },
    {
      what: 'a connection that broke after it was sent',
      answer: ((_asked, response) => response.destroy()) satisfies Answer,
    },
  ])('for $what may have been done: nobody knows, and it is not sent again', async ({ answer }) => {
    const { ended, calls, requests } = await reboot(answer);
    expect(ended).toBeInstanceOf(Error);
    expect((ended as Error).name).not.toBe('ActionRefused');
    expect((ended as Error).message).toContain('whether it was done is not known');
    expect(requests).toBe(1);
    expect(calls).toMatchObject([{ operation: 'RebootInstances', outcome: 'unknown' }]);
  });

  test('because nobody listens there was never sent', async () => {
    const gone = await startWire();
    await gone.stop();
    const { ports } = portsAt(gone.endpoint);
    await expect((await ports.ec2()).reboot('i-1')).rejects.toMatchObject({ name: 'ActionRefused' });
  });

  test('because its time ran out after it was sent may have been done', async () => {
    const controller = new AbortController();
    wire.answerWith(() => controller.abort());
    const { ports, calls } = portsAt(wire.endpoint, { signal: controller.signal });
    await expect((await ports.ec2()).reboot('i-1')).rejects.toMatchObject({ name: 'Error' });
    expect(calls).toMatchObject([{ outcome: 'unknown' }]);
  });

  test('because its time ran out before it was begun is not sent at all', async () => {
    wire.answerWith(says(200, rebooted));
    const { ports, calls } = portsAt(wire.endpoint, { signal: AbortSignal.abort() });
    await expect((await ports.ec2()).reboot('i-1')).rejects.toMatchObject({
      name: 'ActionRefused',
      message: 'ec2 RebootInstances: no time was left to begin it',
    });
    expect({ requests: wire.asked.length, calls }).toEqual({ requests: 0, calls: [] });
  });

  test('after another one was done is no refusal: something was changed', async () => {
    let times = 0;
    wire.answerWith((_asked, response) => {
      times += 1;
      respond(response, times === 1 ? 200 : 400, times === 1 ? rebooted : ec2Error('IncorrectInstanceState'));
    });
    const { ports } = portsAt(wire.endpoint);
    const ec2 = await ports.ec2();
    await ec2.reboot('i-1');
    await expect(ec2.stop('i-2')).rejects.toMatchObject({
      name: 'Error',
      message: expect.stringContaining('after ec2 RebootInstances had been done'),
    });
  });
});

test.each([
  { isReading: false, name: 'ActionRefused' },
  { isReading: true, name: 'ReadFailed' },
])('reading is repeated; where it fails nothing was changed ($name)', async ({ isReading, name }) => {
  wire.answerWith(says(500, ec2Error('InternalError')));
  const { ports, calls } = portsAt(wire.endpoint, { isReading });
  await expect((await ports.ec2()).instance('i-1')).rejects.toMatchObject({ name });
  expect(wire.asked.length).toBe(3);
  expect(calls).toMatchObject([{ operation: 'DescribeInstances', outcome: 'refused' }]);
});

test('what is not there is no failed reading', async () => {
  wire.answerWith(says(400, ec2Error('InvalidInstanceID.NotFound')));
  const { ports } = portsAt(wire.endpoint, { isReading: true });
  expect(await (await ports.ec2()).instance('i-1')).toBeUndefined();
});

test('what is kept of a call names its request, and no secret', async () => {
  const { ended, calls } = await reboot(says(200, rebooted));
  expect(ended).toBe('done');
  expect(calls).toEqual([
    {
      service: 'ec2',
      operation: 'RebootInstances',
      at: 1005,
      durationMs: 5,
      outcome: 'ok',
      detail: 'request req-1',
    },
  ]);
});

test('a new instance is asked for with the token of the attempt', async () => {
  wire.answerWith(
    says(
      200,
      '<RunInstancesResponse><reservationId>r-1</reservationId><instancesSet><item><instanceId>i-9</instanceId></item></instancesSet></RunInstancesResponse>',
    ),
  );
  const { ports } = portsAt(wire.endpoint);
  const clientToken = ports.idempotencyToken ?? '';
  const launched = await (await ports.ec2()).run({
    launchTemplate: { id: 'lt-1', version: '3' },
    tags: { Name: 'shop' },
    clientToken,
  });
  expect(launched).toBe('i-9');
  const form = new URLSearchParams(wire.asked[0]?.body);
  expect(Object.fromEntries(form)).toMatchObject({
    Action: 'RunInstances',
    ClientToken: 'f'.repeat(64),
    'LaunchTemplate.LaunchTemplateId': 'lt-1',
    'LaunchTemplate.Version': '3',
    MinCount: '1',
    MaxCount: '1',
    'TagSpecification.1.Tag.1.Key': 'Name',
  });
});
