import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linkKeysIn, openLinkKeys } from '../../../shared/notifications/link-keys.ts';
import { type Link, signLink, verifyLink } from '../../../shared/notifications/links.ts';

const key = 'a key of at least thirty-two characters';
const now = Date.UTC(2026, 2, 10, 12);
const link: Link = {
  incidentId: '0mn5abcde-0123456789ab',
  action: 'acknowledge',
  channelId: '0123456789abcdef',
  expiresAt: now + 7 * 86_400_000,
};

describe('signed links', () => {
  it('say what they allow, to whoever has a key that signed them', () => {
    const token = signLink(key, link);
    expect(token).toMatch(/^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{43}$/);
    expect(verifyLink([key], token, now)).toEqual(link);
    expect(verifyLink(['a new key that is thirty-two characters long', key], token, now)).toEqual(link);
  });

  it('are signed with HMAC-SHA256 over their purpose and what they say, as openssl does it', () => {
    const [payload = '', mac] = signLink(key, link).split('.');
    const answer = execFileSync(
      'openssl',
      ['dgst', '-sha256', '-mac', 'HMAC', '-macopt', `key:${key}`, '-binary'],
      {
        input: `homeostat link 1\n${payload}`,
      },
    );
    expect(mac).toBe(answer.toString('base64url'));
  });

  it('end after their time (fault 18)', () => {
    const token = signLink(key, link);
    expect(() => verifyLink([key], token, link.expiresAt - 1)).not.toThrow();
    expect(() => verifyLink([key], token, link.expiresAt)).toThrow('expired');
  });

  it.each<[string, (token: string) => string]>([
    ['signed with another key', () => signLink('another key of at least thirty-two characters', link)],
    [
      'with another payload',
      (token) =>
        `${Buffer.from('["x","acknowledge","c",9999999999]').toString('base64url')}.${token.split('.')[1]}`,
    ],
    ['without a signature', (token) => token.split('.')[0] ?? ''],
    ['with an empty signature', (token) => `${token.split('.')[0]}.`],
    ['cut', (token) => token.slice(0, -1)],
    ['with something behind it', (token) => `${token}A`],
    ['that is empty', () => ''],
    ['that is endless', (token) => 'A'.repeat(100_000) + token],
  ])('%s are not ours (fault 34)', (_, forge) => {
    expect(() => verifyLink([key], forge(signLink(key, link)), now)).toThrow('not one of ours');
  });

  it('whose text was changed anywhere are not ours', () => {
    const token = signLink(key, link);
    fc.assert(
      fc.property(fc.nat(token.length - 1), fc.constantFrom(...'AZaz09-_.'), (at, sign) => {
        fc.pre(token[at] !== sign);
        const changed = token.slice(0, at) + sign + token.slice(at + 1);
        // The last character of 32 bytes in base64url has two bits that mean nothing.
        const isSameMac =
          at === token.length - 1 &&
          Buffer.from(changed.split('.')[1] ?? '', 'base64url').equals(
            Buffer.from(token.split('.')[1] ?? '', 'base64url'),
          );
        fc.pre(!isSameMac);
        expect(() => verifyLink([key], changed, now)).toThrow('not one of ours');
      }),
    );
  });
});

describe('the keys that sign links', () => {
  const other = 'the one before, also of thirty-two characters';
  it.each([
    ['a plain text', key, [key]],
    ['a list', JSON.stringify([key, other]), [key, other]],
    ['a list with a name', JSON.stringify({ keys: [key, other] }), [key, other]],
    ['a text that looks like a list', `[${key}`, [`[${key}`]],
  ])('may stand in %s', (_, text, keys) => {
    expect(linkKeysIn(text)).toEqual(keys);
  });

  it.each(['', 'short', '{"keys": []}', '["short"]', '{}'])(
    'are refused when missing or guessable: %s',
    (text) => {
      expect(() => linkKeysIn(text)).toThrow('at least 32 characters');
    },
  );

  it('are read when first needed, again after five minutes, and again at once after a failure', async () => {
    let at = now;
    const texts = [key, other];
    const values: (() => Promise<string>)[] = [
      async () => {
        throw new Error('throttled');
      },
      async () => texts[0] ?? '',
      async () => texts[1] ?? '',
    ];
    const keysOf = openLinkKeys({ read: () => (values.shift() ?? (async () => ''))() }, () => at);
    await expect(keysOf()).rejects.toThrow('throttled');
    expect(await keysOf()).toEqual([key]);
    at += 5 * 60_000 - 1;
    expect(await keysOf()).toEqual([key]);
    at += 1;
    expect(await keysOf()).toEqual([other]);
  });
});
