import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { NotSent, type SendPorts } from '../../../shared/notifications/kinds/kind.ts';
import { openSendPorts, type SendTools } from '../../../shared/notifications/open-send-ports.ts';
import type { TopicMessage } from '../../../shared/platform/aws/topic.aws.ts';
import { openTargets } from '../health/servers.ts';
import { noon } from './announcements.ts';

/** Ways out that may go to this machine. */
export const sendTools = (given: Partial<SendTools> = {}): SendTools => ({
  alertTopic: { publish: async () => {} },
  teamTopics: undefined,
  emailIdentities: undefined,
  bus: { publish: async (events) => events.map(({ detail }) => detail.id) },
  settings: { allowedPrivateRanges: '127.0.0.0/8' },
  insideLambda: false,
  place: { accountId: '111122223333', region: 'eu-central-1' },
  clock: () => noon + 6000,
  ...given,
});
export const portsTo = (given: Partial<SendTools> = {}) => openSendPorts(sendTools(given));

/** What would go to `host` goes to a receiver. */
export const portsInPlaceOf = (host: string, receiverUrl: string): SendPorts => {
  const ports = portsTo();
  return {
    ...ports,
    post: (request) => ports.post({ ...request, url: request.url.replace(host, receiverUrl) }),
  };
};

/** Why a receiver did not take it; throws when it did. */
export const refusalOf = async (sending: Promise<unknown>): Promise<NotSent> => {
  const error = await sending.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof NotSent)) throw new Error(`not refused: ${String(error)}`);
  return error;
};

export type Received = {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
};

/** An HTTP receiver on this machine that answers as it is told to, and remembers what came. */
export const openReceiver = async (
  answer: (request: Received, response: ServerResponse, count: number) => void = (_request, response) =>
    void response.end('ok'),
) => {
  const targets = openTargets();
  const received: Received[] = [];
  const port = await targets.http((request, response) => {
    void bodyOf(request).then((body) => {
      const one = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body };
      received.push(one);
      answer(one, response, received.length);
    });
  });
  return { url: `http://127.0.0.1:${port}`, port, received, close: () => targets.close() };
};

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
};

/** Keeps what would have gone to topics. */
export const keptTopic = () => {
  const messages: TopicMessage[] = [];
  return { messages, topic: { publish: async (message: TopicMessage) => void messages.push(message) } };
};
