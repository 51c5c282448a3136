import type { Bus } from '../platform/aws/bus.aws.ts';
import type { EmailIdentities } from '../platform/aws/email.aws.ts';
import type { TeamTopics, Topic } from '../platform/aws/topic.aws.ts';
import type { Clock } from '../platform/clock.ts';
import type { Place } from '../platform/environment.ts';
import type { EventDetails } from '../platform/events.ts';
import { NotSent, type SendPorts } from './kinds/kind.ts';
import { openPost, usualTimeoutMs } from './open-post.ts';

/** What a function that sends is made of. */
export type SendTools = {
  readonly alertTopic: Pick<Topic, 'publish'>;
  readonly teamTopics: Pick<TeamTopics, 'publish'> | undefined;
  readonly emailIdentities: Pick<EmailIdentities, 'sendEmail'> | undefined;
  readonly bus: Pick<Bus, 'publish'>;
  /** As the settings give them: comma-separated CIDR ranges. */
  readonly settings: { readonly allowedPrivateRanges: string };
  readonly insideLambda: boolean;
  readonly place: Place;
  readonly clock: Clock;
  /** Ms a send may take, from the first look-up to the last byte; 10 s when left out. */
  readonly timeoutMs?: number;
};

/** The ways out. What goes over the network directly, and each SDK client, is loaded when first used. */
export const openSendPorts = (tools: SendTools): SendPorts => {
  const { place, timeoutMs = usualTimeoutMs } = tools;
  const way = async () => {
    const { openWay } = await import('./way-out.ts');
    const { insideLambda, clock, settings } = tools;
    return openWay({ allowedPrivateRanges: settings.allowedPrivateRanges, insideLambda, clock, timeoutMs });
  };
  return {
    post: openPost({ ...tools, ...tools.settings, timeoutMs }),
    smtp: async (message) => {
      const { sendBySmtp } = await import('./smtp.ts');
      await sendBySmtp(message, await way());
    },
    ses: async (message) => {
      const { emailIdentities } = tools;
      if (!emailIdentities) throw new NotSent(notOptedIn('emailIdentities', 'SES'), { isFinal: true });
      await byAws('SES', () => emailIdentities.sendEmail(withoutOwnId(message)));
    },
    sns: async ({ topicArn, ...message }) => {
      const { alertTopic, teamTopics } = tools;
      if (topicArn === undefined) return byAws('SNS', () => alertTopic.publish(message));
      if (!teamTopics) throw new NotSent(notOptedIn('topics', 'other topics'), { isFinal: true });
      return byAws('SNS', () => teamTopics.publish(topicArn, message));
    },
    event: async (detail) => {
      // The kind gives all of it but the place.
      const event = { type: 'notification.told', detail: { ...detail, ...place } } as const;
      const told = event as { type: 'notification.told'; detail: EventDetails['notification.told'] };
      const taken = await tools.bus.publish([told]);
      if (!taken.includes(detail.id)) throw new NotSent('the bus did not take the event');
    },
  };
};

const notOptedIn = (setting: string, what: string): string =>
  `this stack was deployed without ${what}: add it to \`${setting}\` in the stack's configuration and deploy`;

/** SES sets it itself, and refuses a message that brings its own. */
const withoutOwnId = <M extends { readonly headers: Readonly<Record<string, string>> }>(message: M): M => {
  const { 'Message-ID': _own, ...headers } = message.headers;
  return { ...message, headers };
};

/** Errors of AWS that the same message would meet again. A missing permission is none of them: a deployment may bring it. */
const finalErrors: readonly string[] = [
  'InvalidParameterException',
  'InvalidParameter',
  'InvalidParameterValueException',
  'NotFoundException',
  'NotFound',
  'EndpointDisabledException',
  'BadRequestException',
  'MessageRejected',
  'MailFromDomainNotVerifiedException',
];

const byAws = async (service: string, send: () => Promise<void>): Promise<void> => {
  try {
    await send();
  } catch (error) {
    const { name, message } = error as Error;
    throw new NotSent(`${service} refused it: ${name}: ${message}`, { isFinal: finalErrors.includes(name) });
  }
};
