import { describe, expect, test } from 'vitest';
import { cookieJar } from '../../../shared/health/probing/cookies.ts';

const now = Date.parse('2026-08-01T12:00:00Z');
const home = new URL('https://shop.example.com/account/login');

/** What goes to `to` after `home` set these. */
const sentTo = (to: string, ...setCookies: string[]): string | undefined => {
  const jar = cookieJar(() => now);
  jar.take(home, setCookies);
  return jar.fieldFor(new URL(to, home));
};

describe('a cookie goes back', () => {
  test.each<[string, string, string | undefined]>([
    ['a=1', '/account/x', 'a=1'],
    ['a=1', '/account', 'a=1'],
    ['a=1', '/accounts', undefined],
    ['a=1', '/', undefined],
    ['a=1; Path=/', '/', 'a=1'],
    ['a=1; Path=/admin', '/account/x', undefined],
    ['a=1; Path=/; Secure; HttpOnly; SameSite=Lax', '/', 'a=1'],
    ['a=b=c; Path=/', '/', 'a=b=c'],
    ['a=; Path=/', '/', 'a='],
    ['a=1; Path=/; Domain=example.com', '/', 'a=1'],
    ['a=1; Path=/; Max-Age=60', '/', 'a=1'],
    ['a=1; Path=/; Expires=Sun, 02 Aug 2026 12:00:00 GMT', '/', 'a=1'],
  ])('%s to %s as %s', (setCookie, to, sent) => {
    expect(sentTo(to, setCookie)).toBe(sent);
  });

  test.each([
    'https://other.example.com/',
    'https://example.com/',
    'https://sub.shop.example.com/',
    'http://shop.example.com/',
    'https://shop.example.com:8443/',
  ])('never to another origin, such as %s (fault 24)', (to) => {
    expect(sentTo(to, 'a=1; Path=/', 'b=2; Path=/; Domain=example.com')).toBeUndefined();
  });

  test.each([
    'a=1; Path=/; Domain=evil.example',
    'a=1; Path=/; Domain=op.example.com',
    'a=1; Path=/; Max-Age=0',
    'a=1; Path=/; Expires=Sat, 01 Aug 2026 11:59:59 GMT',
    'a\nb=1; Path=/',
    '=1; Path=/',
    'novalue',
    `a=${'x'.repeat(5000)}; Path=/`,
  ])('not when it is %j', (setCookie) => {
    expect(sentTo('/', setCookie)).toBeUndefined();
  });

  test('as it was set last, longest path first, and at most 50 of them', () => {
    expect(sentTo('/account/x', 'a=1; Path=/', 'b=2; Path=/account', 'a=3; Path=/')).toBe('b=2; a=3');
    expect(sentTo('/', 'a=1; Path=/', 'a=1; Path=/; Max-Age=0')).toBeUndefined();
    const many = Array.from({ length: 80 }, (_, at) => `c${at}=1; Path=/`);
    expect(sentTo('/', ...many)?.split('; ')).toHaveLength(50);
  });

  test('a cookie that must be secure is not taken over http', () => {
    const jar = cookieJar(() => now);
    const plain = new URL('http://shop.example.com/');
    jar.take(plain, ['a=1; Path=/; Secure', 'b=2; Path=/']);
    expect(jar.fieldFor(plain)).toBe('b=2');
  });
});
