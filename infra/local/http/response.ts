import { validateHeaderName, validateHeaderValue } from 'node:http';

/** What goes back to the client. */
export type HttpAnswer = {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: Uint8Array;
};

export const messageAnswer = (statusCode: number, message: string): HttpAnswer => ({
  statusCode,
  headers: { 'content-type': 'application/json' },
  body: Buffer.from(JSON.stringify({ message })),
});

/** Headers that belong to the connection between gateway and client, not to the function. */
const gatewaysOwn = new Set(['connection', 'transfer-encoding', 'content-length', 'keep-alive']);

/**
 * Reads a function's answer as HTTP APIs do: an object with a statusCode is a response, anything else is a body of
 * status 200. Undefined when it is neither, which the gateway answers as an error of its own.
 */
export const readAnswer = (payload: string | undefined): HttpAnswer | undefined => {
  const value: unknown = payload === undefined ? null : JSON.parse(payload);
  if (typeof value !== 'object' || value === null || !('statusCode' in value)) {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return { statusCode: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from(text) };
  }
  const { statusCode, headers, cookies, body, isBase64Encoded } = value as Record<string, unknown>;
  const status = Number(statusCode);
  if (!Number.isInteger(status) || status < 100 || status > 599) return undefined;
  if (body !== undefined && body !== null && typeof body !== 'string') return undefined;
  const answered: Record<string, string | readonly string[]> = {};
  for (const [name, header] of Object.entries((headers ?? {}) as Record<string, unknown>)) {
    if (!gatewaysOwn.has(name.toLowerCase())) answered[name.toLowerCase()] = String(header);
  }
  if (Array.isArray(cookies) && cookies.length > 0) answered['set-cookie'] = cookies.map(String);
  if (!canBeSent(answered)) return undefined;
  if (body && answered['content-type'] === undefined) answered['content-type'] = 'text/plain; charset=utf-8';
  return {
    statusCode: status,
    headers: answered,
    body: Buffer.from(body ?? '', isBase64Encoded === true ? 'base64' : 'utf8'),
  };
};

const canBeSent = (headers: HttpAnswer['headers']): boolean => {
  try {
    for (const [name, value] of Object.entries(headers)) {
      validateHeaderName(name);
      for (const one of typeof value === 'string' ? [value] : value) validateHeaderValue(name, one);
    }
    return true;
  } catch {
    return false;
  }
};
