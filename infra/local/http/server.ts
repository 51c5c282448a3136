import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type HttpAnswer, messageAnswer } from './response.ts';

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export type ApiServer = {
  readonly url: string;
  /** From now on requests are answered; earlier ones are told to come again. */
  serve(handler: Handler): void;
  /** Stops taking connections, lets the requests under way end, and closes the rest. */
  stop(): Promise<void>;
};

/** For a request under way when the host stops. */
const stopPatienceMs = 2_000;

/** Listens first, so that a taken port ends a start before anything else is done. */
export const listen = async (host: string, port: number): Promise<ApiServer> => {
  let handle: Handler | undefined;
  const server = createServer((request, response) => {
    if (handle) handle(request, response);
    else send(response, messageAnswer(503, 'Service Unavailable'));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const { port: actual, address } = server.address() as AddressInfo;
  const shown = address === '0.0.0.0' || address === '::' ? '127.0.0.1' : address;
  return {
    url: `http://${shown.includes(':') ? `[${shown}]` : shown}:${actual}`,
    serve(handler) {
      handle = handler;
    },
    stop: () =>
      new Promise((resolve) => {
        const impatient = setTimeout(() => server.closeAllConnections(), stopPatienceMs);
        server.close(() => {
          clearTimeout(impatient);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
};

export const send = (response: ServerResponse, { statusCode, headers, body }: HttpAnswer): void => {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value as string | string[]);
  // A length would be that of what has not changed, which is not here.
  response.writeHead(statusCode, statusCode === 304 ? {} : { 'content-length': body.length });
  response.end(body);
};

/** The client closed the connection before its request was whole: nobody is left to answer. */
export class ClientGone extends Error {}

/** Undefined when the body is larger than `maximumBytes`; the rest is then left unread. */
export const readBody = (request: IncomingMessage, maximumBytes: number): Promise<Buffer | undefined> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maximumBytes) chunks.push(chunk);
      else {
        request.pause();
        resolve(undefined);
      }
    });
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', reject);
    request.on('close', () => reject(new ClientGone()));
  });
