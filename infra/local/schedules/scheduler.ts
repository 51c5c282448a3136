import { randomUUID } from 'node:crypto';
import type { InvokeLater } from '../functions/later.ts';
import type { Access, Caller } from '../gateway/access.ts';
import type { Messaging } from '../messaging/messaging.ts';
import type { Activity } from '../time/activity.ts';
import type { Agenda } from '../time/agenda.ts';
import type { HostClock } from '../time/clock.ts';
import { type NextTick, readExpression } from './expression.ts';

export type Schedule = {
  readonly name: string;
  readonly arn: string;
  readonly expression: string;
  readonly timeZone: string | undefined;
  readonly targetArn: string;
  /** The role that the scheduler takes, as a caller. */
  readonly caller: Caller;
  readonly input: string;
  readonly maximumEventAgeSeconds: number;
  readonly deadLetterArn: string | undefined;
};

export type SchedulerOptions = {
  readonly schedules: readonly Schedule[];
  readonly clock: HostClock;
  readonly agenda: Agenda;
  readonly activity: Activity;
  readonly access: Access;
  readonly messaging: Messaging;
  readonly invokeLater: InvokeLater;
  readonly onFault: (error: Error) => void;
  /** Whether ticks that were due just before the start are delivered. */
  readonly catchUp: boolean;
};

/**
 * How far back ticks are delivered at start, as if the scheduler had been late: a tick dispatches the minute after
 * the next full one, so without the last two nothing would be looked at for the first two minutes.
 */
const lateAtStartMs = 120_000;

/** Puts the schedules on the agenda and delivers the ticks that were due just before the start. */
export const startScheduler = (options: SchedulerOptions): void => {
  for (const schedule of options.schedules) startSchedule(schedule, options);
};

/** Meanwhile the functions behind the HTTP API are loaded, which a person at the terminal waits for. */
const firstTickAfterMs = 1_000;

const startSchedule = (schedule: Schedule, options: SchedulerOptions): void => {
  const { clock, agenda, activity } = options;
  const nextAfter = readExpression(schedule.expression, schedule.timeZone);
  const maximumAgeMs = Math.max(schedule.maximumEventAgeSeconds * 1000, lateAtStartMs);
  const startsAt = clock.now() + (clock.kind === 'real' ? firstTickAfterMs : 0);
  const plan = (after: number): void => {
    const tickAt = nextAfter(after);
    if (tickAt === undefined) return;
    agenda.at(Math.max(tickAt, startsAt), () => {
      // After a laptop slept, only what is young enough is still delivered, not one tick for each minute of the night.
      const oldest = clock.now() - maximumAgeMs;
      if (tickAt >= oldest) {
        void activity.during(deliver(schedule, tickAt, options).catch(options.onFault));
      }
      plan(Math.max(tickAt, oldest - 1));
    });
  };
  plan(options.catchUp ? catchUpFrom(nextAfter, clock.now(), maximumAgeMs) : clock.now());
};

/** Of a schedule that ticks more rarely than each minute, its last tick is caught up with while it is worth anything. */
const catchUpFrom = (nextAfter: NextTick, now: number, maximumAgeMs: number): number => {
  let last = now;
  for (let tick = nextAfter(now - maximumAgeMs); tick !== undefined && tick <= now; tick = nextAfter(tick)) {
    last = tick;
  }
  return Math.min(now - lateAtStartMs, last - 1);
};

const deliver = async (schedule: Schedule, tickAt: number, options: SchedulerOptions): Promise<void> => {
  const { access, clock } = options;
  const text = withContext(schedule, tickAt);
  const isQueue = schedule.targetArn.split(':')[2] === 'sqs';
  const action = isQueue ? 'sqs:SendMessage' : 'lambda:InvokeFunction';
  const verdict = access.authorize(schedule.caller, action, schedule.targetArn);
  if (verdict.allowed) {
    if (isQueue) return options.messaging.send(schedule.targetArn.split(':').at(-1) ?? '', text);
    return options.invokeLater(schedule.targetArn, JSON.parse(text), clock.now());
  }
  const deadLetters = schedule.deadLetterArn;
  if (
    deadLetters !== undefined &&
    access.authorize(schedule.caller, 'sqs:SendMessage', deadLetters).allowed
  ) {
    await options.messaging.send(deadLetters.split(':').at(-1) ?? '', text);
  }
};

/** The context attributes of EventBridge Scheduler. */
const withContext = (schedule: Schedule, tickAt: number): string =>
  schedule.input
    .replaceAll('<aws.scheduler.scheduled-time>', new Date(tickAt).toISOString().replace('.000Z', 'Z'))
    .replaceAll('<aws.scheduler.schedule-arn>', schedule.arn)
    .replaceAll('<aws.scheduler.execution-id>', randomUUID())
    .replaceAll('<aws.scheduler.attempt-number>', '1');
