import { describe, expect, it } from 'vitest';
import { coveragesOf } from '../../../web/pages/incidents/silenced.ts';

const alertOf = (
  name: string,
  given: {
    deploymentId?: string | null;
    state?: 'firing' | 'resolved';
    rule?: string;
    isCheck?: boolean;
  } = {},
) => {
  const { deploymentId = 'shop', state = 'firing', rule = 'Service Down', isCheck = true } = given;
  return {
    state,
    ruleName: rule,
    subject: {
      key: `check:${name}`,
      name,
      deploymentId,
      labels: { [isCheck ? 'check' : 'resource']: name },
    },
  } as const;
};
const matchersOf = (...alerts: ReturnType<typeof alertOf>[]) =>
  Object.fromEntries(coveragesOf(alerts).map(({ name, matchers }) => [name, matchers]));

describe('What a silence of an incident may cover', () => {
  it('its one check, its rule, or its deployment, the narrowest first', () => {
    expect(coveragesOf([alertOf('home page')])).toEqual([
      {
        name: 'subjects',
        title: 'What is wrong here: 1 check',
        matchers: [
          { label: 'deployment', operator: '=', value: 'shop' },
          { label: 'check', operator: '=', value: 'home page' },
        ],
      },
      {
        name: 'rules',
        title: 'By rule: Service Down',
        matchers: [
          { label: 'deployment', operator: '=', value: 'shop' },
          { label: 'rule', operator: '=', value: 'Service Down' },
        ],
      },
      {
        name: 'deployment',
        title: 'Everything of shop',
        matchers: [{ label: 'deployment', operator: '=', value: 'shop' }],
      },
    ]);
  });

  it('several checks by a pattern of exactly their names', () => {
    expect(matchersOf(alertOf('b (new)'), alertOf('a|x'), alertOf('b (new)')).subjects).toEqual([
      { label: 'deployment', operator: '=', value: 'shop' },
      { label: 'check', operator: '=~', value: 'a\\|x|b \\(new\\)' },
    ]);
  });

  it('what is no check by what it is about', () => {
    expect(matchersOf(alertOf('bucket', { isCheck: false })).subjects?.at(-1)).toEqual({
      label: 'subject',
      operator: '=',
      value: 'bucket',
    });
  });

  it('only what fires; what does not any more, once nothing does', () => {
    const over = alertOf('over', { state: 'resolved' });
    expect(matchersOf(alertOf('on'), over).subjects?.at(-1)?.value).toBe('on');
    expect(matchersOf(over).subjects?.at(-1)?.value).toBe('over');
  });

  it('no deployment, where an alert belongs to none', () => {
    expect(Object.keys(matchersOf(alertOf('alarm', { deploymentId: null })))).toEqual(['subjects', 'rules']);
  });

  it('not so many checks that the API could not take their names', () => {
    const many = Array.from({ length: 60 }, (_, no) => alertOf(`check number ${no}`));
    expect(Object.keys(matchersOf(...many))).toEqual(['rules', 'deployment']);
  });

  it('nothing, where there is no alert', () => {
    expect(coveragesOf([])).toEqual([]);
  });
});
