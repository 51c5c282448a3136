import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ClientGone, readBody } from '../http/server.ts';

/** What a function puts to the ResponseURL of its event. */
export type ResourceResponse = {
  readonly status: 'SUCCESS' | 'FAILED';
  readonly reason: string;
  readonly physicalResourceId: string;
};

export type ResponseListener = {
  readonly url: string;
  /** What was put there so far; the first counts. */
  readonly response: () => ResourceResponse | undefined;
  stop(): Promise<void>;
};

/** CloudFormation's own limit. */
const mostResponseBytes = 4096;

type Asked = { readonly path: string; readonly identity: Readonly<Record<string, string>> };

/**
 * Opens a URL on loopback that takes one answer to one event; `path` is what nobody guesses. `identity` names what the
 * answer must repeat of its event.
 */
export const listenForResponse = async ({ path, identity }: Asked): Promise<ResponseListener> => {
  let response: ResourceResponse | undefined;
  const take = async (request: IncomingMessage): Promise<number> => {
    if (request.method !== 'PUT' || request.url !== `/${path}`) return 403;
    const body = await readBody(request, mostResponseBytes);
    response ??= readResponse(body, identity);
    return 200;
  };
  const server = createServer((request, answer) => {
    take(request).then(
      (status) => answer.writeHead(status, { connection: 'close' }).end(),
      (error: unknown) => {
        if (!(error instanceof ClientGone)) answer.writeHead(500).end();
      },
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/${path}`,
    response: () => response,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

const failed = (reason: string): ResourceResponse => ({ status: 'FAILED', reason, physicalResourceId: '' });

const readResponse = (body: Buffer | undefined, identity: Asked['identity']): ResourceResponse => {
  if (body === undefined) return failed(`its answer has more than ${mostResponseBytes} bytes`);
  let said: Record<string, unknown>;
  try {
    said = Object(JSON.parse(body.toString('utf8'))) as Record<string, unknown>;
  } catch {
    return failed('its answer is not JSON');
  }
  const { Status, Reason, PhysicalResourceId } = said;
  const wrong = Object.keys(identity).find((name) => said[name] !== identity[name]);
  if (wrong !== undefined) return failed(`its answer has another ${wrong} than the event`);
  if (Status === 'FAILED')
    return failed(typeof Reason === 'string' && Reason !== '' ? Reason : 'it gave no reason');
  if (Status !== 'SUCCESS') return failed('its answer has no Status SUCCESS or FAILED');
  if (typeof PhysicalResourceId !== 'string' || PhysicalResourceId === '')
    return failed('its answer has no PhysicalResourceId');
  return { status: 'SUCCESS', reason: '', physicalResourceId: PhysicalResourceId };
};
