import { openPorts } from '../health/index.ts';
import type { Bus } from '../platform/aws/bus.aws.ts';
import type { EmailIdentities } from '../platform/aws/email.aws.ts';
import type { Parameters } from '../platform/aws/parameters.aws.ts';
import type { Secret } from '../platform/aws/secret.aws.ts';
import type { TeamTopics, Topic } from '../platform/aws/topic.aws.ts';
import type { Tools } from '../platform/edge/tools.ts';
import type { Table } from '../storage/table.ts';
import { deliver } from './deliver.ts';
import type { SendPorts } from './kinds/kind.ts';
import { openLinkKeys } from './link-keys.ts';
import { openSendPorts } from './open-send-ports.ts';
import { loadChannel } from './registry.ts';
import type { SendWorld } from './world.ts';

/** What a contract must declare so that its function can send. */
export type SendingResources = {
  readonly state: Pick<Table, 'get' | 'put'>;
  readonly bus: Pick<Bus, 'publish'>;
  readonly checkSecrets: Pick<Parameters, 'read'>;
  readonly alertTopic: Pick<Topic, 'publish'>;
  readonly teamTopics: Pick<TeamTopics, 'publish'> | undefined;
  readonly emailIdentities: Pick<EmailIdentities, 'sendEmail'> | undefined;
  readonly linkKey: Pick<Secret, 'read'>;
};

/** The world that sends, and what else goes the same ways. */
export type Sending = SendWorld & {
  readonly post: SendPorts['post'];
  readonly secret: (name: string) => Promise<string>;
};

/** Keys that were read stay with the function, whatever invocation asked first. */
const linkKeys = new WeakMap<Pick<Secret, 'read'>, () => Promise<readonly string[]>>();

/**
 * The world that sends, for one invocation: a channel is read once in it. `untilAt` (epoch ms) is when the function must
 * have ended; nothing is begun that would take longer.
 */
export const openSending = (
  resources: SendingResources,
  { clock, newId, place, log, setting, insideLambda }: Tools,
  untilAt?: number,
): Sending => {
  const { state, bus, checkSecrets, linkKey } = resources;
  const keysOf = linkKeys.get(linkKey) ?? openLinkKeys(linkKey, clock);
  linkKeys.set(linkKey, keysOf);
  const settings = { allowedPrivateRanges: setting('allowedPrivateRanges') };
  const ports = openSendPorts({ ...resources, settings, insideLambda, place, clock });
  const channels = new Map<string, ReturnType<typeof loadChannel>>();
  return {
    state,
    bus,
    clock,
    newId,
    place,
    untilAt,
    deliver: (definition, outgoing) => deliver(definition, outgoing, { ports, checkSecrets, clock }),
    channel: (channelId) => {
      const channel = channels.get(channelId) ?? loadChannel(state, channelId);
      channels.set(channelId, channel);
      channel.catch(() => channels.delete(channelId));
      return channel;
    },
    publicUrl: setting('publicUrl'),
    linkKey: async () => (await keysOf())[0] ?? '',
    post: (request) => ports.post(request),
    secret: (name) => openPorts({ checkSecrets, now: clock }).secret(name),
    onFault: (what, details) => log.warn(what, details),
  };
};
