import type { SQSEvent } from 'aws-lambda';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { handler as runner } from '../../functions/runner/handler.ts';
import { handler as sweeper } from '../../functions/sweeper/handler.ts';
import { call } from './api-client.ts';
import { type Cloud, startCloud } from './cloud.ts';

let cloud: Cloud;
let lines: { readonly message: string; readonly service: string; readonly correlation_id?: string }[];

beforeAll(async () => {
  // The logger then writes to the console that is spied on.
  cloud = await startCloud({ POWERTOOLS_DEV: 'true', LOG_LEVEL: 'INFO' });
});
afterAll(() => cloud.close());
beforeEach(() => {
  lines = [];
  for (const level of ['info', 'warn', 'error'] as const) {
    vi.spyOn(console, level).mockImplementation((line: string) => void lines.push(JSON.parse(line)));
  }
});

const told = () => lines.map(({ service, correlation_id }) => [service, correlation_id]);
const register = () =>
  call('POST', '/api/v1/monitoring/health-checks', {
    body: {
      name: `check-${lines.length}-${Math.trunc(performance.now())}`,
      type: 'tcp',
      target: 'a.example.com:1',
    },
  });

describe('each line of the log tells which invocation wrote it', () => {
  it('of the API by the id that its answer bears, request by request', async () => {
    cloud.bus = 'down';
    const ids = [(await register()).headers['x-request-id'], (await register()).headers['x-request-id']];
    cloud.bus = 'open';
    expect(told()).toEqual(ids.map((id) => ['api', id]));
  });

  it('of a queue by the id of the invocation', async () => {
    const event = { Records: [{ messageId: 'm', body: '{}' }] } as unknown as SQSEvent;
    await runner(event, { awsRequestId: 'invocation-1' });
    expect(told()).toEqual([['runner', 'invocation-1']]);
  });

  it('of a schedule by the id of the invocation', async () => {
    const due = { due: 'DUE#0', dueAt: Date.now() - 1000, revision: 1 };
    const detail = { id: 'check:x@1' };
    const outbox = [{ type: 'check.changed', detail }];
    await cloud.state.put({ pk: 'CHECKS#0', sk: 'x', v: 1, ...due, outbox });
    await sweeper({ scheduledAt: new Date().toISOString() }, { awsRequestId: 'invocation-2' });
    expect(told()).toEqual([['sweeper', 'invocation-2']]);
  });
});
