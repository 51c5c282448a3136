import type { Service } from '../gateway/gateway.ts';
import type { Messaging } from './messaging.ts';

/** Someone to whom SNS itself would bring messages of a topic, by e-mail or SMS. */
export type Subscriber = { readonly topicArn: string; readonly protocol: string; readonly endpoint: string };

/** A message that a topic took, for a person at the terminal to see. */
export type Published = {
  readonly topic: string;
  readonly subject: string;
  readonly text: string;
  /** Who would get it in a deployed stack, and does not here. */
  readonly waiting: readonly string[];
};

/** Tells of each message that a topic took; queues that subscribed to it have it already. */
export const topicService =
  (
    messaging: Messaging,
    subscribers: readonly Subscriber[],
    topicNames: ReadonlyMap<string, string>,
    onPublished: (published: Published) => void,
  ): Service =>
  async ({ name, input }, request) => {
    const answer = await messaging.http(request);
    const topicArn = String(input.TopicArn ?? input.TargetArn ?? '');
    if (name === 'Publish' && answer.statusCode === 200) {
      onPublished({
        topic: topicNames.get(topicArn) ?? topicArn.split(':').at(-1) ?? '',
        subject: String(input.Subject ?? ''),
        text: String(input.Message ?? ''),
        waiting: subscribers.filter((one) => one.topicArn === topicArn).map(({ endpoint }) => endpoint),
      });
    }
    return answer;
  };

/** The longest text that is shown; the topic has all of it. */
const mostShown = 1_000;

export const publishedLine = ({ topic, subject, text, waiting }: Published): string => {
  const whom =
    waiting.length > 0
      ? `to ${waiting.join(', ')} (not delivered on one machine)`
      : 'nobody subscribed by e-mail or SMS';
  const shown = text.length > mostShown ? `${text.slice(0, mostShown)}…` : text;
  return `${topic}, ${whom}: ${subject ? `${subject}: ` : ''}${shown}`;
};
