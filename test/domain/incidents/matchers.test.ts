import { describe, expect, test } from 'vitest';
import { matches, parseMatcher, writtenMatcher } from '../../../shared/incidents/matchers.ts';

describe('a matcher as Alertmanager writes it', () => {
  test.each([
    ['deployment=shop', { label: 'deployment', operator: '=', value: 'shop' }],
    ['deployment != "my shop"', { label: 'deployment', operator: '!=', value: 'my shop' }],
    ['check=~api-.*', { label: 'check', operator: '=~', value: 'api-.*' }],
    ['tag.tier!~^(a|b)$', { label: 'tag.tier', operator: '!~', value: '^(a|b)$' }],
    ['name="a \\"b\\""', { label: 'name', operator: '=', value: 'a "b"' }],
    ['name=', { label: 'name', operator: '=', value: '' }],
    ['name="~x"', { label: 'name', operator: '=', value: '~x' }],
  ])('%s is read, and written so that it reads the same', async (text, matcher) => {
    expect(await parseMatcher(text)).toEqual(matcher);
    expect(await parseMatcher(writtenMatcher(await parseMatcher(text)))).toEqual(matcher);
  });

  test.each([
    ['deployment', 'cannot be read: write label=value'],
    ['=shop', 'cannot be read: write label=value'],
    ['check=~(', 'has a pattern that RE2 does not take'],
    ['check=~(?=a)b', 'has a pattern that RE2 does not take'],
    ['check=~(?:[a-c]?){1000}', 'its repetitions make it too large'],
    ['name="open', 'has a quote that does not end'],
    [`name=${'a'.repeat(600)}`, 'is longer than 500 characters'],
  ])('%s is refused with what is wrong', async (text, message) => {
    await expect(parseMatcher(text)).rejects.toMatchObject({
      code: 'ALERT_ERROR',
      message: expect.stringContaining(message),
    });
  });

  test.each([
    ['check=api', true],
    ['check=ap', false],
    ['check!=api', false],
    ['check=~a.*', true],
    ['check=~p', false],
    ['check!~p', true],
    ['gone=', true],
    ['gone!=x', true],
    ['gone=~.+', false],
    ['constructor=', true],
    ['__proto__=~.*', true],
  ])('%s on check "api": %s', async (text, isMatching) => {
    expect(await matches([await parseMatcher(text)], { check: 'api' })).toBe(isMatching);
  });

  test('a pattern that would backtrack forever takes no time (fault 32)', async () => {
    const matcher = await parseMatcher('check=~(a+)+b');
    expect(await matches([matcher], { check: 'a'.repeat(30_000) })).toBe(false);
  });
});
