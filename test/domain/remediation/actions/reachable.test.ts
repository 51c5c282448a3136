import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { DeploymentDefinition, DeploymentResource } from '../../../../shared/catalog/index.ts';
import { actionKinds } from '../../../../shared/platform/action-kinds.ts';
import { actionRegistry } from '../../../../shared/remediation/actions/registry.ts';
import { wishToRequest } from '../../../../shared/remediation/ask-for.ts';
import { targetsOf } from '../../../../shared/remediation/plan-targets.ts';

const deploymentOf = (type: DeploymentResource['type']): DeploymentDefinition => ({
  deploymentId: 'shop',
  blueprintId: null,
  environment: 'production',
  monitoringConfig: {
    driftDetection: true,
    healthChecks: true,
    costMonitoring: true,
    complianceMonitoring: true,
  },
  resources: [{ name: 'web', type, id: 'web' }],
});

describe('every kind of action', () => {
  it.each(actionKinds)('%s can be asked for of each of its types, by a verb or by its name', (kind) => {
    const { resourceTypes, verbs } = actionRegistry[kind];
    for (const type of resourceTypes) {
      const deployment = deploymentOf(type);
      const wish = wishToRequest(
        { id: 'wish-1', action: 'restart', resource: 'web', kind, by: 'token:ann' },
        { deployment, policies: [], openFindings: [], now: 0 },
      );
      const request = { ...wish, action: verbs[0] ?? wish.action };
      expect(targetsOf(actionRegistry, deployment, request)).toMatchObject([{ kind, resource: { type } }]);
    }
  });

  it('stands in docs/remediation.md with the types it is for and the verbs that mean it', () => {
    const page = readFileSync(new URL('../../../../docs/remediation.md', import.meta.url), 'utf8');
    const rows = [...page.matchAll(/^\| `([a-z0-9-]+)` \| ([^|]+) \| ([^|]+) \|/gm)]
      .filter(([, kind]) => kind !== undefined && Object.hasOwn(actionRegistry, kind))
      .map(([, kind, types, verbs]) => [kind, namesIn(types), namesIn(verbs)]);
    const registered = Object.entries(actionRegistry).map(([kind, { resourceTypes, verbs }]) => [
      kind,
      // Of more than five types the page says «any of AWS».
      resourceTypes.length > 5 ? [] : [...resourceTypes].sort(),
      [...verbs].sort(),
    ]);
    expect(rows.sort()).toEqual(registered.sort());
  });
});

const namesIn = (cell: string | undefined): string[] =>
  [...(cell ?? '').matchAll(/`([a-z0-9_-]+)`/g)].map(([, name = '']) => name).sort();
