import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AwsAccount } from '../../infra/local/gateway/pass-on.ts';
import { answerAutoScaling } from './aws-autoscaling.ts';
import { answerCloudControl } from './aws-cloudcontrol.ts';
import { answerEc2 } from './aws-ec2.ts';
import { answerEcs } from './aws-ecs.ts';
import { type AwsRequest, type AwsState, Refused, region } from './aws-state.ts';

/**
 * An AWS account of a story: an HTTP server that speaks as the services do over the wire (their API references), and
 * holds what was changed. It is reached as a real one is: through the gateway of the host, which checks the permissions
 * of whoever calls, under the credentials of the account.
 */

const accessKeyId = 'AKIAACCOUNTOFASTORY1';
/** The newest call first, as `LookupEvents` tells those that name a resource. */
const answerCloudTrail = ({ trail }: AwsState, { input }: AwsRequest): string => {
  const [{ AttributeValue } = { AttributeValue: '' }] = input.LookupAttributes as {
    readonly AttributeValue: string;
  }[];
  const Events = trail
    .filter(({ resource }) => resource === AttributeValue)
    .toReversed()
    .map(({ arn, eventName, at }) => ({
      EventName: eventName,
      EventTime: at / 1000,
      ReadOnly: 'false',
      CloudTrailEvent: JSON.stringify({ userIdentity: { type: 'IAMUser', arn }, readOnly: false }),
    }));
  return JSON.stringify({ Events });
};

type Service = (state: AwsState, request: AwsRequest) => string;
const services: Readonly<Record<string, { readonly type: string; readonly answer: Service }>> = {
  ecs: { type: 'application/x-amz-json-1.1', answer: answerEcs },
  ec2: { type: 'text/xml', answer: answerEc2 },
  autoscaling: { type: 'text/xml', answer: answerAutoScaling },
  cloudcontrolapi: { type: 'application/x-amz-json-1.0', answer: answerCloudControl },
  cloudtrail: { type: 'application/x-amz-json-1.1', answer: answerCloudTrail },
};

const errorOf = (type: string, code: string, message: string): string => {
  if (type !== 'text/xml') return JSON.stringify({ __type: code, message });
  const error = `<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  return `<Response><Errors>${error}</Errors>${error}<RequestID>req-1</RequestID></Response>`;
};

const textOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
};

const requestIn = ({ headers }: IncomingMessage, body: string, at: number): AwsRequest => {
  const [, key, signedRegion, service = ''] =
    /Credential=([^/]+)\/\d{8}\/([^/]+)\/([^/]+)\//.exec(headers.authorization ?? '') ?? [];
  if (key !== accessKeyId || signedRegion !== region)
    throw new Refused('InvalidClientTokenId', `the account does not know ${key} in ${signedRegion}`, 403);
  const target = headers['x-amz-target'];
  if (typeof target === 'string')
    return { service, operation: target.split('.').at(-1) ?? '', input: JSON.parse(body || '{}'), at };
  const input = Object.fromEntries(new URLSearchParams(body));
  return { service, operation: input.Action ?? '', input, at };
};

const changing = /^(Update|Stop|Start|Set|Reboot|Terminate|Run|Put|Delete)/;

/** `now` is the time of the story. */
export const openAwsAccount = async (now: () => number) => {
  const state: AwsState = {
    services: new Map(),
    taskDefinitions: [],
    instances: new Map(),
    groups: new Map(),
    resources: new Map(),
    requests: new Map(),
    trail: [],
  };
  const asked: AwsRequest[] = [];
  const refusals = new Map<string, Refused>();
  const hooks: ((request: AwsRequest) => unknown)[] = [];

  const answer = async (
    incoming: IncomingMessage,
  ): Promise<{ readonly type: string; readonly status?: number; readonly body: string }> => {
    const body = await textOf(incoming);
    let type = 'text/xml';
    try {
      const request = requestIn(incoming, body, now());
      asked.push(request);
      const service = services[request.service];
      if (!service) throw new Refused('UnknownOperationException', `no ${request.service} in this account`);
      type = service.type;
      const refusal = refusals.get(request.operation);
      if (refusal) throw refusal;
      const said = service.answer(state, request);
      for (const hook of hooks) await hook(request);
      return { type, body: said };
    } catch (error) {
      const refused =
        error instanceof Refused ? error : new Refused('InternalFailure', (error as Error).stack ?? '', 500);
      return { type, status: refused.status, body: errorOf(type, refused.code, refused.message) };
    }
  };
  const server: Server = createServer(async (incoming, outgoing) => {
    const { type, status = 200, body } = await answer(incoming);
    outgoing.writeHead(status, { 'content-type': type, 'x-amzn-requestid': 'req-1' }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = { accessKeyId, secretAccessKey: 'a secret of the account of a story' };
  const account: AwsAccount = { endpoint, region, credentials: async () => credentials };
  return {
    ...state,
    /** The option of the host. */
    account,
    /** Everything that was asked, whoever asked. */
    asked: asked as readonly AwsRequest[],
    /** What was asked to be changed, in order: `StopInstances`. */
    changes: (): readonly string[] =>
      asked.map(({ operation }) => operation).filter((name) => changing.test(name)),
    /** Answers this operation with an error from now on, or as usual again. */
    refuse: (operation: string, code?: string): void => {
      if (code === undefined) refusals.delete(operation);
      else refusals.set(operation, new Refused(code, `${operation} is refused in this story`));
    },
    /** Told of each request that was carried out, before it is answered. */
    onDone: (hook: (request: AwsRequest) => unknown): void => {
      hooks.push(hook);
    },
    close: (): Promise<void> =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
export type Account = Awaited<ReturnType<typeof openAwsAccount>>;
