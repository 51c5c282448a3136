/**
 * Trigger: EventBridge Scheduler, every minute.
 * Promise: what is due is done within about a minute: alerts and incidents whose time has come are woken, what channels
 * did not take is sent again, info is told once a day, what was not delivered keeps the alarm up, and a sign of life goes
 * out while all is well. A part that fails or hangs does not keep the others; what failed is thrown in the end.
 * A duplicate or overlapping run wakes twice, which changes nothing, and sends nothing twice, for senders claim what they
 * send by compare-and-set. A late or missed run does no harm: what is due stays due.
 */
import { announceDigest, wakeDue } from '../../shared/incidents/index.ts';
import {
  announce,
  loadChannels,
  openSending,
  pingHeartbeat,
  sendDue,
  sweepDue,
  tellUndelivered,
} from '../../shared/notifications/index.ts';
import { openBus } from '../../shared/platform/aws/bus.aws.ts';
import { openEmailIdentities } from '../../shared/platform/aws/email.aws.ts';
import { openParameters } from '../../shared/platform/aws/parameters.aws.ts';
import { openQueue } from '../../shared/platform/aws/queue.aws.ts';
import { openSecret } from '../../shared/platform/aws/secret.aws.ts';
import { openTeamTopics, openTopic } from '../../shared/platform/aws/topic.aws.ts';
import { onSchedule } from '../../shared/platform/edge/schedule.ts';
import { openTable } from '../../shared/storage/index.ts';
import { contract } from './contract.ts';
import { inTurn } from './in-turn.ts';

/** Of the function's time, in seconds from its start; what is left over belongs to the parts after it. */
const sweepUntilSeconds = 33;

const openers = {
  state: openTable,
  telemetry: openTable,
  bus: openBus,
  signals: openQueue,
  incidents: openQueue,
  undelivered: openQueue,
  checkSecrets: openParameters,
  alertTopic: openTopic,
  teamTopics: openTeamTopics,
  emailIdentities: openEmailIdentities,
  linkKey: openSecret,
};

export const handler = onSchedule(contract, openers, async (_scheduledAt, resources, tools) => {
  const { state, telemetry, undelivered } = resources;
  const { clock, log, setting } = tools;
  const startedAt = clock();
  const sweepUntil = startedAt + sweepUntilSeconds * 1000;
  const { post, secret, ...sending } = openSending(resources, tools, sweepUntil);
  const world = { ...sending, state };
  const telling = {
    state,
    channels: () => loadChannels(state),
    announce: announce.bind(undefined, world),
    sendDue: sendDue.bind(undefined, world),
  };
  const failed = await inTurn(
    [
      { name: 'waking', seconds: 8, work: () => wakeDue(resources, clock()) },
      { name: 'sending', seconds: 25, work: () => sweepDue(world, sweepUntil) },
      { name: 'the digest', seconds: 6, work: () => announceDigest(telling, clock()) },
      {
        name: 'the alarm',
        seconds: 4,
        work: async () => {
          const notifications = await tellUndelivered({ state, undelivered }, clock());
          if (notifications > 0) log.error('notifications were not delivered', { notifications });
        },
      },
      {
        name: 'the sign of life',
        seconds: 11,
        work: async () => {
          const heartbeatUrl = setting('heartbeatUrl');
          const beat = await pingHeartbeat({ state, telemetry, clock, heartbeatUrl, secret, post });
          if ('reason' in beat) log.warn('no sign of life was given', beat);
        },
      },
    ],
    (name, error) => log.error(`${name} failed`, { error }),
  );
  if (failed.length > 0) throw new Error(`${failed.join(', ')} failed: see the log`);
});
