import type { RawRequest, RawResponse } from '../messaging/protocol.ts';

/** How a service speaks: decides where the operation's name stands and what an error looks like. */
export type Wire = 'json' | 'query' | 'ec2' | 'rest-json' | 's3';

export type Operation = {
  /** The name the request is signed for. */
  readonly service: string;
  readonly accessKeyId: string;
  readonly region: string;
  /** Such as `PutItem`. */
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly wire: Wire;
};

/** An AWS error: the code that SDKs turn into the exception's name. */
export class AwsError extends Error {
  readonly code: string;
  readonly statusCode: number;
  constructor(code: string, message: string, statusCode = 400) {
    super(message);
    this.name = code;
    this.code = code;
    this.statusCode = statusCode;
  }
}

const credential = /Credential=([^/,\s]+)\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request/;

/** Reads who asks what from a signed request; throws AwsError when it is not signed or not understood. */
export const readOperation = (request: RawRequest): Operation => {
  const signed = credential.exec(request.headers.authorization ?? '');
  if (!signed) throw new AwsError('MissingAuthenticationToken', 'The request is not signed.', 403);
  const [, accessKeyId = '', region = '', service = ''] = signed;
  const who = { accessKeyId, region, service };
  if (service === 's3') return { ...who, ...s3Operation(request), wire: 's3' };
  if (service === 'lambda') return { ...who, ...lambdaOperation(request), wire: 'rest-json' };
  if (service === 'ses') return { ...who, ...emailOperation(request), wire: 'rest-json' };
  const target = request.headers['x-amz-target'];
  if (target) {
    return { ...who, name: target.slice(target.lastIndexOf('.') + 1), input: jsonOf(request), wire: 'json' };
  }
  const form = Object.fromEntries(new URLSearchParams(textOf(request)));
  if (form.Action) {
    return { ...who, name: form.Action, input: form, wire: service === 'ec2' ? 'ec2' : 'query' };
  }
  throw new AwsError('UnknownOperationException', `${service} requests of this form are not understood`, 400);
};

const textOf = (request: RawRequest): string => Buffer.from(request.body).toString('utf8');

const jsonOf = (request: RawRequest): Record<string, unknown> => {
  try {
    return (request.body.length === 0 ? {} : JSON.parse(textOf(request))) as Record<string, unknown>;
  } catch {
    throw new AwsError('SerializationException', 'The body is not JSON.');
  }
};

/** Behind `/functions/<name>`, by method: what is hosted, and what is passed on. */
const lambdaOperations: readonly (readonly [path: RegExp, names: Readonly<Record<string, string>>])[] = [
  [/^\/2015-03-31\/functions\/([^/]+)\/invocations$/, { POST: 'Invoke' }],
  [/^\/2015-03-31\/functions\/([^/]+)\/aliases\/([^/]+)$/, { GET: 'GetAlias', PUT: 'UpdateAlias' }],
  [/^\/2015-03-31\/functions\/([^/]+)\/versions$/, { GET: 'ListVersionsByFunction' }],
  [
    /^\/2019-09-30\/functions\/([^/]+)\/provisioned-concurrency$/,
    {
      GET: 'GetProvisionedConcurrencyConfig',
      PUT: 'PutProvisionedConcurrencyConfig',
      DELETE: 'DeleteProvisionedConcurrencyConfig',
    },
  ],
];

const lambdaOperation = ({ method, url }: RawRequest) => {
  const { pathname, searchParams } = new URL(url, 'http://gateway');
  for (const [path, names] of lambdaOperations) {
    const found = path.exec(pathname);
    const name = names[method];
    if (!found || name === undefined) continue;
    const Qualifier = searchParams.get('Qualifier') ?? undefined;
    const FunctionName = decodeURIComponent(found[1] ?? '');
    return { name, input: { FunctionName, ...(Qualifier && { Qualifier }) } };
  }
  throw new AwsError(
    'UnknownOperationException',
    `only Invoke of Lambda is hosted on one machine, not ${method} ${pathname}`,
    404,
  );
};

/** SES, version 2 of its API. */
const emailOperation = (request: RawRequest) => {
  const { pathname } = new URL(request.url, 'http://gateway');
  if (request.method === 'POST' && pathname === '/v2/email/outbound-emails')
    return { name: 'SendEmail', input: jsonOf(request) };
  throw new AwsError(
    'UnknownOperationException',
    `only SendEmail of SES is passed on from one machine, not ${request.method} ${pathname}`,
    404,
  );
};

const objectOperations: Readonly<Record<string, string>> = {
  GET: 'GetObject',
  HEAD: 'HeadObject',
  PUT: 'PutObject',
  DELETE: 'DeleteObject',
  POST: 'CreateMultipartUpload',
};
const bucketOperations: Readonly<Record<string, string>> = {
  GET: 'ListObjectsV2',
  HEAD: 'HeadBucket',
  PUT: 'CreateBucket',
  DELETE: 'DeleteBucket',
  POST: 'DeleteObjects',
};

/** Path style only: functions get a loopback address as endpoint, which has no room for a bucket in its name. */
const s3Operation = (request: RawRequest) => {
  const { pathname, searchParams } = new URL(request.url, 'http://gateway');
  const [, Bucket = '', ...rest] = pathname.split('/').map(decodeURIComponent);
  const Key = rest.join('/');
  const name = Key ? objectOperations[request.method] : bucketOperations[request.method];
  if (!name) throw new AwsError('MethodNotAllowed', `${request.method} is not hosted for S3`, 405);
  if (name === 'DeleteObjects')
    return { name, input: { Bucket, Delete: { Objects: deletedObjects(request, searchParams) } } };
  const CopySource = request.headers['x-amz-copy-source'];
  if (CopySource) return { name: 'CopyObject', input: { Bucket, Key, CopySource } };
  return { name, input: { Bucket, Key, Prefix: searchParams.get('prefix') ?? undefined } };
};

/**
 * The keys are read as fauxqs reads them, so that what is allowed and what is deleted are the same. A form posted to a
 * bucket would put an object into it.
 */
const deletedObjects = (request: RawRequest, query: URLSearchParams): readonly { readonly Key: string }[] => {
  const isForm = /^multipart\//i.test(request.headers['content-type'] ?? '');
  if (!query.has('delete') || isForm)
    throw new AwsError('MethodNotAllowed', 'only DeleteObjects is hosted of what is posted to a bucket', 405);
  return [...textOf(request).matchAll(/<Key>([\s\S]*?)<\/Key>/g)].map(([, key = '']) => ({
    Key: key
      .replaceAll('&amp;', '&')
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&quot;', '"')
      .replaceAll('&apos;', "'"),
  }));
};

const encode = (value: unknown): Uint8Array =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));

export const jsonAnswer = (
  body: unknown,
  statusCode = 200,
  contentType = 'application/x-amz-json-1.0',
): RawResponse => ({
  statusCode,
  headers: { 'content-type': contentType },
  body: encode(body),
});

const xmlText = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

export const xmlAnswer = (body: string, statusCode = 200): RawResponse => ({
  statusCode,
  headers: { 'content-type': 'text/xml' },
  body: encode(body),
});

/** The error as the service's own wire format says it, so that the SDK throws the exception it would throw in AWS. */
export const errorAnswer = (wire: Wire, error: AwsError): RawResponse => {
  const message = xmlText(error.message);
  switch (wire) {
    case 'json':
      return {
        ...jsonAnswer(
          {
            __type: `com.amazon.coral.service#${error.code}`,
            message: error.message,
            Message: error.message,
          },
          error.statusCode,
        ),
        headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-errortype': error.code },
      };
    case 'rest-json':
      return {
        ...jsonAnswer(
          { Type: 'User', Message: error.message, message: error.message },
          error.statusCode,
          'application/json',
        ),
        headers: { 'content-type': 'application/json', 'x-amzn-errortype': error.code },
      };
    case 'query':
      return xmlAnswer(
        `<ErrorResponse><Error><Type>Sender</Type><Code>${error.code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
        error.statusCode,
      );
    case 'ec2':
      return xmlAnswer(
        `<Response><Errors><Error><Code>${error.code}</Code><Message>${message}</Message></Error></Errors></Response>`,
        error.statusCode,
      );
    case 's3':
      return xmlAnswer(
        `<Error><Code>${error.code}</Code><Message>${message}</Message></Error>`,
        error.statusCode,
      );
    default:
      return wire satisfies never;
  }
};

/** What each protocol calls a refusal of permission, with its status. */
export const accessDenied = (wire: Wire, sentence: string): AwsError =>
  wire === 'json' || wire === 'rest-json'
    ? new AwsError('AccessDeniedException', sentence, wire === 'json' ? 400 : 403)
    : new AwsError('AccessDenied', sentence, 403);

export const unknownKey = (wire: Wire): AwsError =>
  wire === 'json' || wire === 'rest-json'
    ? new AwsError(
        'UnrecognizedClientException',
        'The security token included in the request is invalid.',
        wire === 'json' ? 400 : 403,
      )
    : new AwsError('InvalidClientTokenId', 'The security token included in the request is invalid.', 403);
