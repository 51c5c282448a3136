import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { builtinRules } from '../../../shared/alerting/builtin.ts';
import { ruleDefinitionSchema } from '../../../shared/alerting/model.ts';
import { resolveRule } from '../../../shared/alerting/resolve.ts';
import { noDataPolicies, ruleTypes } from '../../../shared/alerting/rule.ts';
import { typeOf } from '../../../shared/alerting/types/registry.ts';
import { patternFault } from '../../../shared/alerting/types/whole-pattern.ts';

const page = readFileSync(new URL('../../../docs/alerts.md', import.meta.url), 'utf8');
const sectionOf = (heading: string): string => {
  const [, section = ''] = page.split(`\n## ${heading}\n`);
  return section.split('\n## ')[0] ?? '';
};
const rulesIn = (text: string): readonly unknown[] =>
  [...text.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].flatMap(([, block = '']) => {
    const { alerts, ...rest } = parse(block) as { readonly alerts: readonly unknown[] };
    expect(rest).toEqual({});
    return alerts;
  });

type Json = { readonly [key: string]: unknown };
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null;
const schemaOf = (schema: z.ZodType): Json => z.toJSONSchema(schema, { io: 'input' }) as Json;

/** The fields of a condition with their schemas, of each way to write it. */
const fieldsOf = (schema: Json): readonly (readonly [name: string, field: Json])[] => {
  const ways = [schema, ...((schema.anyOf as readonly Json[] | undefined) ?? [])];
  return ways.flatMap(({ properties }) => (isObject(properties) ? Object.entries(properties) : [])) as [
    string,
    Json,
  ][];
};

/** `| field | default |` rows by field; several fields may share one. */
const rowsOf = (section: string): ReadonlyMap<string, string> =>
  new Map(
    [...section.matchAll(/^\| (`[^|]*`) \| ([^|]*) \|/gm)].flatMap(([, names = '', usual = '']) =>
      [...names.matchAll(/`(\w+)`/g)].map(([, name = '']) => [name, usual.trim()] as const),
    ),
  );

describe('docs/alerts.md', () => {
  const rules = rulesIn(page);
  it.each(rules.map((rule) => [(rule as { name: string }).name, rule] as const))(
    'shows only rules that are accepted: %s',
    (_name, rule) => {
      expect(() => resolveRule(ruleDefinitionSchema.parse(rule))).not.toThrow();
    },
  );

  it.each(ruleTypes)('shows a rule of the type %s, and tells every field of it with its default', (type) => {
    const section = sectionOf(`\`${type}\``);
    expect(rulesIn(section).map((rule) => (rule as { type: string }).type)).toContain(type);
    const rows = rowsOf(section);
    const fields = fieldsOf(schemaOf(typeOf(type).condition(z, patternFault)));
    expect(fields.length).toBeGreaterThan(0);
    expect(new Set(rows.keys())).toEqual(new Set(fields.map(([name]) => name)));
    for (const [name, { default: usual }] of fields)
      if (usual !== undefined) expect(rows.get(name), name).toBe(`\`${String(usual)}\``);
  });

  it('tells every field that all rules have, and its default', () => {
    const [first] = schemaOf(ruleDefinitionSchema as z.ZodType).oneOf as readonly Json[];
    const rows = rowsOf(sectionOf('Every rule'));
    expect(new Set(rows.keys())).toEqual(new Set(Object.keys(first?.properties as Json)));
    const usual = resolveRule(ruleDefinitionSchema.parse({ name: 'x', type: 'downtime' }));
    expect(rows.get('for')).toBe(`\`${usual.forSeconds}\``);
    expect(rows.get('keepFiringFor')).toBe(`\`${usual.keepFiringSeconds}\``);
    expect(rows.get('cooldown')).toBe(`\`${usual.cooldownSeconds}\``);
    expect(rows.get('noData')).toBe(`\`${usual.noData}\``);
    expect(rows.get('minCoverage')).toBe(`\`${usual.minCoverage}\``);
    expect(rows.get('groupBy')).toBe(`\`${usual.groupBy}\``);
    expect(rows.get('deploymentId')).toBe(`\`${usual.deploymentId}\``);
  });

  it('tells which severity is usual for each type', () => {
    const row = page.split('\n').find((line) => line.startsWith('| `severity` | by type')) ?? '';
    const usual = new Map(
      [...row.matchAll(/`(\w+)` for ([^;|]+);/g)].flatMap(([, severity = '', types = '']) =>
        [...types.matchAll(/`(\w+)`/g)].map(([, type = '']) => [type, severity] as const),
      ),
    );
    expect(row).toContain('else `warning`');
    expect(ruleTypes.map((type) => [type, usual.get(type) ?? 'warning'])).toEqual(
      ruleTypes.map((type) => [type, typeOf(type).defaults?.severity ?? 'warning']),
    );
  });

  it('tells every type, every policy for missing data and every built-in rule', () => {
    for (const type of ruleTypes) expect(page).toContain(`| [\`${type}\`](#${type}) |`);
    for (const policy of noDataPolicies) expect(page).toContain(`| \`${policy}\` |`);
    for (const { definition } of builtinRules())
      expect(sectionOf('Without any rule')).toContain(`| ${definition.name} |`);
  });
});
