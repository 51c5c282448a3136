import { hiddenValues, openPorts, withSecrets } from '../health/index.ts';
import type { Parameters } from '../platform/aws/parameters.aws.ts';
import type { Clock } from '../platform/clock.ts';
import type { ChannelDefinition, ChannelType } from './channel.ts';
import { cut, oneLine } from './escape.ts';
import { type ChannelKind, NotSent, type Outgoing, type SendPorts, type Sent } from './kinds/kind.ts';
import { channelKinds } from './kinds/registry.ts';

export type DeliverTools = {
  readonly ports: SendPorts;
  readonly checkSecrets: Pick<Parameters, 'read'>;
  readonly clock: Clock;
};

/** What an error may say: it is stored, logged and shown. */
const mostReasonCharacters = 300;

/**
 * Tells one announcement to one channel: puts the secrets into its config, sends, and takes their values out of whatever
 * comes back (fault 29). Throws NotSent and nothing else; its reason may be stored and shown.
 */
export const deliver = async (
  { type, config, name }: Pick<ChannelDefinition, 'type' | 'config' | 'name'>,
  outgoing: Omit<Outgoing, 'config' | 'channelName' | 'now'>,
  { ports, checkSecrets, clock }: DeliverTools,
): Promise<Sent> => {
  const hiding = hiddenValues();
  const { secret } = openPorts({ checkSecrets, now: clock });
  try {
    const filled = await withSecrets(config, {
      secret: async (secretName) => {
        const value = await secret(secretName);
        for (const part of [value, ...partsOf(value)]) hiding.remember(part);
        return value;
      },
    });
    const told = { ...outgoing, config: filled, channelName: name, now: clock() };
    return await kindOf(type).send(told, hidingPorts(ports, hiding.hide));
  } catch (error) {
    const { message } = error as Error;
    const reason = cut(oneLine(hiding.hide(message)), mostReasonCharacters);
    if (!(error instanceof NotSent)) throw new NotSent(reason);
    const { isFinal, retryAfterSeconds } = error;
    throw new NotSent(reason, { isFinal, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) });
  }
};

/** A record outlives the code: its type may be one that is there no more. */
const kindOf = (type: string): ChannelKind => {
  if (Object.hasOwn(channelKinds, type)) return channelKinds[type as ChannelType];
  throw new NotSent(`there are no channels of the type ${type}`, { isFinal: true });
};

/** Answers without secrets: kinds cut them, and a cut would leave half of a secret. */
const hidingPorts = (ports: SendPorts, hide: (text: string) => string): SendPorts => ({
  ...ports,
  post: async (request) => {
    const answer = await ports.post(request);
    return { ...answer, body: hide(answer.body) };
  },
});

/** Shorter parts of a path are words such as `services`. */
const shortestPart = 10;

/** A server that is asked for a secret URL repeats its path, not the whole of it. */
const partsOf = (secret: string): readonly string[] => {
  const url = URL.parse(secret);
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) return [];
  const parts = [...url.pathname.split('/'), ...url.searchParams.values()];
  return [`${url.pathname}${url.search}`, url.pathname, ...parts].filter(
    (part) => part.length >= shortestPart,
  );
};
