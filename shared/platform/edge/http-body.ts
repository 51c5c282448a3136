import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { DomainError } from '../errors.ts';

/** Far above a hundred definitions, far below what would fill the function's memory. */
export const mostBodyBytes = 512 * 1024;
/** Deeper than any definition; shallow enough for everything that walks a value. */
const mostDepth = 24;
/** Keys that could reach into prototypes if anything ever merged them. */
const forbiddenKeys = new Set(['__proto__', 'constructor', 'prototype']);

const malformed = (detail: string, path?: string): DomainError =>
  new DomainError('MALFORMED_REQUEST', detail, path === undefined ? [] : [{ path, message: detail }]);

type BodyEvent = Pick<APIGatewayProxyEventV2, 'body' | 'isBase64Encoded' | 'headers'>;

/** The JSON in a request's body. Throws MALFORMED_REQUEST or CONTENT_TOO_LARGE; never repeats what was sent. */
export const readJsonBody = (event: BodyEvent): unknown => {
  requireJson(event);
  const text = textOf(event);
  if (text.trim() === '') throw malformed('The body is empty. Send a JSON object.');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, which may hold a secret.
    throw malformed('The body is not JSON. Check quotes, commas and brackets.');
  }
  requireHarmless(value);
  return value;
};

/** The fields of a form that a page sent, each a text. Throws as `readJsonBody` does, and for a field that is there twice. */
export const readFormBody = (event: BodyEvent): Record<string, string> => {
  const [type = '', ...parameters] = mediaTypeOf(event);
  if (type !== 'application/x-www-form-urlencoded' || !isUtf8(parameters))
    throw malformed('Send the body as Content-Type: application/x-www-form-urlencoded in UTF-8.');
  const fields: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(textOf(event))) {
    if (forbiddenKeys.has(name))
      throw malformed('The body has a field of a forbidden name. Remove it.', name);
    if (Object.hasOwn(fields, name)) throw malformed('The form has a field twice.');
    fields[name] = value;
  }
  return fields;
};

const mediaTypeOf = ({ headers }: BodyEvent): string[] =>
  (headers['content-type'] ?? '')
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());

const isUtf8 = (parameters: readonly string[]): boolean => {
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.slice('charset='.length);
  return charset === undefined || charset.replaceAll('"', '') === 'utf-8';
};

const requireJson = (event: BodyEvent): void => {
  const [type = '', ...parameters] = mediaTypeOf(event);
  const isJson = /^application\/([a-z0-9.-]+\+)?json$/.test(type);
  if (!isJson || !isUtf8(parameters)) {
    throw malformed('Send the body as Content-Type: application/json in UTF-8.');
  }
};

/** The body as it was sent. Throws CONTENT_TOO_LARGE, or MALFORMED_REQUEST for what is not UTF-8. */
export const textOf = (event: BodyEvent): string => {
  const raw = event.body ?? '';
  const encoded = event.isBase64Encoded === true;
  if ((encoded ? (raw.length * 3) / 4 : Buffer.byteLength(raw)) > mostBodyBytes) {
    throw new DomainError(
      'CONTENT_TOO_LARGE',
      `The body is larger than ${mostBodyBytes / 1024} KB. Send less at once, for example fewer changes.`,
    );
  }
  if (!encoded) return raw;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(raw, 'base64'));
  } catch {
    throw malformed('The body is not UTF-8.');
  }
};

/** Refuses what a schema might pass on but a store or a merge would not survive. Walks without recursion. */
const requireHarmless = (root: unknown): void => {
  const open: { value: unknown; depth: number }[] = [{ value: root, depth: 1 }];
  for (let next = open.pop(); next; next = open.pop()) {
    const { value, depth } = next;
    if (typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER) {
      throw malformed('The body holds a number that is too large to be kept exactly.');
    }
    if (value === null || typeof value !== 'object') continue;
    if (depth > mostDepth) throw malformed(`The body is nested more than ${mostDepth} levels deep.`);
    for (const [key, held] of Object.entries(value)) {
      if (forbiddenKeys.has(key))
        throw malformed('The body has a field of a forbidden name. Remove it.', key);
      open.push({ value: held, depth: depth + 1 });
    }
  }
};
