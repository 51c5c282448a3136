import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { defaultFields } from '../../../shared/configuration/file.ts';
import { checkDefinitionSchema } from '../../../shared/health/api.ts';
import { conditionParser } from '../../../shared/health/conditions/parse.ts';
import { checkKinds } from '../../../shared/health/kinds/index.ts';
import type { CheckKind } from '../../../shared/health/kinds/kind.ts';
import { configurationOf, problemsOf } from './files.ts';

const root = new URL('../../../', import.meta.url);
const textOf = (path: string): string => readFileSync(new URL(path, root), 'utf8');

const pages = ['README.md', ...readdirSync(new URL('docs/', root)).map((name) => `docs/${name}`)].filter(
  (path) => path.endsWith('.md'),
);

/** Each block of YAML with the line it begins on. What begins as a list is a list of checks. */
const blocks = pages.flatMap((page) =>
  [...textOf(page).matchAll(/^( *)```yaml\n([\s\S]*?)^ *```$/gm)].map((found) => {
    const text = found[2] ?? '';
    const line = textOf(page).slice(0, found.index).split('\n').length;
    if (text.startsWith('- ')) return { where: `${page}:${line}`, text: `checks:\n${text}` };
    const isPart = text.startsWith('conditions:');
    const check = '- name: a\n  type: http\n  target: https://a.example/\n';
    return {
      where: `${page}:${line}`,
      text: isPart ? `checks:\n${check}${text.replace(/^/gm, '  ')}` : text,
    };
  }),
);

/** With the folders that examples include. */
const around = { 'teams/a.yaml': '', 'checks/a.yaml': '' };

/** From its heading to the next one. */
const sectionOf = (page: string, heading: string): string => {
  const [, section = ''] = page.split(`\n## ${heading}\n`);
  return section.split('\n## ')[0] ?? '';
};

type Json = { readonly [key: string]: unknown };
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null;

/** The names of all fields that a JSON Schema speaks of, however deep. */
const fieldsIn = (schema: unknown): readonly string[] => {
  if (!isObject(schema)) return [];
  const { properties, ...rest } = schema;
  const named = isObject(properties) ? Object.keys(properties) : [];
  const inner = [...(isObject(properties) ? Object.values(properties) : []), ...Object.values(rest)];
  return [...new Set([...named, ...inner.flatMap(fieldsIn)])];
};

const schemaOf = (schema: z.ZodType): Json =>
  z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Json;

describe('the documents', () => {
  it.each(blocks.map(({ where, text }) => [where, text]))(
    'show only configuration that is accepted: %s',
    async (_where, text) => {
      expect(await problemsOf({ 'homeostat.yaml': text, ...around })).toEqual([]);
    },
  );

  it('are looked through for such blocks', () => {
    expect(blocks.length).toBeGreaterThan(Object.keys(checkKinds).length);
  });

  const page = textOf('docs/checks.md');
  it.each(Object.entries(checkKinds as Readonly<Record<string, CheckKind>>))(
    'tell every field of %s, its defaults and what its conditions may speak of',
    (type, kind) => {
      const section = sectionOf(page, `\`${type}\``);
      expect(section).toContain(`type: ${type}`);
      const config = schemaOf(kind.definition(z, conditionParser).config);
      const missing = fieldsIn(config).filter((name) => !new RegExp(`\\b${name}\\b`).test(section));
      expect(missing, `fields of ${type}`).toEqual([]);
      const properties = isObject(config.properties) ? config.properties : {};
      for (const [name, field] of Object.entries(properties)) {
        expect(section, `a row of ${name}`).toMatch(new RegExp(`^\\|[^|]*\`${name}\``, 'm'));
        if (!isObject(field) || field.default === undefined || isObject(field.default)) continue;
        expect(section).toMatch(new RegExp(`^\\|[^|]*\`${name}\`[^|]*\\| \`${String(field.default)}\``, 'm'));
      }
      const unspoken = kind.placeholders.filter((one) => !section.includes(`[${one}]`));
      const inTable = page.split('\n').filter((line) => line.includes(`(#${type})`));
      expect(unspoken.filter((one) => !inTable.join('').includes(`[${one}]`))).toEqual([]);
    },
  );

  it('tell every field that all checks have', () => {
    const section = sectionOf(textOf('docs/configuration.md'), 'A check');
    const [first] = Object.values(schemaOf(checkDefinitionSchema as z.ZodType).oneOf as readonly Json[]);
    const names = Object.keys(isObject(first?.properties) ? first.properties : {});
    expect(names).toContain('interval');
    expect(names.filter((name) => !section.includes(`\`${name}\``))).toEqual([]);
  });

  it('tell every field that defaults may give', () => {
    const row = textOf('docs/configuration.md')
      .split('\n')
      .find((line) => line.startsWith('| `defaults` '));
    expect(defaultFields.filter((name) => !row?.includes(`\`${name}\``))).toEqual([]);
  });
});

describe('homeostat.yaml, the example', () => {
  const example = textOf('homeostat.yaml');

  it('names its JSON Schema on the first line, at the port that npm start takes', () => {
    expect(example.split('\n')[0]).toBe(
      '# yaml-language-server: $schema=http://127.0.0.1:3007/homeostat.schema.json',
    );
  });

  it('is accepted as it is', async () => {
    expect(await problemsOf({ 'homeostat.yaml': example, ...around })).toEqual([]);
  });

  it('is accepted with all its examples switched on, which show every kind', async () => {
    const all = example.replace(/^#(?! \S|$)/gm, '');
    const files = { 'homeostat.yaml': all.replace('enabled: false', 'enabled: true'), ...around };
    expect(await problemsOf(files)).toEqual([]);
    const { checks } = await configurationOf(files);
    expect(new Set(checks.map(({ type }) => type))).toEqual(new Set(Object.keys(checkKinds)));
  });
});
