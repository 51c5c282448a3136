import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AccessCheck, AwsCall } from '../iam/actions.ts';
import { requiredChecks } from '../iam/actions.ts';
import type { RawRequest, RawResponse } from '../messaging/protocol.ts';
import type { Activity } from '../time/activity.ts';
import type { Access, Caller } from './access.ts';
import { cut, type FaultInjection } from './faults.ts';
import type { Learning } from './learning.ts';
import { isOfAccount } from './pass-on.ts';
import {
  AwsError,
  accessDenied,
  errorAnswer,
  type Operation,
  readOperation,
  unknownKey,
  type Wire,
} from './wire.ts';

/** One hosted AWS service: answers an operation that was already authorised. */
export type Service = (operation: Operation, request: RawRequest, caller: Caller) => Promise<RawResponse>;

export type GatewayOptions = {
  readonly access: Access;
  readonly accountId: string;
  readonly activity: Activity;
  readonly callerOf: (accessKeyId: string) => Caller | undefined;
  readonly services: Readonly<Record<string, Service>>;
  readonly secretArnOf: (secretId: string) => string | undefined;
  readonly stateMachineArnOf: (taskToken: string) => string | undefined;
  /** Answers what is not hosted here, authorised like everything else. */
  readonly passOn: Service;
  /** Finds out what policies ask about and only the account knows, of a call that is passed on. */
  readonly learn?: Learning;
  /** Breaks calls of functions on purpose, for stories. */
  readonly faults?: FaultInjection;
  readonly onFault: (error: Error) => void;
};

export type Gateway = {
  readonly endpoint: string;
  /** From now on requests are answered; earlier ones are told to come again. */
  serve(options: GatewayOptions): void;
  stop(): Promise<void>;
};

/** The largest request of a hosted service: a part of a multipart upload. */
const requestBytes = 12 * 1024 * 1024;

/** Opens the gateway on a free port of loopback: the one endpoint of all AWS services for functions of this host. */
export const startGateway = async (): Promise<Gateway> => {
  let options: GatewayOptions | undefined;
  const server = createServer((request, response) => {
    if (options) void options.activity.during(answer(options, request, response));
    else response.writeHead(503).end();
  });
  // The SDK keeps connections open between calls; Node would close them after five seconds and race its next call.
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    serve(given) {
      options = given;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

const answer = async (
  options: GatewayOptions,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> => {
  let wire: Wire = 'json';
  let response: RawResponse | typeof cut;
  try {
    const request = await readRequest(incoming);
    const operation = readOperation(request);
    wire = operation.wire;
    response = await serve(options, operation, request);
  } catch (error) {
    if (error instanceof AwsError) response = errorAnswer(wire, error);
    else {
      const fault = error instanceof Error ? error : new Error(String(error));
      options.onFault(fault);
      response = errorAnswer(
        wire,
        new AwsError('InternalServerError', `the local host failed: ${fault.message}`, 500),
      );
    }
  }
  if (response === cut) {
    incoming.socket.destroy();
    return;
  }
  outgoing.writeHead(response.statusCode, { ...response.headers, 'content-length': response.body.length });
  outgoing.end(response.body);
};

const serve = async (
  options: GatewayOptions,
  operation: Operation,
  request: RawRequest,
): Promise<RawResponse | typeof cut> => {
  const caller = options.callerOf(operation.accessKeyId);
  if (!caller) throw unknownKey(operation.wire);
  const call: AwsCall = {
    service: operation.service,
    operation: operation.name,
    input: operation.input,
    accountId: options.accountId,
    region: operation.region,
    secretArnOf: options.secretArnOf,
    stateMachineArnOf: options.stateMachineArnOf,
  };
  const hosted = isOutside(operation, options) ? undefined : options.services[operation.service];
  const service = hosted ?? options.passOn;
  const checks = hosted ? requiredChecks(call) : await outsideChecks(options, caller, operation, call);
  const verdict = options.access.authorizeAll(caller, checks);
  if (!verdict.allowed) throw accessDenied(operation.wire, verdict.sentence);
  const answering = (): Promise<RawResponse> => service(operation, request, caller);
  return options.faults ? options.faults(operation, checks, answering) : answering();
};

/** Which functions and topics are called is held to their own ARNs; of the rest there is one account only. */
const isNamedExactly = ({ service, name }: Operation): boolean =>
  service === 'sns' || service === 'ses' || (service === 'lambda' && name === 'Invoke');

const outsideChecks = async (
  options: GatewayOptions,
  caller: Caller,
  operation: Operation,
  call: AwsCall,
): Promise<readonly AccessCheck[]> => {
  const checks = requiredChecks(call);
  if (isNamedExactly(operation)) return checks;
  const known = options.learn ? await options.learn(caller, operation, checks) : checks;
  return known.map((check) => ({ ...check, isOutside: true }));
};

/** What only a real account has, such as a function or topic of the team's own: hosted are those of the stack. */
const isOutside = (operation: Operation, { accountId }: GatewayOptions): boolean => {
  const { service, input } = operation;
  if (isOfAccount(operation)) return true;
  const named = { lambda: input.FunctionName, sns: input.TopicArn }[service];
  const [prefix, , , , account] = String(named ?? '').split(':');
  return prefix === 'arn' && account !== accountId;
};

const readRequest = async (incoming: IncomingMessage): Promise<RawRequest> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > requestBytes)
      throw new AwsError('RequestEntityTooLarge', `a request may have ${requestBytes} bytes`, 413);
    chunks.push(chunk);
  }
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return { method: incoming.method ?? 'GET', url: incoming.url ?? '/', headers, body: Buffer.concat(chunks) };
};
