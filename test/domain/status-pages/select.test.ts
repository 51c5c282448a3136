import { describe, expect, it } from 'vitest';
import type { CheckRecord } from '../../../shared/health/index.ts';
import { checkIdOf } from '../../../shared/health/index.ts';
import { type StatusPageGroup, selectChecks, statusPageKind } from '../../../shared/status-pages/index.ts';
import { deploymentsOf, reachesPage } from '../../../shared/status-pages/reach.ts';

const check = (deploymentId: string, name: string, over: object = {}): CheckRecord =>
  ({
    id: checkIdOf(deploymentId, name),
    definition: { deploymentId, name, isPublic: true, tags: {}, ...over },
  }) as unknown as CheckRecord;

const checks = [
  check('shop', 'home', { tags: { team: 'web', tier: '1' } }),
  check('shop', 'cart', { tags: { team: 'cart' } }),
  check('shop', 'admin', { isPublic: undefined, tags: { team: 'web' } }),
  check('till', 'print', { tags: { team: 'web' } }),
  check('till', 'home'),
];

const ofGroup = (group: Partial<StatusPageGroup>) => {
  const [selected] = selectChecks({ groups: [{ name: 'g', ...group }] }, checks);
  return {
    shown: selected?.shown.map(({ check: { definition }, label }) => [
      `${definition.deploymentId}/${definition.name}`,
      label,
    ]),
    hidden: selected?.hidden,
  };
};

describe('what a group shows', () => {
  it.each<[string, Partial<StatusPageGroup>, string[]]>([
    ['all public checks of its deployment, by name', { deploymentId: 'shop' }, ['shop/cart', 'shop/home']],
    ['those with its tag, wherever they are', { tag: 'team:web' }, ['shop/home', 'till/print']],
    ['with any value of the tag', { tag: 'team' }, ['shop/cart', 'shop/home', 'till/print']],
    ['with its tag in its deployment', { deploymentId: 'shop', tag: 'team:web' }, ['shop/home']],
    ['nothing of a tag that no check has', { tag: 'team:nobody' }, []],
    [
      'those it names first, in its order, and none twice',
      {
        checks: [
          { deploymentId: 'till', name: 'print' },
          { deploymentId: 'shop', name: 'home' },
        ],
        deploymentId: 'shop',
      },
      ['till/print', 'shop/home', 'shop/cart'],
    ],
  ])('%s', (_what, group, expected) => {
    const { shown, hidden } = ofGroup(group);
    expect(shown?.map(([name]) => name)).toEqual(expected);
    expect(hidden).toEqual([]);
  });

  it('is called by the label of the group, else by the name of the check', () => {
    const named = [
      { deploymentId: 'shop', name: 'home', label: 'Website' },
      { deploymentId: 'shop', name: 'cart' },
    ];
    expect(ofGroup({ checks: named }).shown).toEqual([
      ['shop/home', 'Website'],
      ['shop/cart', 'cart'],
    ]);
  });

  it('is never a check that is not public: of those it names it tells so, of all others it says nothing', () => {
    const named = [
      { deploymentId: 'shop', name: 'admin', label: 'Office' },
      { deploymentId: 'shop', name: 'gone' },
    ];
    expect(ofGroup({ checks: named })).toEqual({
      shown: [],
      hidden: [
        { deploymentId: 'shop', name: 'admin', why: 'not public' },
        { deploymentId: 'shop', name: 'gone', why: 'not there' },
      ],
    });
    expect(ofGroup({ deploymentId: 'shop' }).hidden).toEqual([]);
  });
});

describe('who reaches a page', () => {
  const named = { name: 'a', checks: [{ deploymentId: 'shop', name: 'home' }] };
  it.each<[string, StatusPageGroup[], '*' | string[], string[], boolean]>([
    ['of one deployment', [named], ['shop'], ['shop'], true],
    ['of another deployment', [named], ['shop'], ['till'], false],
    [
      'of two, one out of reach',
      [named, { name: 'b', deploymentId: 'till' }],
      ['shop', 'till'],
      ['shop'],
      false,
    ],
    [
      'of two within reach',
      [named, { name: 'b', deploymentId: 'till' }],
      ['shop', 'till'],
      ['till', 'shop'],
      true,
    ],
    ['of a tag anywhere', [named, { name: 'b', tag: 'a' }], '*', ['shop', 'till'], false],
    ['of a tag in a deployment', [{ name: 'b', tag: 'a', deploymentId: 'shop' }], ['shop'], ['shop'], true],
  ])('%s', (_what, groups, shown, reach, isReached) => {
    expect(deploymentsOf({ groups })).toEqual(shown);
    expect(reachesPage(reach, { groups })).toBe(isReached);
    expect(reachesPage('*', { groups })).toBe(true);
  });
});

describe('what the audit keeps of a page', () => {
  it('is the whole definition, but of an image only its type and size', () => {
    const definition = {
      slug: 'shop',
      name: 'Shop',
      timeZone: 'UTC',
      isPublished: true,
      logoUrl: `data:image/png;base64,${'A'.repeat(40_000)}`,
      groups: [{ name: 'a', tag: 'b' }],
    };
    expect(statusPageKind.shown(definition)).toEqual({
      ...definition,
      logoUrl: 'data:image/png;base64,… (40022 characters)',
    });
  });
});
