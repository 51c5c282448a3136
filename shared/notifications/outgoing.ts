import { type Announcement, dedupeKeyOf, incidentDedupeKeyOf, planHashIn } from './announcement.ts';
import { type Failure, sendMs } from './attempt.ts';
import type { ChannelRecord } from './channel.ts';
import { NotSent, type Outgoing, type Sent } from './kinds/kind.ts';
import { type LinkAction, signLink } from './links.ts';
import type { Notification } from './notification.ts';
import { within } from './within.ts';
import type { SendWorld } from './world.ts';

export type SendResult = { readonly sent: Sent } | { readonly failure: Failure };

/** A link in a notification that nobody looked at for a week does nothing any more. */
const linksValidForMs = 7 * 86_400_000;

/** Sends one announcement through the channel. What goes wrong is an answer, too: why, and whether to try again. */
export const sendOne = async (
  world: SendWorld,
  channel: ChannelRecord,
  notification: Notification,
  announcement: Announcement,
): Promise<SendResult> => {
  const { incidentId, no } = announcement;
  const outgoing = {
    announcement,
    dedupeKey: dedupeKeyOf(incidentId, no),
    incidentKey: incidentDedupeKeyOf(incidentId),
    thread: notification.thread,
    links: await linksOf(world, channel, announcement),
  };
  try {
    const sent = await within(sendMs, `${channel.definition.name} did not answer`, () =>
      world.deliver(channel.definition, outgoing),
    );
    return { sent };
  } catch (error) {
    const { message } = error as Error;
    if (!(error instanceof NotSent)) return { failure: { reason: message, isFinal: false } };
    const { isFinal, retryAfterSeconds } = error;
    return { failure: { reason: message, isFinal, retryAfterSeconds } };
  }
};

/** Only what can be done is linked. Without the key it is told all the same, with the link that needs none: telling comes before convenience. */
const linksOf = async (
  { publicUrl, linkKey, onFault }: SendWorld,
  channel: ChannelRecord,
  { incidentId, kind, status, at, plan }: Announcement,
): Promise<Outgoing['links']> => {
  const none = { incident: undefined, acknowledge: undefined, silence: undefined };
  if (publicUrl === '' || kind === 'test' || kind === 'digest') return none;
  const console = consoleUrl(publicUrl, incidentId);
  try {
    const key = await linkKey();
    const expiresAt = plan?.approveBy ?? at + linksValidForMs;
    const linkTo = (action: LinkAction): string => {
      const token = signLink(key, { incidentId, action, channelId: channel.id, expiresAt });
      return `${publicUrl}/api/v1/monitoring/act/${token}`;
    };
    if (plan !== undefined)
      return { ...none, console, ...(kind === 'approval' && { approve: linkTo('approve') }) };
    const incident = linkTo('view');
    if (status === 'resolved') return { ...none, console, incident };
    const acknowledge = kind === 'acknowledged' ? undefined : linkTo('acknowledge');
    return { incident, acknowledge, silence: linkTo('silence'), console };
  } catch (error) {
    onFault('links could not be signed', { channel: channel.definition.name, error });
    return { ...none, console };
  }
};

/** Where the console shows it. */
const consoleUrl = (publicUrl: string, incidentId: string): string => {
  const planHash = planHashIn(incidentId);
  const page =
    planHash === undefined ? `incidents/${encodeURIComponent(incidentId)}` : `remediations/${planHash}`;
  return `${publicUrl}/#/${page}`;
};
