import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SQSEvent } from 'aws-lambda';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it, test, vi } from 'vitest';
import { openQueue } from '../../shared/platform/aws/queue.aws.ts';
import { onQueue } from '../../shared/platform/edge/queue.ts';
import { defineFunction } from '../../shared/platform/function/contract.ts';

/** Queues that are first in, first out by group: what is sent to them, and what comes again when something failed. */

type Entry = {
  Id: string;
  MessageBody: string;
  DelaySeconds?: number;
  MessageGroupId?: string;
  MessageDeduplicationId?: string;
};
const calls: Entry[][] = [];
/** Bodies that SQS refuses once. */
const refusedOnce = new Set<string>();
let close: () => void;
let url: string;

beforeAll(async () => {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { Entries } = JSON.parse(Buffer.concat(chunks).toString()) as { Entries: Entry[] };
    calls.push(Entries);
    const refused = Entries.filter(({ MessageBody }) => refusedOnce.delete(MessageBody));
    const taken = Entries.filter((entry) => !refused.includes(entry));
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' }).end(
      JSON.stringify({
        Successful: taken.map(({ Id, MessageBody }) => ({
          Id,
          MessageId: Id,
          MD5OfMessageBody: createHash('md5').update(MessageBody).digest('hex'),
        })),
        Failed: refused.map(({ Id }) => ({ Id, Code: 'InternalError', SenderFault: false })),
      }),
    );
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  vi.stubEnv('AWS_ENDPOINT_URL_SQS', url);
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  close = () => {
    server.close();
    server.closeAllConnections();
  };
});
afterAll(() => {
  close();
  vi.unstubAllEnvs();
});
beforeEach(() => {
  calls.length = 0;
});
const queue = () => openQueue(`${url}/123456789012/incidents.fifo`);

describe('a message with a group', () => {
  it('names its group and carries no delay, which SQS would refuse', async () => {
    await queue().send([{ body: { incidentId: 'i' }, group: 'shop' }]);
    expect(calls).toHaveLength(1);
    expect(calls[0]?.[0]).toMatchObject({ MessageBody: '{"incidentId":"i"}', MessageGroupId: 'shop' });
    expect(calls[0]?.[0]).not.toHaveProperty('DelaySeconds');
  });

  it('names its group as SQS takes it, whatever an alarm of AWS is called: always the same, and for each another', async () => {
    const named = [
      'subject:external:cloudwatch:arn:aws:cloudwatch:us-east-1:1:alarm:my alarm',
      'ä',
      'x'.repeat(300),
    ];
    await queue().send([...named, ...named].map((group) => ({ body: 1, group })));
    const groups = calls.flat().map(({ MessageGroupId = '' }) => MessageGroupId);
    for (const group of groups) expect(group).toMatch(/^[!-~]{1,128}$/);
    expect(groups.slice(0, 3)).toEqual(groups.slice(3));
    expect(new Set(groups).size).toBe(3);
  });

  it('is a message of its own, although an equal one went just before', async () => {
    const wake = { body: { incidentId: 'i' }, group: 'shop' };
    await queue().send([wake, wake]);
    await queue().send([wake]);
    const ids = calls.flat().map(({ MessageDeduplicationId }) => MessageDeduplicationId);
    expect(new Set(ids).size).toBe(3);
    expect(ids.every((id) => id !== undefined && id.length <= 128)).toBe(true);
  });

  it('that SQS did not take is sent again as the same message, so that it cannot become two (fault 4)', async () => {
    refusedOnce.add('"second"');
    await queue().send([
      { body: 'first', group: 'a' },
      { body: 'second', group: 'b' },
    ]);
    expect(calls.map((entries) => entries.map(({ MessageBody }) => MessageBody))).toEqual([
      ['"first"', '"second"'],
      ['"second"'],
    ]);
    expect(calls[1]?.[0]?.MessageDeduplicationId).toBe(calls[0]?.[1]?.MessageDeduplicationId);
  });
});

test('a message without a group has its delay, and neither group nor id', async () => {
  await queue().send([{ body: 1, delaySeconds: 30 }, { body: 2 }]);
  expect(calls).toEqual([
    [
      { Id: '0', MessageBody: '1', DelaySeconds: 30 },
      { Id: '1', MessageBody: '2', DelaySeconds: 0 },
    ],
  ]);
});

type Given = { readonly group: string | undefined; readonly fate: 'done' | 'fails' | 'poison' };
const contract = defineFunction({
  name: 'orderly',
  purpose: 'Shows what comes again.',
  trigger: { kind: 'queue', queue: 'incidents', batchSize: 10, maximumConcurrency: 2 },
  timeoutSeconds: 10,
  memoryMb: 128,
  needs: {},
  why: {},
});

/** Ids of the messages that come again, and of those that were run, when a batch of these is handled. */
const handled = async (given: readonly Given[]) => {
  const run: string[] = [];
  const handler = onQueue(
    contract,
    {},
    (body) => {
      if (body === 'poison') throw new Error('not a message');
      return body as string;
    },
    async (batch) => {
      run.push(...batch.map(({ messageId }) => messageId));
      return batch.filter(({ message }) => message === 'fails').map(({ messageId }) => messageId);
    },
  );
  vi.spyOn(console, 'error').mockImplementation(() => {});
  const Records = given.map(({ group, fate }, at) => ({
    messageId: `m${at}`,
    body: JSON.stringify(fate),
    attributes: group === undefined ? {} : { MessageGroupId: group },
  }));
  const { batchItemFailures } = await handler({ Records } as unknown as SQSEvent);
  return { again: batchItemFailures.map(({ itemIdentifier }) => itemIdentifier).sort(), run };
};

describe('of a batch', () => {
  it('what follows a failed message in its group comes again too, and no other group does', async () => {
    const { again } = await handled([
      { group: 'a', fate: 'done' },
      { group: 'a', fate: 'fails' },
      { group: 'b', fate: 'done' },
      { group: 'a', fate: 'done' },
    ]);
    expect(again).toEqual(['m1', 'm3']);
  });

  it('what follows a poison message in its group is not even run before that is gone (fault 10)', async () => {
    const { again, run } = await handled([
      { group: 'a', fate: 'poison' },
      { group: 'a', fate: 'done' },
      { group: 'b', fate: 'done' },
    ]);
    expect({ again, run }).toEqual({ again: ['m0', 'm1'], run: ['m2'] });
  });

  it('without groups only what failed comes again, whatever its neighbours', async () => {
    const { again, run } = await handled([
      { group: undefined, fate: 'fails' },
      { group: undefined, fate: 'poison' },
      { group: undefined, fate: 'done' },
    ]);
    expect({ again, run }).toEqual({ again: ['m0', 'm1'], run: ['m0', 'm2'] });
  });

  it('nothing is lost and no group gets out of order, however often a batch comes again (faults 1, 2, 3)', async () => {
    const message = fc.record({
      group: fc.constantFrom('a', 'b', 'c'),
      fate: fc.constantFrom('done' as const, 'fails' as const, 'poison' as const),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(message, { minLength: 1, maxLength: 10 }), async (batch) => {
        const { again } = await handled(batch);
        const comesAgain = batch.map((_, at) => again.includes(`m${at}`));
        batch.forEach(({ group, fate }, at) => {
          const heldUp = batch.some(
            (other, before) => before < at && other.group === group && other.fate !== 'done',
          );
          expect(comesAgain[at]).toBe(fate !== 'done' || heldUp);
        });
      }),
    );
  });
});
