import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openMailServer } from '../domain/notifications/mail-server.ts';

/** Who is told, for real: an HTTP server that stands for Slack or a webhook, and a mail server. */

/** What a receiver does from now on: `down` answers 503, `refusing` 400, `closed` closes its port. */
export type Conduct = 'up' | 'down' | 'refusing' | 'closed';

export type Told = {
  /** Epoch ms of the story. */
  readonly at: number;
  /** `Firing`, `Update`, `Resolved` … as people read it. */
  readonly word: string;
  readonly dedupeKey: string;
  /** All of it as text. */
  readonly text: string;
  /** Addresses of the buttons, by what they do. */
  readonly links: Readonly<Record<string, string>>;
};

export type HttpRequest = {
  readonly at: number;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly isTaken: boolean;
};

const statuses = { up: 200, down: 503, refusing: 400, closed: 503 } as const;

const textOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
};

const listen = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve());
  });

/**
 * An HTTP receiver on loopback. `now` is the time of the story; `onRequest` is told of each request before it is answered,
 * `says` is the body of the answer.
 */
export const openReceiver = async (
  now: () => number,
  onRequest: (request: HttpRequest) => unknown = () => undefined,
  says: (request: HttpRequest) => string = () => 'ok',
) => {
  let conduct: Conduct = 'up';
  const requests: HttpRequest[] = [];
  const server = createServer(async (request, response) => {
    const { url = '', headers } = request;
    const one = { at: now(), path: url, headers, body: await textOf(request), isTaken: conduct === 'up' };
    requests.push(one);
    await onRequest(one);
    response.writeHead(statuses[conduct], { connection: 'close' }).end(says(one));
  });
  await listen(server, 0);
  const { port } = server.address() as AddressInfo;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      if (!server.listening) return resolve();
      server.close(() => resolve());
      server.closeAllConnections();
    });
  const taken = (path = ''): readonly HttpRequest[] =>
    requests.filter((request) => request.isTaken && request.path.startsWith(path));
  return {
    url: `http://127.0.0.1:${port}`,
    /** Whether it was taken or not. */
    requests: requests as readonly HttpRequest[],
    /** What was taken as Slack messages under this path. */
    slack: (path?: string): readonly Told[] => taken(path).map(toldBySlack),
    /** What was taken in Homeostat's own format under this path. */
    webhook: (path?: string): readonly OwnPayload[] => taken(path).map(({ body }) => JSON.parse(body)),
    async become(next: Conduct): Promise<void> {
      conduct = next;
      if (next === 'closed') await close();
      else if (!server.listening) await listen(server, port);
    },
    close,
  };
};
export type Receiver = Awaited<ReturnType<typeof openReceiver>>;

export type OwnPayload = {
  readonly id: string;
  readonly incidentId: string;
  readonly no: number;
  readonly kind: string;
  readonly status: 'firing' | 'resolved';
  readonly severity: string;
  readonly deploymentId: string | null;
  readonly title: string;
  readonly text: string;
  readonly downtimeSeconds: number | null;
  readonly by: string | null;
  readonly firing: number;
  readonly resolved: number;
  readonly alerts: readonly { readonly rule: string; readonly subject: string; readonly reason: string }[];
  readonly lines: readonly string[];
};

type Block = {
  readonly type: string;
  readonly block_id?: string;
  readonly text?: { readonly text: string };
  readonly fields?: readonly { readonly text: string }[];
  readonly elements?: readonly {
    readonly text?: unknown;
    readonly url?: string;
    readonly action_id?: string;
  }[];
};

const toldBySlack = ({ at, body }: HttpRequest): Told => {
  const { blocks } = JSON.parse(body) as { readonly blocks: readonly Block[] };
  const context = blocks.find(({ type }) => type === 'context');
  const buttons = blocks.find(({ type }) => type === 'actions')?.elements ?? [];
  const texts = blocks.flatMap(({ text, fields = [] }) =>
    [text, ...fields].flatMap((one) => (one === undefined ? [] : [one.text])),
  );
  return {
    at,
    word: String(context?.elements?.[0]?.text).replace('Homeostat · ', ''),
    dedupeKey: context?.block_id ?? '',
    text: texts.join('\n'),
    links: Object.fromEntries(
      buttons.map(({ action_id = '', url = '' }) => [action_id.replace('homeostat-', ''), url]),
    ),
  };
};

/** A mail server on loopback, for messages with one recipient each. */
export const openMailbox = async (now: () => number) => {
  const arrivals: number[] = [];
  const server = await openMailServer({
    disabledCommands: ['STARTTLS', 'AUTH'],
    onRcptTo(_address, _session, done) {
      arrivals.push(now());
      done();
    },
  });
  return {
    port: server.port,
    mails: server.mails,
    told: (): readonly Told[] =>
      server.mails.map(({ parsed }, no) => ({
        at: arrivals[no] ?? Number.NaN,
        word: /^\[([^,\]]*)/.exec(parsed.subject ?? '')?.[1] ?? '',
        dedupeKey: String(parsed.headers.get('x-homeostat-dedupe-key')),
        text: `${parsed.subject}\n${parsed.text}`,
        links: {},
      })),
    close: server.close,
  };
};
export type Mailbox = Awaited<ReturnType<typeof openMailbox>>;

/** What was told, in order. */
export const wordsOf = (told: readonly Told[]): readonly string[] => told.map(({ word }) => word);
