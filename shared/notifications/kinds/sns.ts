import type { FieldFault } from '../../platform/errors.ts';
import { ascii, cut, oneLine } from '../escape.ts';
import { render } from '../render.ts';
import { wholeText } from '../render-text.ts';
import { templateFields } from './fields.ts';
import type { ChannelKind } from './kind.ts';

/** SNS takes 256 KB, attributes included. */
const mostBytes = 250_000;
/** SNS: fewer than 100 characters, ASCII, beginning with a letter, a digit or a punctuation mark. */
const mostSubjectCharacters = 99;

const topicArn = /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}(\.fifo)?$/;

/** A topic: the stack's own one, or one of the team's. Subscriptions choose by attributes. */
export const sns: ChannelKind = {
  secretFields: [],
  config: (z) =>
    z.strictObject({
      topicArn: z
        .string()
        .regex(topicArn, 'Give the ARN of a topic, such as arn:aws:sns:eu-central-1:111122223333:alerts.')
        .refine(
          (arn) => !arn.endsWith('.fifo'),
          'Give a standard topic: e-mail and SMS cannot subscribe to topics that are first in, first out.',
        )
        .optional()
        .meta({
          description:
            "A topic that the stack's configuration lists under `topics`; its own one when left out.",
        }),
      ...templateFields(z),
    }),
  refusals({ topicArn: arn }, { teamTopicArns, isWithoutStack }): readonly FieldFault[] {
    if (arn === undefined || isWithoutStack) return [];
    if (teamTopicArns.includes('*') || teamTopicArns.includes(String(arn))) return [];
    const message = `This stack was not deployed with the topic ${String(arn)}: add it to \`topics\` in the stack's configuration and deploy.`;
    return [{ path: 'config.topicArn', message }];
  },
  async send(outgoing, ports) {
    const { announcement, config, dedupeKey } = outgoing;
    const rendered = render(outgoing);
    const { severity, status, kind } = announcement;
    // SNS refuses an attribute without a value.
    const deployment = oneLine(announcement.deploymentId ?? '');
    await ports.sns({
      topicArn: typeof config.topicArn === 'string' ? config.topicArn : undefined,
      subject: cutAscii(ascii(rendered.heading)),
      text: `${cutBytes(wholeText(rendered))}\n\nDedupe key: ${dedupeKey}`,
      attributes: {
        severity,
        status,
        type: kind,
        incident: announcement.incidentId,
        dedupeKey,
        ...(deployment !== '' && { deployment }),
      },
    });
    return {};
  },
};

const cutAscii = (text: string): string =>
  text.length <= mostSubjectCharacters ? text : `${text.slice(0, mostSubjectCharacters - 3)}...`;

const cutBytes = (text: string): string => {
  if (Buffer.byteLength(text) <= mostBytes) return text;
  // A UTF-16 unit is at most three bytes of UTF-8.
  return cut(text, Math.floor(mostBytes / 3));
};
