import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchesOf, rehearsalsOf } from '../../../shared/configuration/batches.ts';
import { type Defined, definedIn } from '../../../shared/configuration/definition.ts';
import { differenceBetween, exportYaml } from '../../../shared/configuration/index.ts';
import { configurationOf, problemsOf } from './files.ts';

const all = `deployments:
  - id: shop
    resources:
      - {name: web, type: ecs-service, id: prod/web, checks: [home page], tags: {tier: web}}
    scaling:
      - {name: by latency, target: {kind: ecs-service, resource: web}, series: check.response_time_ms, window: 10m, targetValue: 300, max: 9}
scaling:
  - {name: by errors, deploymentId: shop, target: {kind: ecs-service, resource: web}, series: check.failure, steps: [{from: 0.1, change: 1}], max: 9}
policies:
  - name: careful
    selector: {environments: [production]}
    health_remediation:
      unhealthy_service: {action: restart, wait: 45s}
      resource_exhaustion: {action: scale_up, threshold: 80%}
    cost_optimization:
      oversized_resources: {action: recommend_downsize, detection: usage < 30%, approval: {people: 2, expires: 2h}}
    limits: {max_count: 0, max_percent: 12.5%}
`;

const policy = (name: string, rest: string): string => `  - {name: ${name}, ${rest}}\n`;
const healing = 'health_remediation: {unhealthy_service: {action: restart}}';

describe('policies, scaling rules and resources in a file', () => {
  it('are complete; a scaling rule belongs to the deployment around it, or to the one it names', async () => {
    const { deployments, scalers, policies } = await configurationOf({ 'homeostat.yaml': all });
    expect(deployments[0]?.resources).toEqual([
      { name: 'web', type: 'ecs-service', id: 'prod/web', checks: ['home page'], tags: { tier: 'web' } },
    ]);
    expect(scalers).toMatchObject([
      {
        deploymentId: 'shop',
        name: 'by latency',
        windowSeconds: 600,
        scaling: { kind: 'target', target: 300 },
        min: 1,
        isActive: true,
      },
      {
        deploymentId: 'shop',
        name: 'by errors',
        scaling: { kind: 'steps', steps: [{ from: 0.1, change: 1, unit: 'count' }] },
      },
    ]);
    expect(policies).toMatchObject([
      {
        name: 'careful',
        isActive: true,
        selector: { deployments: [], environments: ['production'], tags: {} },
        healthRemediation: {
          unhealthyService: { action: 'restart', waitSeconds: 45, maxAttempts: 3 },
          resourceExhaustion: { thresholdPercent: 80, maxScale: 2 },
        },
        limits: { maxCount: 0, maxPercent: 12.5 },
      },
    ]);
  });

  it('enabled: false switches policies and scaling rules off, and leaves the resources listed', async () => {
    const off = await configurationOf({ 'homeostat.yaml': `enabled: false\n${all}` });
    expect(off.policies.map(({ isActive }) => isActive)).toEqual([false]);
    expect(off.scalers.map(({ isActive }) => isActive)).toEqual([false, false]);
    expect(off.deployments[0]?.resources).toHaveLength(1);
  });

  it.each([
    [
      'an unknown action',
      'policies:\n  - name: a\n    health_remediation:\n      unhealthy_service: {action: reboot}\n',
      'homeostat.yaml:4:35 policies[0].health_remediation.unhealthy_service.action: Give one of notify, fix, restart, replace, reprovision, scale_up, scale_down, rollback, stop, snapshot_delete, recommend_downsize, run, webhook.',
    ],
    [
      'an action that its section does not know',
      'policies:\n  - name: a\n    drift_remediation:\n      auto_fix:\n        - severity: error\n          action: scale_up\n',
      'homeostat.yaml:6:19 policies[0].drift_remediation.auto_fix[0].action: Here give one of fix, notify, replace, reprovision, run, webhook.',
    ],
    [
      'a negative limit',
      `policies:\n  - name: a\n    ${healing}\n    limits:\n      max_count: -1\n`,
      'homeostat.yaml:5:18 policies[0].limits.max_count: Give a whole number from 0.',
    ],
    [
      'a negative number of resources',
      'policies:\n  - name: a\n    drift_remediation:\n      auto_fix: [{severity: error, action: fix, max_resources: -2}]\n',
      'homeostat.yaml:4:64 policies[0].drift_remediation.auto_fix[0].max_resources: Give a whole number from 0 to 10000.',
    ],
    [
      'more than a hundred percent',
      `policies:\n  - name: a\n    ${healing}\n    limits: {max_percent: 101%}\n`,
      'homeostat.yaml:4:27 policies[0].limits.max_percent: Give a percentage from 0 to 100, such as 80%.',
    ],
    [
      'a misspelled field',
      'policies:\n  - name: a\n    health_remediation:\n      unhealthy_service: {action: restart, max_atempts: 3}\n',
      'homeostat.yaml:4:44 policies[0].health_remediation.unhealthy_service.max_atempts: There is no such field: did you mean max_attempts?',
    ],
    [
      'a resource of an unknown type',
      'deployments:\n  - id: shop\n    resources:\n      - {name: web, type: blimp, id: x}\n',
      'homeostat.yaml:4:27 deployments[0].resources[0].type: Give one of ec2-instance, ecs-service, auto-scaling-group, rds-instance, rds-cluster, lambda-alias, ebs-volume, cloudformation-stack, codedeploy-group, cloudcontrol-resource, ssm-managed-node, docker-container, process, orchestrator, probe-concurrency.',
    ],
    [
      'a resource listed twice',
      'deployments:\n  - id: shop\n    resources:\n      - {name: web, type: process, id: x}\n      - {name: web, type: process, id: y}\n',
      'homeostat.yaml:5:16 deployments[0].resources[1].name: Give each resource a name of its own.',
    ],
    [
      'a scaling rule of a resource that its deployment does not list',
      'deployments:\n  - id: shop\nscaling:\n  - name: a\n    deploymentId: shop\n    target: {kind: ecs-service, resource: web}\n    series: check.up\n    targetValue: 1\n    max: 2\n',
      'homeostat.yaml:6:43 scaling[0].target.resource: The deployment shop has no resource of this name: add it to its `resources`, type ecs-service.',
    ],
    [
      'a scaling rule of a resource of another type',
      'deployments:\n  - id: shop\n    resources: [{name: web, type: process, id: x}]\n    scaling:\n      - {name: a, target: {kind: ecs-service, resource: web}, series: check.up, targetValue: 1, max: 2}\n',
      'homeostat.yaml:5:57 deployments[0].scaling[0].target.resource: web is of the type process; ecs-service scales one of the type ecs-service.',
    ],
    [
      'steps that overlap',
      'scaling:\n  - name: a\n    deploymentId: x\n    target: {kind: ecs-service, resource: web}\n    series: check.up\n    max: 2\n    steps:\n      - {from: 0, to: 5, change: 1}\n      - {from: 4, change: 2}\n',
      'homeostat.yaml:9:16 scaling[0].steps[1].from: This step overlaps one before it: each value must have one answer.',
    ],
    [
      'a deployment inside a deployment',
      'deployments:\n  - id: shop\n    scaling:\n      - {name: a, deploymentId: other}\n',
      'homeostat.yaml:4:19 deployments[0].scaling[0].deploymentId: Remove it: the deployment around the scaling rule gives it.',
    ],
  ])('%s is refused with line and field', async (_what, text, problem) => {
    expect(await problemsOf(text)).toEqual([problem]);
  });

  it('policies that could speak of the same are refused, naming both files and lines', async () => {
    const files = {
      'homeostat.yaml': `include: [b.yaml]\npolicies:\n${policy('a', `selector: {environments: [production]}, ${healing}`)}`,
      'b.yaml': `policies:\n  - name: b\n    selector: {deployments: [shop]}\n    ${healing}\n${policy('c', `selector: {environments: [staging], deployments: [till]}, ${healing}`)}`,
    };
    expect(await problemsOf(files)).toEqual([
      'b.yaml:3:15 policies[0].selector: The policy a could speak of the same (health_remediation.unhealthy_service): narrow one of their selectors, or leave the section to one of them. It stands in homeostat.yaml:3.',
    ]);
    const off = { ...files, 'b.yaml': `enabled: false\n${files['b.yaml']}` };
    expect(await problemsOf(off)).toEqual([]);
  });

  it('two of one name are refused, and more policies than fit into one request', async () => {
    const twice = `policies:\n${policy('a', healing)}${policy('a', 'drift_remediation: {enabled: false}')}`;
    expect(await problemsOf(twice)).toEqual([
      'homeostat.yaml:3:5 Give one of them another name: policy «a» is defined in homeostat.yaml:2 already.',
    ]);
    const again = `${all}    # once more\n`.replace('name: by errors', 'name: by latency');
    expect(await problemsOf(again)).toEqual([
      'homeostat.yaml:8:5 Give one of them another name: scaling rule «by latency» of deployment shop is defined in homeostat.yaml:6 already.',
    ]);
    const many = Array.from({ length: 51 }, (_, at) =>
      policy(`p${at}`, `selector: {environments: [e${at}]}, ${healing}`),
    );
    expect(await problemsOf(`policies:\n${many.join('')}`)).toEqual([
      'homeostat.yaml:52:5 Apply at most 50 policies at once: these files have 51. Apply some of the files by themselves.',
    ]);
  });
});

describe('what is exported', () => {
  const roundTrip = async (text: string): Promise<void> => {
    const there = definedIn(await configurationOf({ 'homeostat.yaml': text }));
    const again = definedIn(await configurationOf({ 'homeostat.yaml': exportYaml(there) }));
    const held = there.map((object) => ({ ...object, managedBy: 'file' as const }));
    const { created, updated, removed, unchanged } = differenceBetween(again, held);
    expect({ created, updated, removed }).toEqual({ created: [], updated: [], removed: [] });
    expect(unchanged).toHaveLength(there.length);
  };

  it('reads as people would write it: no defaults, durations, percent', async () => {
    expect(exportYaml(definedIn(await configurationOf({ 'homeostat.yaml': all })))).toBe(`deployments:
  - id: shop
    resources:
      - name: web
        type: ecs-service
        id: prod/web
        checks:
          - home page
        tags:
          tier: web
    scaling:
      - name: by errors
        target:
          kind: ecs-service
          resource: web
        series: check.failure
        steps:
          - from: 0.1
            change: 1
        max: 9
      - name: by latency
        target:
          kind: ecs-service
          resource: web
        series: check.response_time_ms
        window: 10m
        targetValue: 300
        max: 9
policies:
  - name: careful
    selector:
      environments:
        - production
    health_remediation:
      unhealthy_service:
        action: restart
        wait: 45s
      resource_exhaustion:
        action: scale_up
        threshold: 80%
    cost_optimization:
      oversized_resources:
        action: recommend_downsize
        approval:
          mode: manual
          people: 2
          expires: 2h
        detection: usage < 30%
    limits:
      max_count: 0
      max_percent: 12.5%
`);
  });

  const remedy = fc.constantFrom(
    'action: notify',
    'action: run, params: {document: a, wait: 3, approval: x}, approval: manual',
    'action: webhook, approval: {mode: manual, people: 3, by: [ann, bo], another_person: true, expires: 90m}',
    'action: webhook, approval: auto, max_attempts: 7, backoff: constant, wait: 0',
  );
  const section = fc.oneof(
    remedy.map((one) => `health_remediation: {unhealthy_service: {${one}}}`),
    remedy.map((one) => `health_remediation: {enabled: false, failed_release: {${one}}}`),
    remedy.map((one) => `health_remediation: {resource_exhaustion: {${one}, threshold: 33.3333}}`),
    remedy.map(
      (one) => `cost_optimization: {idle_resources: {${one}, detection_period: 36h, max_resources: 0}}`,
    ),
    remedy.map((one) => `cost_optimization: {oversized_resources: {${one}, detection: 0.05}}`),
    remedy.map(
      (one) => `drift_remediation: {auto_fix: [{severity: info, ${one}}, {severity: critical, action: fix}]}`,
    ),
    fc.constant('compliance_remediation: {enabled: false}'),
    fc.constant('health_remediation: {unhealthy_service: {action: scale_up, max_scale: 1.25x}}'),
  );
  const rest = fc.constantFrom(
    '',
    ', is_active: false, selector: {tags: {wait: "3", yes: "no"}}',
    ', windows: [{kind: allow, from: "00:00", until: "24:00"}, {kind: deny, weekdays: [sat, sun], from: "22:00", until: "06:00", time_zone: Europe/Berlin}]',
    ', limits: {max_count: 3}, brakes: {attempts_per_hour: 1, cooldown: 90s, flaps_per_day: 100}',
    ', exceptions: [{resource: "db*", reason: "a: b", until: "2030-01-01T00:00:00+02:00"}]',
  );
  const rule = fc.constantFrom(
    'targetValue: 0.5, min: 2, max: 4, selector: {kinds: [http], tags: {a: b}}',
    'targetValue: 10, max: 4, window: 90s, aggregate: p99, scaleOutCooldown: 0, scaleInCooldown: 1h, scaleInProtection: true',
    'steps: [{to: 1, change: 0, unit: exact}, {from: 1, to: 2, change: -25, unit: percent}, {from: 2, change: 1}], min: 0, max: 0, isActive: false',
  );

  it('applies with an empty difference, whatever it is', { timeout: 60_000 }, async () => {
    const any = fc.tuple(
      fc.array(fc.tuple(section, rest), { maxLength: 3 }),
      fc.array(rule, { maxLength: 3 }),
    );
    await fc.assert(
      fc.asyncProperty(any, async ([policies, rules]) => {
        const target = 'target: {kind: lambda-concurrency, resource: f}, series: check.up';
        const lines = [
          'policies:\n',
          // Each for a deployment of its own, so that no two speak of the same.
          ...policies.map(([what, more], at) => {
            const own = more.includes('selector:')
              ? more.replace('selector: {', `selector: {deployments: [d${at}], `)
              : `${more}, selector: {deployments: [d${at}]}`;
            return `  - {name: 'p: ${at}', ${what}${own}}\n`;
          }),
          'scaling:\n',
          ...rules.map((one, at) => `  - {name: 's: ${at}', deploymentId: shop, ${target}, ${one}}\n`),
        ];
        await roundTrip(lines.join(''));
      }),
      { numRuns: 60 },
    );
  });
});

describe('the difference', () => {
  it('shows what changed in a policy and a scaling rule, field by field, and takes both away before their deployment', async () => {
    const wanted = definedIn(await configurationOf({ 'homeostat.yaml': all }));
    const other = all.replace('wait: 45s', 'wait: 1m').replace('targetValue: 300', 'targetValue: 500');
    const held = definedIn(await configurationOf({ 'homeostat.yaml': other })).map((object) => ({
      ...object,
      managedBy: 'file' as const,
    }));
    const { updated } = differenceBetween(wanted, held);
    expect(updated.map(({ kind, name, fields }) => [kind, name, fields])).toEqual([
      ['scaler', 'shop/by latency', [{ path: 'targetValue', from: 500, to: 300 }]],
      ['policy', 'careful', [{ path: 'health_remediation.unhealthy_service.wait', from: 60, to: 45 }]],
    ]);
    expect(differenceBetween([], held).removed.map(({ kind }) => kind)).toEqual([
      'policy',
      'scaler',
      'scaler',
      'deployment',
    ]);
  });
});

describe('many changes', () => {
  const step = (object: Defined, op: 'put' | 'remove') => ({
    object,
    change:
      op === 'put'
        ? { op, kind: object.kind, definition: { ...object.definition } }
        : ({ op, kind: 'policy', name: object.name } as const),
  });

  it('keep all policies, those that come and those that go, in one request, and in each rehearsal of one', async () => {
    const checks = Array.from(
      { length: 90 },
      (_, at) => `  - {name: c${at}, type: tcp, target: 'a.example:1'}\n`,
    );
    const policies = Array.from({ length: 20 }, (_, at) =>
      policy(`p${at}`, `selector: {environments: [e${at}]}, ${healing}`),
    );
    const objects = definedIn(
      await configurationOf({
        'homeostat.yaml': `checks:\n${checks.join('')}policies:\n${policies.join('')}`,
      }),
    );
    const going = objects.filter(({ kind }) => kind === 'policy').slice(0, 5);
    const steps = [...objects.map((one) => step(one, 'put')), ...going.map((one) => step(one, 'remove'))];
    const sizes = (batches: ReturnType<typeof batchesOf>) =>
      batches.map((batch) => batch.filter(({ object }) => object.kind === 'policy').length);
    expect(sizes(batchesOf(steps))).toEqual([0, 25]);
    expect(sizes(rehearsalsOf(steps)).filter((count) => count > 0)).toEqual([25]);
  });
});
