import type { IncomingMessage } from 'node:http';
import type { APIGatewayProxyEventV2, APIGatewayRequestAuthorizerEventV2 } from 'aws-lambda';
import type { Match } from './routes.ts';

export type Exchange = {
  readonly request: IncomingMessage;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly body: Buffer;
  readonly match: Match;
  readonly requestId: string;
  readonly receivedAt: number;
};

export type ApiIdentity = { readonly apiId: string; readonly accountId: string; readonly region: string };

/** Content types whose bodies API Gateway hands on as text; all others arrive base64-coded. */
const textTypes = /^(text\/|application\/(json|javascript|xml|[\w.-]+\+(json|xml)))/i;

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `12/Mar/2020:19:03:58 +0000`, the form of requestContext.time and $context.requestTime. */
export const requestTime = (instant: number): string => {
  const at = new Date(instant).toISOString();
  return `${at.slice(8, 10)}/${months[Number(at.slice(5, 7)) - 1]}/${at.slice(0, 4)}:${at.slice(11, 19)} +0000`;
};

/** Names in lower case, several values of one name joined by commas; cookies stand apart. */
const headersOf = (request: IncomingMessage): Record<string, string> => {
  const headers: Record<string, string> = {};
  for (let at = 0; at < request.rawHeaders.length; at += 2) {
    const name = request.rawHeaders[at]?.toLowerCase() ?? '';
    if (name === 'cookie') continue;
    const value = request.rawHeaders[at + 1] ?? '';
    headers[name] = Object.hasOwn(headers, name) ? `${headers[name]},${value}` : value;
  }
  return headers;
};

const queryOf = (query: string): Record<string, string> | undefined => {
  const values = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(query))
    values.set(name, [...(values.get(name) ?? []), value]);
  if (values.size === 0) return undefined;
  return Object.fromEntries([...values].map(([name, all]) => [name, all.join(',')]));
};

/** What API Gateway adds: a client's own claim stands before what is known, or is replaced. */
const addedTo = (headers: Readonly<Record<string, string>>, { request, requestId, receivedAt }: Exchange) => {
  const claimed = headers['x-forwarded-for'];
  return {
    'x-forwarded-for': [...(claimed ? [claimed] : []), sourceIpOf(request)].join(', '),
    'x-forwarded-port': String(request.socket.localPort ?? ''),
    'x-forwarded-proto': 'http',
    'x-amzn-trace-id':
      headers['x-amzn-trace-id'] ??
      `Root=1-${Math.floor(receivedAt / 1000).toString(16)}-${requestId.replaceAll('-', '').slice(0, 24)}`,
  };
};

export const sourceIpOf = (request: IncomingMessage): string =>
  (request.socket.remoteAddress ?? '127.0.0.1').replace(/^::ffff:/, '');

/** What both a function and an authorizer get of a request. */
const partsOf = (exchange: Exchange, identity: ApiIdentity) => {
  const { request, method, path, query, match, requestId, receivedAt } = exchange;
  const sent = headersOf(request);
  const headers: Record<string, string> = { ...sent, ...addedTo(sent, exchange) };
  const cookies = request.headers.cookie?.split(';').map((cookie) => cookie.trim());
  const domainName = headers.host ?? 'localhost';
  const parameters = queryOf(query);
  return {
    version: '2.0',
    routeKey: match.route.routeKey,
    rawPath: path,
    rawQueryString: query,
    ...(cookies && { cookies }),
    headers,
    ...(parameters && { queryStringParameters: parameters }),
    ...(Object.keys(match.pathParameters).length > 0 && { pathParameters: { ...match.pathParameters } }),
    requestContext: {
      accountId: identity.accountId,
      apiId: identity.apiId,
      domainName,
      domainPrefix: domainName.split('.')[0] ?? domainName,
      http: {
        method,
        path,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: sourceIpOf(request),
        userAgent: headers['user-agent'] ?? '',
      },
      requestId,
      routeKey: match.route.routeKey,
      stage: '$default',
      time: requestTime(receivedAt),
      timeEpoch: receivedAt,
    },
  };
};

/** A request as payload format 2.0 hands it to a function. */
export const functionEvent = (
  exchange: Exchange,
  identity: ApiIdentity,
  authorizerContext: Readonly<Record<string, unknown>> | undefined,
): APIGatewayProxyEventV2 => {
  const parts = partsOf(exchange, identity);
  const isText = exchange.body.length === 0 || textTypes.test(parts.headers['content-type'] ?? '');
  return {
    ...parts,
    requestContext: {
      ...parts.requestContext,
      ...(authorizerContext && { authorizer: { lambda: authorizerContext } }),
    },
    ...(exchange.body.length > 0 && { body: exchange.body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: !isText,
  };
};

/** The same for a request authorizer: no body. */
export const authorizerEvent = (
  exchange: Exchange,
  identity: ApiIdentity,
  identitySource: readonly string[],
): APIGatewayRequestAuthorizerEventV2 => {
  const parts = partsOf(exchange, identity);
  const methodAndPath = `${exchange.method}${exchange.path}`;
  return {
    ...parts,
    type: 'REQUEST',
    routeArn: `arn:aws:execute-api:${identity.region}:${identity.accountId}:${identity.apiId}/$default/${methodAndPath}`,
    identitySource: [...identitySource],
    cookies: parts.cookies ?? [],
    queryStringParameters: parts.queryStringParameters ?? {},
    pathParameters: parts.pathParameters ?? {},
    stageVariables: {},
    requestContext: { ...parts.requestContext },
  } as APIGatewayRequestAuthorizerEventV2;
};
