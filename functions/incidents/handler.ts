/**
 * Trigger: the queue of incidents, first in first out by group, up to ten messages at a time, five seconds after they
 * were sent (the group wait).
 * Promise: each incident that is named is brought to what follows from its alerts, the silences and the time, in one
 * write, and the channels are told; or what waits for one channel is sent. Only one decider works on a group at a time,
 * and the write is by compare-and-set all the same. A message delivered twice or late finds nothing to do: it only names
 * what is looked at. When one fails, it and the later ones of its group come again, in order.
 */
import type { IncidentWake, SendWake } from '../../shared/alerting/index.ts';
import { advanceIncident, parseIncidentMessage } from '../../shared/incidents/index.ts';
import { announce, loadChannels, openSending, sendDue } from '../../shared/notifications/index.ts';
import { openBus } from '../../shared/platform/aws/bus.aws.ts';
import { openEmailIdentities } from '../../shared/platform/aws/email.aws.ts';
import { openParameters } from '../../shared/platform/aws/parameters.aws.ts';
import { openSecret } from '../../shared/platform/aws/secret.aws.ts';
import { openTeamTopics, openTopic } from '../../shared/platform/aws/topic.aws.ts';
import { onQueue } from '../../shared/platform/edge/queue.ts';
import { openTable } from '../../shared/storage/index.ts';
import { contract } from './contract.ts';
import { groupOf, inGroups } from './in-groups.ts';

/** Nothing is begun later, so that what is under way ends before the function is killed. */
const workingMs = (contract.timeoutSeconds - 15) * 1000;
const openers = {
  state: openTable,
  telemetry: openTable,
  bus: openBus,
  checkSecrets: openParameters,
  alertTopic: openTopic,
  teamTopics: openTeamTopics,
  emailIdentities: openEmailIdentities,
  linkKey: openSecret,
};

export const handler = onQueue(contract, openers, parseIncidentMessage, async (batch, resources, tools) => {
  const { state, telemetry, bus } = resources;
  const { clock, newId, place, log } = tools;
  const endsAt = clock() + workingMs;
  const sending = openSending(resources, tools, endsAt);
  const world = {
    state,
    telemetry,
    bus,
    clock,
    newId,
    place,
    channels: () => loadChannels(state),
    announce: announce.bind(undefined, { state, clock, newId }),
    sendDue: sendDue.bind(undefined, sending),
    onTrouble: (what: string, error: Error) => log.warn(what, { error }),
  };
  const work = async (message: IncidentWake | SendWake): Promise<void> => {
    if (clock() >= endsAt) throw new Error('there was no time left for it');
    if ('kind' in message) {
      await sendDue(sending, message.channelId, message.incidentId);
      return;
    }
    const { reason } = await advanceIncident(world, message);
    log.debug(reason, { incidentId: message.incidentId });
  };
  return inGroups(batch, groupOf, work, (message, error) =>
    log.error('an incident waits and comes again', { group: groupOf(message), error }),
  );
});
