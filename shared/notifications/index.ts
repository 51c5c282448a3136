/** Notifications without their schemas: what functions and other capabilities need, free of zod. */
export { announce } from './announce.ts';
export {
  type AlertFacts,
  type Announcement,
  type AnnouncementKind,
  dedupeKeyOf,
  mostAlertsTold,
  planHashIn,
  planIncidentId,
} from './announcement.ts';
export {
  type ChannelDefinition,
  type ChannelRecord,
  type ChannelType,
  channelIdOf,
} from './channel.ts';
export { html as escapeHtml, oneLine } from './escape.ts';
export { type HeartbeatWorld, pingHeartbeat } from './heartbeat.ts';
export { type HttpAnswer, type HttpPost, NotSent } from './kinds/kind.ts';
export { openLinkKeys } from './link-keys.ts';
export { type Link, type LinkAction, signLink, verifyLink } from './links.ts';
export type { Notification } from './notification.ts';
export { openPost, type PostTools } from './open-post.ts';
export { openSending, type Sending } from './open-sending.ts';
export { type RedriveWorld, redrive } from './redrive.ts';
export {
  builtinChannelNames,
  channelsNamed,
  defaultChannels,
  loadChannel,
  loadChannels,
  unknownChannels,
} from './registry.ts';
export { sendDue } from './send.ts';
export { signatureOf } from './sign.ts';
export { channelsTold, readNotifications } from './store.ts';
export { type Swept, sweepDue } from './sweep.ts';
export { listUndelivered, tellUndelivered, type Undelivered } from './undelivered.ts';
export { within } from './within.ts';
export type { AnnounceWorld, SendOutcome, SendWorld, SweepWorld } from './world.ts';
