import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { conditionParser } from '../../../shared/health/conditions/parse.ts';
import { checkKinds } from '../../../shared/health/kinds/index.ts';

/** The first message of what is wrong with it, with its path; undefined when it may be saved. */
const faultOf = (type: keyof typeof checkKinds, target: string, config: unknown = {}): string | undefined => {
  const definition = checkKinds[type].definition(z, conditionParser);
  const parsed = z
    .object({ target: definition.target, config: definition.config })
    .safeParse({ target, config });
  const [issue] = parsed.error?.issues ?? [];
  return issue && `${issue.path.join('.')}: ${issue.message}`;
};
const url = 'https://shop.example.com/health';

describe('a definition says what to do where it is wrong', () => {
  test.each([
    ['shop.example.com', 'target: Give an http:// or https:// URL, such as https://example.com/health.'],
    [
      'ftp://shop.example.com/',
      'target: Give an http:// or https:// URL, such as https://example.com/health.',
    ],
    [
      'https://user:pass@shop.example.com/',
      'target: Leave user and password out of the URL; send an authorization header instead.',
    ],
    [
      'https://user@shop.example.com/',
      'target: Leave user and password out of the URL; send an authorization header instead.',
    ],
    [
      'https://shop.example.com/\nHost: x',
      'target: Leave out blanks, line breaks and invisible characters, or write them percent-encoded.',
    ],
    [
      ' https://shop.example.com/',
      'target: Leave out blanks, line breaks and invisible characters, or write them percent-encoded.',
    ],
    [
      'https://shop.example.com/\u202egpj',
      'target: Leave out blanks, line breaks and invisible characters, or write them percent-encoded.',
    ],
    ['http://shop.example.com:0/', 'target: Give a port from 1 to 65535, or none.'],
  ])('http target %j', (target, message) => {
    expect(faultOf('http', target)).toBe(message);
  });

  test.each([
    {
      config: { headers: { 'x-a': 'one\r\nx-b: two' } },
      message: 'config.headers.x-a: Remove line breaks and other control characters.',
    },
    {
      config: { headers: { 'x a': '1' } },
      message: 'config.headers.x a: Use letters, digits and hyphens for the name of a header.',
    },
    {
      config: { headers: { 'Content-Length': '5' } },
      message: 'config.headers.Content-Length: Leave this header out: the prober sets it.',
    },
    {
      config: { headers: { 'transfer-encoding': 'chunked' } },
      message: 'config.headers.transfer-encoding: Leave this header out: the prober sets it.',
    },
    {
      config: { expectedStatus: ['2xx'] },
      message: "config.expectedStatus.0: Give a status such as 204 or a range such as '200-299'.",
    },
    {
      config: { expectedStatus: ['299-200'] },
      message: "config.expectedStatus.0: Give a status such as 204 or a range such as '200-299'.",
    },
    { config: { body: 'b' }, message: 'config.body: Give a method such as POST, or leave the body out.' },
    { config: { verifyTLS: false }, message: 'config: Unrecognized key: "verifyTLS"' },
  ])('http config $config', ({ config, message }) => {
    expect(faultOf('http', url, config)).toBe(message);
  });

  test.each([
    'db.example.com',
    'db.example.com:0',
    'tcp://db.example.com:5432',
    'user@db.example.com:5432',
    'db.example.com:80:5432',
  ])('tcp target %s', (target) => {
    expect(faultOf('tcp', target)).toBe(
      'target: Give host:port with a port from 1 to 65535, such as db.example.com:5432 or [2001:db8::1]:443.',
    );
  });
});

describe('a definition that is right', () => {
  test('gets the defaults of its kind', () => {
    expect(checkKinds.http.definition(z, conditionParser).config.parse({})).toEqual({
      method: 'GET',
      headers: {},
      followRedirects: 5,
      verifyTls: true,
    });
    expect(checkKinds.tcp.definition(z, conditionParser).config.parse({})).toEqual({});
  });

  test('keeps what it says', () => {
    const config = {
      method: 'POST',
      headers: { Host: 'other.example.com' },
      body: '{}',
      expectedStatus: [201, '300-308'],
      followRedirects: 0,
      verifyTls: false,
    };
    expect(faultOf('http', url, config)).toBeUndefined();
    expect(checkKinds.http.definition(z, conditionParser).config.parse(config)).toEqual(config);
  });

  test.each(['db.example.com:5432', '10.0.0.5:22', '[2001:db8::1]:443'])('tcp target %s', (target) => {
    expect(faultOf('tcp', target)).toBeUndefined();
  });

  test('has no place for prototypes (fault 31)', () => {
    const config = JSON.parse('{"headers": {"__proto__": "x", "constructor": "y"}}');
    const parsed = checkKinds.http.definition(z, conditionParser).config.safeParse(config);
    const headers = parsed.data?.headers ?? {};
    expect(
      Object.getPrototypeOf(headers) === Object.prototype || Object.getPrototypeOf(headers) === null,
    ).toBe(true);
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });
});
