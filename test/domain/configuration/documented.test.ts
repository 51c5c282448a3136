import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { parseConfig } from '../../../infra/config.ts';
import { defaultFields } from '../../../shared/configuration/file.ts';
import { checkDefinitionSchema } from '../../../shared/health/api.ts';
import { conditionParser } from '../../../shared/health/conditions/parse.ts';
import { checkKinds } from '../../../shared/health/kinds/index.ts';
import { type CheckKind, ofConnections } from '../../../shared/health/kinds/kind.ts';
import { routes } from '../../../shared/platform/api/table.ts';
import { releaseStates } from '../../../shared/releases/release.ts';
import { scalerInDeploymentSchema } from '../../../shared/scaling/api.ts';
import { statusPageDefinitionSchema } from '../../../shared/status-pages/api.ts';
import { configurationOf, problemsOf } from './files.ts';

const root = new URL('../../../', import.meta.url);
const textOf = (path: string): string => readFileSync(new URL(path, root), 'utf8');

const pages = ['README.md', ...readdirSync(new URL('docs/', root)).map((name) => `docs/${name}`)].filter(
  (path) => path.endsWith('.md'),
);

/** The whole file that a block stands for; undefined for what is none of ours: CloudFormation, Prometheus. */
const fileIn = (block: string): string | undefined => {
  if (/^(Resources|scrape_configs):/.test(block)) return undefined;
  if (block.startsWith('- ')) return `checks:\n${block}`;
  if (!block.startsWith('conditions:')) return block;
  return `checks:\n- name: a\n  type: http\n  target: https://a.example/\n${block.replace(/^/gm, '  ')}`;
};

/** Each block of configuration, and where it begins. */
const blocks = pages.flatMap((page) =>
  [...textOf(page).matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].flatMap(({ 1: block = '', index }) => {
    const text = fileIn(block);
    const line = textOf(page).slice(0, index).split('\n').length;
    return text === undefined ? [] : [[`${page}:${line}`, text] as const];
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
  it.each(blocks)('show only configuration that is accepted: %s', async (_where, text) => {
    expect(await problemsOf({ 'homeostat.yaml': text, ...around })).toEqual([]);
  });

  it('are looked through for such blocks', () => {
    expect(blocks.length).toBeGreaterThan(Object.keys(checkKinds).length);
  });

  const page = textOf('docs/checks.md');
  /** Told once for all kinds, and kind by kind in docs/conditions.md. */
  const common = new Set<string>(ofConnections);
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
      const own = kind.placeholders.filter((one) => !common.has(one));
      const unspoken = own.filter((one) => !section.includes(`[${one}]`));
      const inTable = page.split('\n').filter((line) => line.includes(`(#${type})`));
      expect(unspoken.filter((one) => !inTable.join('').includes(`[${one}]`))).toEqual([]);
    },
  );

  it('tell in which fields secrets are put in, and no others', () => {
    const section = sectionOf(page, 'Secrets');
    for (const [type, kind] of Object.entries(checkKinds as Readonly<Record<string, CheckKind>>)) {
      const row = section.split('\n').find((line) => line.startsWith('| `') && line.includes(`\`${type}\``));
      const [, , cell = ''] = row?.split('|') ?? [];
      const told = [...cell.matchAll(/`(\w+)`/g)].map(([, name = '']) => name);
      const parts = (kind.secretFields ?? []).map((field) => field.split('.'));
      expect(
        parts.map(([name = '']) => name).filter((name) => !told.includes(name)),
        type,
      ).toEqual([]);
      expect(
        told.filter((name) => !parts.flat().includes(name)),
        type,
      ).toEqual([]);
    }
  });

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

describe('docs/scaling.md and docs/releases.md', () => {
  it('tell every field there is', () => {
    const scaling = textOf('docs/scaling.md');
    const ofScaling = Object.keys(scalerInDeploymentSchema.shape);
    expect(ofScaling).toContain('scaleInProtection');
    expect(ofScaling.filter((name) => !new RegExp(`^\\|[^|]*\`${name}\``, 'm').test(scaling))).toEqual([]);
    const releases = textOf('docs/releases.md');
    const told = routes.find(({ id }) => id === 'tellRelease');
    const ofReleases = told && 'body' in told && told.body ? fieldsIn(schemaOf(told.body)) : [];
    expect(ofReleases).toContain('maxBurnRate');
    expect(ofReleases.filter((name) => !releases.includes(`| \`${name}\` |`))).toEqual([]);
    expect(releaseStates.filter((name) => !releases.includes(`| \`${name}\` |`))).toEqual([]);
  });
});

describe('docs/status-pages.md', () => {
  it('tells every field there is', () => {
    const page = textOf('docs/status-pages.md');
    const names = fieldsIn(schemaOf(statusPageDefinitionSchema));
    expect(names).toContain('accentColor');
    expect(names.filter((name) => !page.includes(`\`${name}\``) && name !== 'label')).toEqual([]);
    expect(page).toContain('`[{deploymentId, name, label}]`');
  });
});

describe('docs/deploying.md', () => {
  it('tells every setting of a stack', () => {
    let said = '';
    try {
      parseConfig({ nothing: 1, retentionDays: { nothing: 1 } });
    } catch (error) {
      said = (error as Error).message;
    }
    const names = [...said.matchAll(/known are (.*)/g)].flatMap(([, list = '']) => list.split(', '));
    expect(names).toContain('alertEmail');
    const table = sectionOf(textOf('docs/deploying.md'), 'Settings');
    const isTold = (name: string): boolean => new RegExp(`^\\| \`(\\w+\\.)?${name}[\`.]`, 'm').test(table);
    expect(names.filter((name) => !isTold(name))).toEqual([]);
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
    const { checks, deployments, scalers, policies, statusPages } = await configurationOf(files);
    expect(new Set(checks.map(({ type }) => type))).toEqual(new Set(Object.keys(checkKinds)));
    expect(deployments.flatMap(({ resources = [] }) => resources.map(({ name }) => name))).toContain('web');
    expect(scalers.map(({ name }) => name)).toEqual(['web by latency']);
    const [page] = statusPages;
    const shown = page?.groups.flatMap(({ checks: named = [] }) => named.map(({ name }) => name)) ?? [];
    expect(shown).toEqual(['Homeostat answers']);
    expect(checks.filter(({ isPublic }) => isPublic).map(({ name }) => name)).toEqual(shown);
    const [careful] = policies;
    expect(careful).toMatchObject({ healthRemediation: {}, driftRemediation: {}, costOptimization: {} });
  });
});
