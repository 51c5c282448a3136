import { describe, expect, it } from 'vitest';
import { batchesOf, inOrder, rehearsalsOf } from '../../../shared/configuration/batches.ts';
import { type Definable, definedIn, statusPageOf } from '../../../shared/configuration/definition.ts';
import { differenceBetween, exportYaml } from '../../../shared/configuration/index.ts';
import type { StatusPageDefinition } from '../../../shared/status-pages/api.ts';
import { configurationOf, problemsOf } from './files.ts';

const file = `deployments:
  - id: shop
    checks:
      - {name: home, type: http, target: 'https://shop.example.com/', isPublic: true}
statusPages:
  - slug: shop
    name: Shop status
    description: 'All of it, # even this'
    accentColor: '#0A7D5C'
    timeZone: Europe/Berlin
    isPublished: false
    groups:
      - {name: Shop, checks: [{deploymentId: shop, name: home, label: Website}, {name: mail}]}
      - {name: Rest, description: what is left, tag: 'team:shop'}
  - {slug: all, name: All, groups: [{name: All, deploymentId: shop}]}
`;

describe('status pages in a file', () => {
  it('are complete: defaults filled in', async () => {
    const { statusPages } = await configurationOf({ 'homeostat.yaml': file });
    expect(statusPages).toEqual([
      {
        slug: 'shop',
        name: 'Shop status',
        description: 'All of it, # even this',
        accentColor: '#0a7d5c',
        timeZone: 'Europe/Berlin',
        isPublished: false,
        groups: [
          {
            name: 'Shop',
            checks: [
              { deploymentId: 'shop', name: 'home', label: 'Website' },
              { deploymentId: 'default', name: 'mail' },
            ],
          },
          { name: 'Rest', description: 'what is left', tag: 'team:shop' },
        ],
      },
      {
        slug: 'all',
        name: 'All',
        timeZone: 'UTC',
        isPublished: true,
        groups: [{ name: 'All', deploymentId: 'shop' }],
      },
    ]);
  });

  it('exported they are the same again, without what goes without saying', async () => {
    const before = definedIn(await configurationOf({ 'homeostat.yaml': file }));
    const text = exportYaml(before);
    expect(text).toContain('statusPages:\n  - slug: all\n    name: All\n    groups:\n');
    expect(text).not.toContain('timeZone: UTC');
    expect(text).not.toContain('isPublished: true');
    const after = definedIn(await configurationOf({ 'homeostat.yaml': text }));
    const held = before.map((one) => ({ ...one, managedBy: 'file' as const }));
    expect(differenceBetween(after, held)).toMatchObject({ created: [], updated: [], removed: [] });
  });

  it('what the API adds to a page is no difference', async () => {
    const { statusPages } = await configurationOf({ 'homeostat.yaml': file });
    const held = statusPages.map((page) => ({
      ...statusPageOf({
        ...page,
        groups: page.groups.map((group) => ({ ...group, shown: 1, hidden: [] })),
      } as StatusPageDefinition),
      managedBy: 'file' as const,
    }));
    const wanted = definedIn({ deployments: [], checks: [], statusPages } satisfies Definable);
    expect(differenceBetween(wanted, held).unchanged).toHaveLength(2);
  });

  it.each([
    [
      'a field that does not exist, at its line',
      'statusPages:\n  - {slug: a, name: a, title: b, groups: [{name: a, tag: a}]}\n',
      /^homeostat\.yaml:2:\d+ statusPages\[0\]\.title: /,
    ],
    [
      'a group of nothing, at its line',
      'statusPages:\n  - slug: a\n    name: a\n    groups:\n      - {name: a}\n',
      /^homeostat\.yaml:5:9 statusPages\[0\]\.groups\[0\]\.checks: Give checks, a deploymentId or a tag\./,
    ],
    [
      'a slug twice',
      'statusPages:\n  - {slug: a, name: a, groups: [{name: a, tag: a}]}\n  - {slug: a, name: b, groups: [{name: a, tag: a}]}\n',
      /^homeostat\.yaml:3:5 .*Give one of them another slug: status page «a» is defined in .*:2 already\./,
    ],
  ])('are refused with %s', async (_what, text, problem) => {
    const problems = await problemsOf(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(problem);
  });
});

describe('applying a page with the checks that it names', () => {
  const stepsFor = async (checks: number) => {
    const names = Array.from({ length: checks }, (_, no) => `check ${no}`);
    const text = JSON.stringify({
      statusPages: [
        { slug: 'a', name: 'a', groups: [{ name: 'a', checks: names.map((name) => ({ name })) }] },
      ],
      checks: names.map((name) => ({ name, type: 'tcp', target: 'a.example.com:1' })),
    });
    const defined = definedIn(await configurationOf({ 'homeostat.yaml': text }));
    return defined.map((object) => ({
      object,
      change: { op: 'put' as const, kind: object.kind, definition: { ...object.definition } },
    }));
  };
  const kinds = (batch: readonly { readonly object: { readonly kind: string } }[]) =>
    batch.map(({ object }) => object.kind);

  it('it comes after them, and brings them along when it is rehearsed', async () => {
    const steps = await stepsFor(60);
    expect(kinds(inOrder(steps)).at(-1)).toBe('statusPage');
    const rehearsed = rehearsalsOf(inOrder(steps)).find((batch) => kinds(batch).includes('statusPage'));
    expect(rehearsed).toHaveLength(61);
  });

  it('more of them than fit into a request: it is not rehearsed without some, and comes last in the real run', async () => {
    const steps = inOrder(await stepsFor(150));
    expect(rehearsalsOf(steps).flatMap(kinds)).not.toContain('statusPage');
    expect(batchesOf(steps).map((batch) => batch.length)).toEqual([100, 51]);
    expect(batchesOf(steps).flatMap(kinds).at(-1)).toBe('statusPage');
  });
});
