import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { compilePattern } from '../../../infra/local/events/pattern.ts';
import { eventSchemaDocument, eventSchemas } from '../../../shared/platform/event-schemas.ts';

type Detail = Readonly<Record<string, unknown>>;
type Event = { readonly source: string; readonly 'detail-type': string; readonly detail: Detail };

const page = readFileSync(new URL('../../../docs/events.md', import.meta.url), 'utf8');
const blocksOf = (language: string): readonly string[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
    ([, text = '']) => text,
  );

const examples = blocksOf('json').map((text) => JSON.parse(text) as Event);
const exampleOf = (type: string): Event => {
  const found = examples.find((event) => event['detail-type'] === type);
  if (!found) throw new Error(`docs/events.md has no example of ${type}`);
  return found;
};
const sectionOf = (type: string): string => page.split(`\n## \`${type}\`\n`)[1]?.split('\n## ')[0] ?? '';

const accepts = new Ajv2020({ strict: false, validateFormats: false }).compile(eventSchemaDocument());

describe('docs/events.md', () => {
  it.each(Object.entries(eventSchemas))(
    'tells every field of %s, with an example of all of them',
    (type, schema) => {
      const example = exampleOf(type);
      expect(accepts(example), JSON.stringify(accepts.errors)).toBe(true);
      const fields = Object.keys(schema.shape);
      expect(Object.keys(example.detail).sort()).toEqual([...fields].sort());
      const common = ['id', 'at', 'accountId', 'region'];
      const untold = fields.filter(
        (name) => !common.includes(name) && !sectionOf(type).includes(`\`${name}\``),
      );
      expect(untold).toEqual([]);
    },
  );

  it('shows no event that there is not', () => {
    expect(examples.map((event) => event['detail-type']).sort()).toEqual(Object.keys(eventSchemas).sort());
  });

  it('shows an id of each event that no other event could have', () => {
    const shapeOf = (event: Event): string =>
      String(event.detail.id)
        .replace(/[0-9a-f]{64}/, 'p')
        .replace(/0m[0-9a-z]{7}-[0-9a-f]{12}(?![0-9a-f])/, 'i')
        .replace(/0m[0-9a-z]{7}-[0-9a-f]{24}/, 'e')
        .replace(/[0-9a-f]{24}/, 'c')
        .replace(/[0-9a-f]{16}/, 'h')
        .replace(/\d+/g, 'n');
    expect(examples.map(shapeOf).sort()).toEqual([
      'alert:e@n',
      'audit:channel:h@n',
      'blind:home.public@n:started',
      'c@n',
      'c@n:flapping',
      'c@n:paced',
      'check:c@n',
      'deployment-status:shop@n',
      'deployment:shop@n',
      'finding:c@n',
      'incident:i@n',
      'notification/bus/i@n',
      'notification:h/i@n',
      'plan:p:approved',
      'release:shop@n',
      'remediation:p@n',
      'rule:c@n',
    ]);
  });

  const trouble = exampleOf('check.status_changed');
  const recovery = { ...trouble, detail: { ...trouble.detail, from: 'unhealthy', to: 'healthy' } };
  const slow = { ...trouble, detail: { ...trouble.detail, from: 'healthy', to: 'degraded' } };
  const others = { ...trouble, detail: { ...trouble.detail, tags: { team: 'search' } } };

  it('has a rule for the CDK that matches trouble and recovery, and nothing else', () => {
    const [, source = ''] = /eventPattern: (\{[\s\S]*?\n {6}\}),\n/.exec(blocksOf('ts')[0] ?? '') ?? [];
    // The object literal of the example, with the name that the CDK gives to the field.
    const pattern = parse(source.replace('detailType:', 'detail-type:')) as unknown;
    const isMatch = compilePattern(pattern);
    expect([trouble, recovery, slow, exampleOf('monitor.blind')].map(isMatch)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it('has a rule for CloudFormation that matches the trouble of one team only', () => {
    const text = (blocksOf('yaml')[0] ?? '').replace(/!\w+ /g, '');
    const { Resources } = parse(text) as {
      Resources: { Unhealthy: { Properties: { EventPattern: unknown } } };
    };
    const isMatch = compilePattern(Resources.Unhealthy.Properties.EventPattern);
    expect([trouble, recovery, others].map(isMatch)).toEqual([true, false, false]);
  });

  it('has a rule for the command line that matches the other two worth waking somebody', () => {
    const [, pattern = ''] = /--event-pattern '(.*?)'/.exec(blocksOf('sh').join('')) ?? [];
    const isMatch = compilePattern(pattern);
    const matched = examples.filter(isMatch).map((event) => event['detail-type']);
    expect(matched.sort()).toEqual(['deployment.status_changed', 'monitor.blind']);
  });
});
