import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { findingDetailsSchema, toldFindingsSchema } from '../../../shared/findings/api.ts';
import { parseFields } from '../../../shared/platform/api/faults.ts';
import { policyDefinitionSchema, resolvePolicy } from '../../../shared/policies/api.ts';
import { allSections, sectionOf } from '../../../shared/policies/sections.ts';

const page = readFileSync(new URL('../../../docs/policies.md', import.meta.url), 'utf8');
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, text = '']) => text);

describe('docs/policies.md', () => {
  it('shows policies that are accepted as they stand', () => {
    const written = blocks('yaml').flatMap((text) => (parse(text) as { policies?: object[] }).policies ?? []);
    const definitions = written.map((one) => resolvePolicy(parseFields(policyDefinitionSchema, one)));
    expect(definitions.map(({ name }) => name)).toEqual(['careful healing']);
    expect(
      definitions[0]?.driftRemediation?.autoFix.map(({ severity, action }) => [severity, action]),
    ).toEqual([
      ['warning', 'fix'],
      ['critical', 'notify'],
    ]);
  });

  it('shows a finding that is accepted as it stands', () => {
    const [told] = blocks('json').map((text) => parseFields(toldFindingsSchema, JSON.parse(text)));
    expect(told?.findings.map(({ kind, resource }) => [kind, resource])).toEqual([['drift', 'sg-0a1b2c3d']]);
    expect(parseFields(findingDetailsSchema, told?.findings[0]?.details)).toMatchObject({
      typeName: 'AWS::EC2::SecurityGroup',
    });
  });

  it('names the section of every kind of finding', () => {
    const rows = [
      ...page.matchAll(
        /^\| (`\w+`|a release that failed) \| `(\w+_\w+(?:\.(?!auto_fix)\w+)?)(?:\.auto_fix)?`/gm,
      ),
    ];
    const named = rows.map(([, kind = '', section]) => [kind.replaceAll('`', ''), section]);
    const kinds = ['unhealthy', 'exhausted', 'drift', 'violation', 'idle', 'oversized'] as const;
    expect(named.sort()).toEqual(
      [
        ['a release that failed', sectionOf('release')],
        ...kinds.map((kind) => [kind, sectionOf(kind)]),
      ].sort(),
    );
    expect(new Set(named.map(([, section]) => section))).toEqual(new Set(allSections));
  });
});
