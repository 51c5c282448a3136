import { describe, expect, it } from 'vitest';
import { keysIn, verifySignature } from '../../../shared/findings/signature.ts';

// printf '1790000000.{"source":"guard","findings":[]}' | openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef
const key = '0123456789abcdef0123456789abcdef';
const body = '{"source":"guard","findings":[]}';
const signature = 'e8b4faad983043d1fab04512fcf4dcc588f2ebf1d58519d58a8bdabc84ff9a0a';
const at = 1_790_000_000;
const other = 'f'.repeat(32);

const isValid = (
  header: string | undefined,
  over: { keys?: string[]; body?: string; seconds?: number } = {},
) =>
  verifySignature(over.keys ?? [key], { header, body: over.body ?? body, now: (over.seconds ?? at) * 1000 })
    .isValid;

describe('a signed delivery', () => {
  it.each<readonly [string, Parameters<typeof isValid>, boolean]>([
    ['as openssl signs it', [`t=${at},v1=${signature}`], true],
    ['with spaces between the parts', [`t=${at}, v1=${signature}`], true],
    ['five minutes late', [`t=${at},v1=${signature}`, { seconds: at + 300 }], true],
    ['five minutes early', [`t=${at},v1=${signature}`, { seconds: at - 300 }], true],
    ['later than that', [`t=${at},v1=${signature}`, { seconds: at + 301 }], false],
    ['earlier than that', [`t=${at},v1=${signature}`, { seconds: at - 301 }], false],
    ['with another body', [`t=${at},v1=${signature}`, { body: `${body} ` }], false],
    ['with another time', [`t=${at + 1},v1=${signature}`], false],
    ['with another key', [`t=${at},v1=${signature}`, { keys: [other] }], false],
    ['while the key is changed here', [`t=${at},v1=${signature}`, { keys: [other, key] }], true],
    ['while the key is changed there', [`t=${at},v1=${'0'.repeat(64)},v1=${signature}`], true],
    ['where there is no key', [`t=${at},v1=${signature}`, { keys: [] }], false],
    ['in capitals', [`t=${at},v1=${signature.toUpperCase()}`], false],
    ['cut', [`t=${at},v1=${signature.slice(0, 63)}`], false],
    ['without a time', [`v1=${signature}`], false],
    ['without a signature', [`t=${at}`], false],
    ['of another scheme', [`t=${at},v0=${signature}`], false],
    ['empty', [''], false],
    ['not at all', [undefined], false],
  ])('%s', (_, given, expected) => {
    expect(isValid(...given)).toBe(expected);
  });

  it('is the same delivery whatever else stands in the header, and another one at another time', () => {
    const of = (header: string, seconds = at) => {
      const signed = verifySignature([key], { header, body, now: seconds * 1000 });
      return signed.isValid ? signed.delivery : signed.reason;
    };
    expect(of(`t=${at},v1=${'0'.repeat(64)},v1=${signature}`)).toBe(of(`v1=${signature},t=${at}`, at + 10));
    expect(of(`t=${at},v1=${signature}`)).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('the secret', () => {
  it.each<readonly [string, string | undefined, readonly string[]]>([
    ['one key', key, [key]],
    ['the new and the old key', `${other}, ${key}\n`, [other, key]],
    ['what is too short to be one', 'secret', []],
    ['nothing', '', []],
    ['no secret', undefined, []],
  ])('holds %s', (_, secret, keys) => {
    expect(keysIn(secret)).toEqual(keys);
  });
});
