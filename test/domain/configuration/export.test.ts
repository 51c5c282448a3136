import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { definedIn } from '../../../shared/configuration/definition.ts';
import { type Defined, differenceBetween, exportYaml } from '../../../shared/configuration/index.ts';
import { checkDefinitionSchema, checkSettingsFrom, resolveDefinition } from '../../../shared/health/api.ts';
import { configurationOf } from './files.ts';

const stack = {
  defaultIntervalSeconds: '60',
  vpcRunner: 'true',
  allowedPrivateRanges: '::1/128',
  checkSecretNames: '*',
  teamFunctionArns: '*',
  awsServices: '*',
};
/** What the API keeps of a check that it was given. */
const kept = (given: object) =>
  resolveDefinition(
    checkDefinitionSchema.parse(given),
    checkSettingsFrom((name) => stack[name]),
  );

/** Texts that YAML or the loader could read as something else. */
const awkward = fc.constantFrom(
  'yes',
  'null',
  '~',
  '1',
  '1e3',
  '0x10',
  '2026-01-31',
  '*star',
  '&and',
  '!bang',
  '# hash',
  'a: b',
  '- dash',
  '[x]',
  '{x}',
  `\${env:HOME}`,
  `$\${env:HOME:-x}`,
  `\${env:`,
  '$$',
  '<<',
  "it's",
  '"quoted"',
  ' padded ',
  '%',
  '@',
  '`',
  '—',
  '👍',
);
const text = fc.oneof(
  awkward,
  fc
    .string({ minLength: 1, maxLength: 30, unit: 'grapheme' })
    .filter((value) => /^[^\p{C}\u2028\u2029]*\S[^\p{C}\u2028\u2029]*$/u.test(value)),
);
const tagName = fc
  .stringMatching(/^[a-z][a-z0-9._:-]{0,10}$/)
  .filter((name) => !['constructor', 'prototype'].includes(name));
const common = {
  interval: fc.constantFrom(10, 30, 60, 300, 3600, 86_400),
  failureThreshold: fc.integer({ min: 1, max: 20 }),
  successThreshold: fc.integer({ min: 1, max: 20 }),
  network: fc.constantFrom('public', 'vpc'),
  tags: fc.dictionary(tagName, text, { maxKeys: 3 }),
  isActive: fc.boolean(),
};
const timing = fc.constantFrom(
  {},
  { timeout: 0.25 },
  { timeout: 1.001 },
  { timeout: 3, retries: 1 },
  { retries: 0 },
  { timeout: 0.1234567 },
);
const optional: { requiredKeys: [] } = { requiredKeys: [] };
const tcp = fc
  .record({ ...common, config: fc.constant({}) }, optional)
  .map((fields) => ({ type: 'tcp', target: '[::1]:443', ...fields }));
const httpConfig = fc.record(
  {
    method: fc.constantFrom('GET', 'HEAD', 'POST'),
    headers: fc.constantFrom({}, { accept: '*/*' }, { 'x-a': 'yes', host: `\${env:HOST}` }),
    expectedStatus: fc.constantFrom([200], ['200-299', 404], ['204']),
    followRedirects: fc.integer({ min: 0, max: 10 }),
    verifyTls: fc.boolean(),
  },
  optional,
);
const http = fc
  .record({ ...common, config: httpConfig }, optional)
  .map((fields) => ({ type: 'http', target: `https://a.example/?q=\${env:Q:-1}&r=%20#x`, ...fields }));
const anyCheck = fc
  .tuple(fc.oneof(tcp, http), timing, text, fc.constantFrom('default', 'shop', 'elsewhere'))
  .map(([fields, times, name, deploymentId]) => ({ ...fields, ...times, name, deploymentId }));
const anyDeployment = fc.record(
  {
    blueprintId: fc.option(text),
    environment: text,
    monitoringConfig: fc.record({ driftDetection: fc.boolean(), healthChecks: fc.boolean() }, optional),
  },
  optional,
);

describe('An exported configuration', () => {
  it('applies with an empty difference, whatever was exported', { timeout: 60_000 }, async () => {
    const all = fc.tuple(
      fc.option(anyDeployment),
      fc.uniqueArray(anyCheck, {
        maxLength: 5,
        selector: ({ deploymentId, name }) => `${deploymentId}\n${name}`,
      }),
    );
    await fc.assert(
      fc.asyncProperty(all, async ([deployment, checks]) => {
        const monitoringConfig = {
          driftDetection: true,
          healthChecks: true,
          costMonitoring: true,
          complianceMonitoring: true,
          ...deployment?.monitoringConfig,
        };
        const there: readonly Defined[] = definedIn({
          deployments: deployment
            ? [
                {
                  deploymentId: 'shop',
                  blueprintId: deployment.blueprintId ?? null,
                  environment: deployment.environment ?? 'production',
                  monitoringConfig,
                },
              ]
            : [],
          checks: checks.map(kept),
        });
        // Of another interval by default, and with an environment: neither may reach what was exported.
        const options = { environment: { HOME: 'x', HOST: 'x', Q: 'x' }, defaultIntervalSeconds: 20 };
        const again = definedIn(await configurationOf({ 'homeostat.yaml': exportYaml(there) }, options));
        const current = there.map((object) => ({ ...object, managedBy: 'file' as const }));
        const { created, updated, removed, unchanged } = differenceBetween(again, current);
        expect({ created, updated, removed }).toEqual({ created: [], updated: [], removed: [] });
        expect(unchanged.length).toBe(there.length);
      }),
      { numRuns: 150 },
    );
  });

  it('leaves out what equals its default', () => {
    const checks = [
      kept({ type: 'http', name: 'home', target: 'https://a.example/', deploymentId: 'shop', interval: 300 }),
      kept({ type: 'tcp', name: 'db', target: 'db.example:5432', retries: 0, timeout: 0.5 }),
    ];
    expect(exportYaml(definedIn({ deployments: [], checks }))).toBe(
      `checks:
  - name: db
    type: tcp
    target: db.example:5432
    interval: 1m
    timeout: 500ms
    retries: 0
  - deploymentId: shop
    name: home
    type: http
    target: https://a.example/
    interval: 5m
`,
    );
  });
});
