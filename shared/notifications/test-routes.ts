import * as z from 'zod';
import type { SendWake } from '../alerting/index.ts';
import { isoInstant } from '../platform/api/fields.ts';
import { defineRoute } from '../platform/api/route.ts';
import { toIso } from '../platform/clock.ts';
import { DomainError } from '../platform/errors.ts';
import { announce } from './announce.ts';
import type { Announcement } from './announcement.ts';
import { channelsPath, requireChannelReach, withChannelId } from './channel-routes.ts';
import { requireChannel } from './define.ts';
import { type Notification, notificationKey } from './notification.ts';
import { readNotification } from './store.ts';

const testIdSchema = z
  .string()
  .regex(/^[0-9a-f]{24}$/)
  .meta({ description: 'The id of a test.' });

/** A test is a notification like any other, of an incident that is none. */
const incidentIdOf = (testId: string): string => `test-${testId}`;

/** It says what it is wherever it arrives, and wakes nobody: `info`. */
const testAnnouncement = (testId: string, by: string, now: number): Announcement => ({
  incidentId: incidentIdOf(testId),
  groupKey: incidentIdOf(testId),
  no: 1,
  kind: 'test',
  at: now,
  severity: 'info',
  deploymentId: null,
  title: 'Test: Homeostat reaches this channel',
  status: 'firing',
  openedAt: now,
  by,
  firing: 0,
  resolved: 0,
  alerts: [],
});

const testPath = (channelId: string, testId: string): string =>
  `${channelsPath}/${channelId}/tests/${testId}`;

export const testChannelRoute = defineRoute({
  id: 'testChannel',
  function: 'api',
  method: 'POST',
  path: `${channelsPath}/{id}/test`,
  scope: 'operate',
  summary: 'Test a channel',
  description:
    'Sends it a message that says that it is a test, now, also in quiet hours. What became of it is at `resultUrl` within seconds. With an Idempotency-Key a repeated request gives the same test.',
  params: withChannelId,
  success: {
    status: 202,
    schema: z.strictObject({
      testId: z.string(),
      channelId: z.string(),
      resultUrl: z.string().meta({ description: 'What became of it: ask again while it is waited for.' }),
    }),
  },
  idempotent: true,
  errors: ['NOT_FOUND', 'CONFLICT'],
  async run({ params, caller, idempotency }, world) {
    requireChannelReach({ caller });
    const { record } = await requireChannel(world.state, params.id);
    if (!record.definition.isActive) {
      throw new DomainError(
        'CONFLICT',
        'The channel is not active, so that nothing is sent to it. Send its definition with "isActive": true in a PUT first.',
      );
    }
    const testId = idempotency?.id ?? world.newId().replaceAll('-', '').slice(0, 24);
    await announce(world, [record], testAnnouncement(testId, caller.principal, world.clock()));
    const wake: SendWake = { kind: 'send', channelId: record.id, incidentId: incidentIdOf(testId) };
    await world.incidents.send([{ body: wake, group: record.id }]);
    const resultUrl = testPath(record.id, testId);
    return { body: { testId, channelId: record.id, resultUrl }, location: resultUrl };
  },
});

/** A test is tried once: who asked waits for the answer, and would not know what a later message is about. */
const stateOf = ({ sentNo, lastError }: Notification): 'waiting' | 'delivered' | 'failed' => {
  if (sentNo >= 1) return 'delivered';
  return lastError === undefined ? 'waiting' : 'failed';
};

export const readTestRoute = defineRoute({
  id: 'readChannelTest',
  function: 'api',
  method: 'GET',
  path: `${channelsPath}/{id}/tests/{testId}`,
  scope: 'read',
  summary: 'Read what became of a test',
  description:
    '`waiting` until it was sent, `delivered`, or `failed` with the reason that the receiver gave. It is tried once.',
  params: withChannelId.extend({ testId: testIdSchema }),
  success: {
    status: 200,
    schema: z.strictObject({
      testId: z.string(),
      channelId: z.string(),
      state: z.enum(['waiting', 'delivered', 'failed']),
      reason: z.string().nullable(),
      deliveredAt: isoInstant.nullable(),
    }),
  },
  errors: ['NOT_FOUND'],
  async run({ params, caller }, world) {
    requireChannelReach({ caller });
    const key = notificationKey(params.id, incidentIdOf(params.testId));
    const notification = await readNotification(world.state, key);
    if (!notification) {
      throw new DomainError(
        'NOT_FOUND',
        'There is no such test of this channel, or it was long ago. Ask for one with POST …/test.',
      );
    }
    const state = stateOf(notification);
    const deliveredAt = notification.log.find(({ no }) => no === 1)?.at;
    return {
      body: {
        testId: params.testId,
        channelId: params.id,
        state,
        reason: state === 'failed' ? (notification.lastError ?? null) : null,
        deliveredAt: state === 'delivered' && deliveredAt !== undefined ? toIso(deliveredAt) : null,
      },
    };
  },
});

export const testRoutes = [testChannelRoute, readTestRoute];
