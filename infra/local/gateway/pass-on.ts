import { createHash, createHmac } from 'node:crypto';
import type { RawRequest, RawResponse } from '../messaging/protocol.ts';
import type { Service } from './gateway.ts';
import { AwsError, type Operation } from './wire.ts';

/** A real account of AWS, or what stands in for one. */
export type AwsAccount = {
  readonly credentials: () => Promise<AccountCredentials>;
  /** Where its resources are; a function's ARN names its own region. */
  readonly region: string | undefined;
  /** In place of the services' own endpoints. */
  readonly endpoint?: string;
};

export type AccountCredentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
};

/** What checks, channels and remediation ask of an account; anything else that is not hosted here stays refused. */
const passed: readonly string[] = [
  'ec2',
  'ecs',
  'autoscaling',
  'rds',
  'lambda',
  'sns',
  'ses',
  'ssm',
  'codedeploy',
  'cloudformation',
  'cloudcontrolapi',
  'cloudtrail',
];
/** Parameters are hosted; what runs on instances is the account's. */
const passedOfSsm: readonly string[] = [
  'DescribeDocument',
  'DescribeInstanceInformation',
  'GetAutomationExecution',
  'GetCommandInvocation',
  'SendCommand',
  'StartAutomationExecution',
];

/** Of a service that is hosted too: whether this operation is about what only an account has. */
export const isOfAccount = ({ service, name }: Pick<Operation, 'service' | 'name'>): boolean =>
  service === 'lambda' ? name !== 'Invoke' : service === 'ssm' && passedOfSsm.includes(name);

/** Services whose endpoint is not called as they are signed for. */
const endpointNames: Readonly<Record<string, string>> = { ses: 'email' };

/**
 * Passes calls on to a real account, under its own credentials: what a function signed with is known to this host
 * only. The gateway has checked before that the function's role allows the call, so that a permission that is missing
 * in the template is missing here too.
 */
export const createPassOn =
  (account: AwsAccount | undefined, homeRegion: string): Service =>
  async (operation, request) => {
    const { service, name } = operation;
    const here = `${service}:${name} is not hosted on one machine`;
    if (!passed.includes(service) || (service === 'ssm' && !isOfAccount(operation))) {
      const why = 'and not passed on to an AWS account: it works in a deployed stack only';
      throw new AwsError('NoAwsCredentials', `${here} ${why}`);
    }
    if (!account) {
      const what = 'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, and AWS_REGION';
      throw new AwsError('NoAwsCredentials', `${here}: to ask your AWS account, give ${what} to npm start`);
    }
    const region = regionOf(operation) ?? regionOutside(account, operation.region, homeRegion);
    if (region === undefined) {
      throw new AwsError(
        'NoAwsCredentials',
        `no region for ${service}:${name}: give AWS_REGION to npm start`,
      );
    }
    return askAccount(account, service, region, request);
  };

/** A region that a client was given for its resource is meant; the one that the stack has here stands for the account's. */
export const regionOutside = (
  account: AwsAccount,
  signedFor: string | undefined,
  homeRegion: string,
): string | undefined => (signedFor === undefined || signedFor === homeRegion ? account.region : signedFor);

/** One request to a service of the account, under its credentials. */
export const askAccount = async (
  account: AwsAccount,
  service: string,
  region: string,
  request: RawRequest,
): Promise<RawResponse> => {
  const endpoint = new URL(
    account.endpoint ?? `https://${endpointNames[service] ?? service}.${region}.amazonaws.com`,
  );
  const url = new URL(request.url, endpoint);
  // A path such as //example.com names another host, and what is signed must reach AWS only.
  if (url.origin !== endpoint.origin) {
    throw new AwsError('InvalidRequest', `a call of ${service}: its path leads to another host`);
  }
  try {
    return await send(await sign(request, url, service, region, await credentialsOf(account)));
  } catch (error) {
    if (error instanceof AwsError) throw error;
    throw new AwsError('NoAnswerFromAws', `${url.host} did not answer: ${causeOf(error)}`, 502);
  }
};

/** A function and a topic are asked where their ARN says. */
const regionOf = ({ service, input }: Operation): string | undefined => {
  const [, named, region] =
    /^arn:[^:]+:(lambda|sns):([a-z0-9-]+):/.exec(String(input.FunctionName ?? input.TopicArn)) ?? [];
  return named === service ? region : undefined;
};

const credentialsOf = async ({ credentials }: AwsAccount): Promise<AccountCredentials> => {
  try {
    return await credentials();
  } catch (error) {
    throw new AwsError('NoAwsCredentials', `the AWS credentials given to npm start: ${causeOf(error)}`);
  }
};

/** `fetch` hides what went wrong in its cause. */
const causeOf = (error: unknown): string => {
  const { message, cause } = error as Error & { cause?: Error };
  return cause?.message || message;
};

type Signed = {
  readonly url: URL;
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array;
};

/** What says what the request is; the rest was signed with credentials that AWS does not know. */
const isKept = (name: string): boolean =>
  name === 'content-type' ||
  (name.startsWith('x-amz-') &&
    !['x-amz-date', 'x-amz-security-token', 'x-amz-content-sha256'].includes(name));

const sign = async (
  request: RawRequest,
  url: URL,
  service: string,
  region: string,
  credentials: AccountCredentials,
): Promise<Signed> => {
  const { SignatureV4 } = await import('@smithy/signature-v4');
  const signer = new SignatureV4({ service, region, credentials, sha256: Sha256 });
  const kept = Object.entries(request.headers).filter(([name]) => isKept(name));
  const { headers } = await signer.sign({
    method: request.method,
    protocol: url.protocol,
    hostname: url.hostname,
    // As the SDK parsed it once: the signer escapes it again, as these services want it.
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: { ...Object.fromEntries(kept), host: url.host },
    body: request.body,
  });
  return { url, method: request.method, headers, body: request.body };
};

/** The answer goes on as it is, but for how it travelled. */
const send = async ({ url, method, headers, body }: Signed): Promise<RawResponse> => {
  const { host: _host, ...rest } = headers;
  const answer = await fetch(url, {
    method,
    headers: { ...rest, 'accept-encoding': 'identity' },
    ...(method !== 'GET' && method !== 'HEAD' && { body: Buffer.from(body) }),
    redirect: 'error',
  });
  const gone = ['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'content-encoding'];
  return {
    statusCode: answer.status,
    headers: Object.fromEntries([...answer.headers].filter(([name]) => !gone.includes(name))),
    body: new Uint8Array(await answer.arrayBuffer()),
  };
};

/** SHA-256 in the form the signer wants it; with a secret, its HMAC. */
class Sha256 {
  readonly #hash: { update(data: Uint8Array | string): unknown; digest(): Buffer };
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(secret));
  }
  update(data: Uint8Array): void {
    this.#hash.update(data);
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
  reset(): void {}
}

const bytesOf = (secret: string | ArrayBuffer | ArrayBufferView): Uint8Array => {
  if (typeof secret === 'string') return Buffer.from(secret);
  return ArrayBuffer.isView(secret)
    ? new Uint8Array(secret.buffer, secret.byteOffset, secret.byteLength)
    : new Uint8Array(secret);
};

type Environment = Readonly<Record<string, string | undefined>>;

/** The account whose credentials or profile the environment names; undefined when it names none. */
export const accountOf = (environment: Environment): AwsAccount | undefined => {
  const given = (name: string): string | undefined => environment[name] || undefined;
  if (!given('AWS_ACCESS_KEY_ID') && !given('AWS_PROFILE')) return undefined;
  const endpoint = given('AWS_ENDPOINT_URL');
  let provider: (() => Promise<AccountCredentials>) | undefined;
  return {
    region: given('AWS_REGION') ?? given('AWS_DEFAULT_REGION'),
    ...(endpoint !== undefined && { endpoint }),
    // The SDK's own chain: variables, profiles, single sign-on; it renews what expires.
    credentials: async () => {
      provider ??= (await import('@aws-sdk/credential-provider-node')).defaultProvider();
      return provider();
    },
  };
};
