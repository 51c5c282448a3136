import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { directionRules } from './architecture/direction.ts';
import { layoutRules } from './architecture/layout.ts';
import type { Rule } from './architecture/rule.ts';
import { readTree, treeOf } from './architecture/sources.ts';
import { writingRules } from './architecture/writing.ts';

const rules: readonly Rule[] = [...directionRules, ...writingRules, ...layoutRules];

describe('in this checkout', () => {
  const tree = readTree(fileURLToPath(new URL('..', import.meta.url)));

  it('the sources are found', () => {
    expect(tree.paths).toContain('shared/platform/function/contract.ts');
    expect(tree.sources.get('functions/index.ts')?.imports.map(({ specifier }) => specifier)).toContain(
      './api/contract.ts',
    );
  });

  it.each(rules.map((rule) => [rule.sentence, rule] as const))('%s', (_, rule) => {
    expect(rule.broken(tree)).toEqual([]);
  });
});

type Example = { readonly breaks: string; readonly files: Record<string, string>; readonly said: string[] };

/** One small tree a rule, so that no rule passes because it sees nothing. `breaks` is the beginning of its sentence. */
const examples: readonly Example[] = [
  {
    breaks: 'shared imports only shared',
    files: {
      'shared/health/a.ts': "import type { contract } from '../../functions/api/contract.ts';",
      'shared/health/b.ts': "export const open = () => import('../../infra/stack.ts');",
      'shared/health/c.ts': "export * from '../../cli/apply.ts';",
      'shared/health/d.ts': "import { now } from '../platform/clock.ts';",
    },
    said: [
      'shared/health/a.ts imports functions/api/contract.ts',
      'shared/health/b.ts imports infra/stack.ts',
      'shared/health/c.ts imports cli/apply.ts',
    ],
  },
  {
    breaks: 'functions import only functions, shared',
    files: {
      'functions/page/handler.ts':
        "import page from '../../web/page.html' with { type: 'text' };\nimport '../../infra/config.ts';",
    },
    said: ['functions/page/handler.ts imports infra/config.ts'],
  },
  {
    breaks: 'a contract imports only other contracts',
    files: {
      'functions/api/contract.ts':
        "import { routes } from '../../shared/platform/api/table.ts';\nimport type { Check } from '../../shared/health/check.ts';\nimport { defineFunction } from '../../shared/platform/function/contract.ts';",
    },
    said: ['functions/api/contract.ts imports shared/platform/api/table.ts'],
  },
  {
    breaks: 'infra, outside infra/local',
    files: {
      'infra/stack.ts':
        "import { handler } from '../functions/api/handler.ts';\nimport { contracts } from '../functions/index.ts';\nimport { fold } from '../shared/health/fold.ts';",
    },
    said: ['infra/stack.ts imports functions/api/handler.ts', 'infra/stack.ts imports shared/health/fold.ts'],
  },
  {
    breaks: 'infra/local imports of functions only',
    files: {
      'infra/local/host.ts':
        "import '../../functions/api/handler.ts';\nimport '../../functions/api/contract.ts';",
    },
    said: ['infra/local/host.ts imports functions/api/handler.ts'],
  },
  {
    breaks: 'cli imports only',
    files: {
      'cli/apply.ts': "import '../shared/configuration/index.ts';\nimport '../functions/api/handler.ts';",
    },
    said: ['cli/apply.ts imports functions/api/handler.ts'],
  },
  {
    breaks: 'web imports only web',
    files: {
      'web/page.ts':
        "import type { Check } from '../shared/health/check.ts';\nimport { fold } from '../shared/health/fold.ts';",
    },
    said: ['web/page.ts imports shared/health/fold.ts'],
  },
  {
    breaks: 'nothing that is deployed imports tests',
    files: { 'infra/stack.ts': "import type { Fake } from '../test/fake.ts';" },
    said: ['infra/stack.ts imports test/fake.ts'],
  },
  {
    breaks: 'capabilities reach one another only through',
    files: {
      'shared/catalog/list.ts':
        "import { fold } from '../health/fold.ts';\nimport { read } from '../health/index.ts';\nimport { Table } from '../storage/table.ts';",
    },
    said: ['shared/catalog/list.ts imports shared/health/fold.ts'],
  },
  {
    breaks: 'platform and storage import no capability',
    files: {
      'shared/platform/clock.ts': "import { check } from '../health/index.ts';",
      'shared/platform/api/table.ts':
        "import { routes } from '../../health/routes.ts';\nimport { fold } from '../../health/index.ts';",
      'shared/storage/keys.ts': "import type { Check } from '../health/check.ts';",
    },
    said: [
      'shared/platform/api/table.ts imports shared/health/index.ts',
      'shared/platform/clock.ts imports shared/health/index.ts',
      'shared/storage/keys.ts imports shared/health/check.ts',
    ],
  },
  {
    breaks: 'every relative import names a file',
    files: { 'shared/health/a.ts': "import './b';\nimport './b.ts';", 'shared/health/b.ts': '' },
    said: ['shared/health/a.ts imports shared/health/b'],
  },
  {
    breaks: 'no imports run in a circle',
    files: {
      'shared/a/one.ts': "import './two.ts';",
      'shared/a/two.ts': "export * from './three.ts';\nimport type { One } from './one.ts';",
      'shared/a/three.ts': "import { one } from './one.ts';\nexport const later = () => import('./two.ts');",
      'shared/a/self.ts': "import './self.ts';",
    },
    said: [
      'shared/a/one.ts → shared/a/two.ts → shared/a/three.ts → shared/a/one.ts',
      'shared/a/self.ts → shared/a/self.ts',
    ],
  },
  {
    breaks: 'the AWS SDK is imported only in',
    files: {
      'functions/api/handler.ts': "import type { SQSClient } from '@aws-sdk/client-sqs';",
      'shared/platform/aws/queue.aws.ts': "import { SQSClient } from '@aws-sdk/client-sqs';",
      'shared/storage/table.ts': "import { marshall } from '@aws-sdk/util-dynamodb';",
      'test/storage/table.test.ts': "import { DynamoDBClient } from '@aws-sdk/client-dynamodb';",
    },
    said: ['functions/api/handler.ts imports @aws-sdk/client-sqs'],
  },
  {
    breaks: 'what is deployed imports only packages',
    files: {
      'package.json': '{"dependencies": {"zod": "4", "@middy/core": "7"}, "devDependencies": {"vite": "8"}}',
      'functions/api/handler.ts':
        "import * as z from 'zod/mini';\nimport middy from '@middy/core';\nimport type { Event } from 'aws-lambda';\nimport { createHash } from 'node:crypto';\nimport { build } from 'vite';",
    },
    said: ['functions/api/handler.ts imports vite'],
  },
  {
    breaks: 'no static import leads from runner',
    files: {
      'functions/runner/handler.ts': "import { run } from '../../shared/health/run.ts';",
      'shared/health/run.ts':
        "import type { Schema } from './model.ts';\nexport { judge } from './judge.ts';\nexport const parse = () => import('yaml');",
      'shared/health/judge.ts': "import { type Check } from './model.ts';",
      'shared/health/model.ts': "import * as z from 'zod';",
    },
    said: [
      'functions/runner/handler.ts → shared/health/run.ts → shared/health/judge.ts → shared/health/model.ts → zod',
    ],
  },
  {
    breaks: 'time, ids, randomness and the environment',
    files: {
      'shared/platform/clock.ts': 'export const now = () => Date.now();',
      'shared/health/a.ts': [
        'export const at = (now = Date.now) => new Date(now());',
        'export const today = new Date();',
        'export const text = Date();',
        "export const region = globalThis.process['env'].AWS_REGION;",
        'const { env } = process;',
        "import { randomUUID } from 'node:crypto';",
        'export const dice = Math.random();',
        "// Date.now() in a comment and 'process.env' in a text are not code",
        "export const saying = 'process.env';",
      ].join('\n'),
      'functions/api/handler.ts': "import { env } from 'node:process';",
    },
    said: [
      'functions/api/handler.ts:1 import of process',
      'shared/health/a.ts:1 Date.now',
      'shared/health/a.ts:2 new Date()',
      'shared/health/a.ts:3 Date()',
      'shared/health/a.ts:4 process.env',
      'shared/health/a.ts:5 parts of process',
      'shared/health/a.ts:6 randomUUID',
      'shared/health/a.ts:7 Math.random',
    ],
  },
  {
    breaks: 'no test is left out or alone',
    files: {
      'test/domain/a.test.ts':
        "it.only('a', () => {});\ndescribe.skip('b', () => {});\nit.each([1]).skip('c', () => {});\nit.skipIf(false)('d', () => {});\nthings.only('e');",
    },
    said: ['test/domain/a.test.ts:1 .only', 'test/domain/a.test.ts:2 .skip', 'test/domain/a.test.ts:3 .skip'],
  },
  {
    breaks: 'no type is `any`',
    files: { 'infra/a.ts': 'const any = 1 as unknown;\nconst x = any as any;\nlet list: any[];' },
    said: ['infra/a.ts:2 any', 'infra/a.ts:3 any'],
  },
  {
    breaks: 'no line is hidden',
    files: {
      'infra/a.ts':
        "// @ts-ignore\nx();\n/* @ts-nocheck */\n// biome-ignore lint/a/b\n// biome-ignore lint/a/b: the text's own\nconst text = '// @ts-ignore';",
    },
    said: ['infra/a.ts:1 @ts-ignore', 'infra/a.ts:3 @ts-nocheck', 'infra/a.ts:4 biome-ignore lint/a/b'],
  },
  {
    breaks: 'nothing is left to do',
    files: { 'infra/a.ts': 'x();\n// TODO later\nconst TODO = 1;' },
    said: ['infra/a.ts:2 TODO later'],
  },
  {
    breaks: 'no file or folder is named',
    files: {
      'shared/utils/time.ts': '',
      'shared/health/helpers.test.ts': '',
      'infra/check-manager.ts': '',
      'shared/health/database.ts': '',
      'docs/data.md': '',
    },
    said: ['docs/data.md', 'infra/check-manager.ts', 'shared/health/helpers.test.ts', 'shared/utils'],
  },
  {
    breaks: 'no file is longer than 300 lines',
    files: {
      'infra/a.ts': `${'x();\n'.repeat(301)}`,
      'infra/b.ts': `${'x();\n'.repeat(300)}`,
      'test/a.test.ts': `${'x();\n'.repeat(600)}`,
    },
    said: ['infra/a.ts has 301 lines'],
  },
  {
    breaks: 'every folder under functions',
    files: {
      'functions/index.ts': "import { contract as api } from './api/contract.ts';",
      'functions/api/contract.ts': '',
      'functions/page/contract.ts': '',
      'functions/page/handler.ts': '',
    },
    said: ['functions/api has no handler.ts', 'functions/page is not in functions/index.ts'],
  },
  {
    breaks: 'every handler opens with',
    files: {
      'functions/api/handler.ts': "/** Trigger: HTTP. Promise: an answer. */\nimport './x.ts';",
      'functions/page/handler.ts': "import './x.ts';\n/** Trigger: HTTP. Promise: a page. */",
    },
    said: ['functions/page/handler.ts does not open with /** Trigger: … Promise: … */'],
  },
];

describe('each rule notices what breaks it', () => {
  it.each(examples)('$breaks …', ({ breaks, files, said }) => {
    const matching = rules.filter(({ sentence }) => sentence.startsWith(breaks));
    expect(matching).toHaveLength(1);
    expect(matching.flatMap((rule) => rule.broken(treeOf(files))).sort()).toEqual([...said].sort());
  });

  it('and every rule has such an example', () => {
    const without = rules.filter(
      ({ sentence }) => !examples.some(({ breaks }) => sentence.startsWith(breaks)),
    );
    expect(without.map(({ sentence }) => sentence)).toEqual([]);
  });
});
