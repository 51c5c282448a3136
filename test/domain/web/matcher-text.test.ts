import { describe, expect, it } from 'vitest';
import {
  covers,
  matchersWords,
  patternOf,
  readMatcher,
  valuesIn,
} from '../../../web/components/matcher-text.ts';

describe('Matchers as the console says them', () => {
  it.each([
    ['deployment=shop', 'deployment is «shop»'],
    ['check="home page"', 'check is «home page»'],
    ['severity!=info', 'severity is not «info»'],
    ['check=~"home.*"', 'check is like «home.*»'],
    ['check!~"home.*"', 'check is not like «home.*»'],
    ['check=~"a|b|c"', 'check is «a», «b» or «c»'],
    ['check=~"a \\\\| b|c"', 'check is «a | b» or «c»'],
    ['tag.team=""', 'tag team is nothing'],
    ['ruleType=downtime', 'type of rule is «downtime»'],
    ['no matcher at all', 'no matcher at all'],
  ])('%s reads: %s', (written, words) => {
    expect(matchersWords([written])).toBe(words);
  });

  it('several must all hold', () => {
    expect(matchersWords(['deployment=shop', 'check=cart'])).toBe(
      'deployment is «shop», and check is «cart»',
    );
  });

  it('a quote that does not end is shown as it stands', () => {
    expect(readMatcher('check="home')).toEqual({ label: 'check', operator: '=', value: '"home' });
  });

  it.each([
    ['a|b', ['a', 'b']],
    ['a\\|b|c\\.d', ['a|b', 'c.d']],
    ['home.*', undefined],
    ['\\d', undefined],
    ['(a|b)', undefined],
  ])('the pattern %s lists %j', (pattern, values) => {
    expect(valuesIn(pattern)).toEqual(values);
  });

  it('a pattern made of values lists exactly them', () => {
    const values = ['a.b', 'c|d', '(e)', 'f\\g', 'h i'];
    expect(valuesIn(patternOf(values))).toEqual(values);
  });

  it.each([
    ['deployment=shop', true],
    ['deployment!=shop', false],
    ['deployment=~"shop|billing"', true],
    ['deployment!~"shop|billing"', false],
    ['tag.team=""', true],
    ['deployment=~"sh.*"', undefined],
  ])('%s covers an alert of shop: %s', (written, isCovered) => {
    const matcher = readMatcher(written);
    expect(covers(matcher ? [matcher] : [], { deployment: 'shop' })).toBe(isCovered);
  });

  it('what one matcher excludes is not covered, whatever a pattern would say', () => {
    const matchers = ['check=~"h.*"', 'deployment=billing'].flatMap((one) => readMatcher(one) ?? []);
    expect(covers(matchers, { deployment: 'shop', check: 'home' })).toBe(false);
  });
});
