import type { APIGatewayProxyEventV2, APIGatewayRequestAuthorizerEventV2 } from 'aws-lambda';
import { handler as api } from '../../functions/api/handler.ts';
import { handler as authorizer } from '../../functions/authorizer/handler.ts';
import { fallbackRouteKey, type Route, routeKeyOf } from '../../shared/platform/api/route.ts';
import { routes } from '../../shared/platform/api/table.ts';
import { adminToken } from './cloud.ts';

export type Sent = {
  /** The token to send; null for none. The first admin's by default. */
  readonly token?: string | null;
  /** Sent as JSON, unless it is text already. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
};

export type Answered = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly json: Json;
};

/** Any parsed JSON, to be looked into by name; what is not there is undefined, and the expectation says so. */
export interface Json {
  readonly [name: string]: Json;
}

const matchOf = (
  method: string,
  path: string,
): { route: Route; parameters: Record<string, string> } | undefined => {
  const parts = path.split('/');
  const exactFirst = [...routes].sort(
    (left, right) => Number(left.path.includes('{')) - Number(right.path.includes('{')),
  );
  for (const route of exactFirst) {
    const wanted = route.path.split('/');
    if (route.method !== method || wanted.length !== parts.length) continue;
    const parameters: Record<string, string> = {};
    const fits = wanted.every((part, at) => {
      if (!part.startsWith('{')) return part === parts[at];
      parameters[part.slice(1, -1)] = decodeURIComponent(parts[at] ?? '');
      return parts[at] !== '';
    });
    if (fits) return { route, parameters };
  }
  return undefined;
};

let requests = 0;

/** One request as API Gateway handles it: the route found, the authorizer asked where the route is not public, the function called. */
export const call = async (method: string, pathAndQuery: string, sent: Sent = {}): Promise<Answered> => {
  const url = new URL(`http://gateway${pathAndQuery}`);
  const match = matchOf(method, url.pathname);
  const token = sent.token === undefined ? adminToken : sent.token;
  const headers: Record<string, string> = {
    ...(token !== null && { authorization: `Bearer ${token}` }),
    ...(sent.body !== undefined && { 'content-type': 'application/json' }),
    ...sent.headers,
  };
  const routeKey = match ? routeKeyOf(match.route) : fallbackRouteKey;
  const isPublic = match?.route.scope === 'public';
  const told = isPublic
    ? undefined
    : await authorizer({ headers } as unknown as APIGatewayRequestAuthorizerEventV2);
  requests += 1;
  // The gateway hands on as it is what it knows as text; forms are not among that.
  const isEncoded = /^application\/x-www-form-urlencoded/.test(headers['content-type'] ?? '');
  const text = typeof sent.body === 'string' ? sent.body : JSON.stringify(sent.body);
  const event = {
    version: '2.0',
    routeKey,
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    headers,
    ...(url.search && { queryStringParameters: Object.fromEntries(url.searchParams) }),
    ...(match && { pathParameters: match.parameters }),
    requestContext: {
      requestId: `request-${requests}`,
      routeKey,
      ...(told && { authorizer: { lambda: told.context } }),
    },
    ...(sent.body !== undefined && { body: isEncoded ? Buffer.from(text).toString('base64') : text }),
    isBase64Encoded: isEncoded,
  };
  const answer = await api(event as unknown as APIGatewayProxyEventV2);
  const answered = answer.body ?? '';
  const isJson = /json/.test(answer.headers['content-type'] ?? '');
  return {
    status: answer.statusCode,
    headers: answer.headers,
    text: answered,
    json: isJson ? JSON.parse(answered) : {},
  };
};

/** A token with these rights, made over the API. */
export const tokenWith = async (
  scopes: readonly string[],
  deployments: '*' | readonly string[] = '*',
): Promise<string> => {
  const made = await call('POST', '/api/v1/monitoring/tokens', {
    body: { name: 'test', scopes, deployments },
  });
  if (made.status !== 201) throw new Error(made.text);
  return String(made.json.token);
};
