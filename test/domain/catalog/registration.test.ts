import { describe, expect, it } from 'vitest';
import { deploymentDefinitionSchema } from '../../../shared/catalog/api.ts';
import { type DeploymentRecord, decideRegistration } from '../../../shared/catalog/deployment.ts';

const definition = deploymentDefinitionSchema.parse({ deploymentId: 'shop' });
const record = (fields: Partial<DeploymentRecord> = {}): DeploymentRecord => ({
  definition,
  accountId: '123456789012',
  region: 'eu-central-1',
  revision: 1,
  managedBy: 'api',
  createdAt: 0,
  updatedAt: 0,
  ...fields,
});
const other = { ...definition, environment: 'staging' };

describe('what registering does', () => {
  it('a deployment that says only its id is production and wholly watched', () => {
    expect(definition).toEqual({
      deploymentId: 'shop',
      blueprintId: null,
      environment: 'production',
      monitoringConfig: {
        driftDetection: true,
        healthChecks: true,
        costMonitoring: true,
        complianceMonitoring: true,
      },
    });
  });

  it.each([
    ['nothing there', undefined, definition, 'api', 'created'],
    ['one that was removed', record({ deletedAt: 5 }), definition, 'api', 'created'],
    ['one that another owner removed', record({ deletedAt: 5, managedBy: 'file' }), other, 'api', 'created'],
    ['the same', record(), definition, 'api', 'unchanged'],
    ['the same, of another owner', record({ managedBy: 'file' }), definition, 'api', 'unchanged'],
    ['its own, otherwise', record(), other, 'api', 'updated'],
  ] as const)('%s: %s', (_, existing, wanted, owner, outcome) => {
    expect(decideRegistration(existing, wanted, owner)).toBe(outcome);
  });

  it.each([
    ['file', 'api', 'managed by a file'],
    ['api', 'file', 'managed over the API'],
  ] as const)('what %s owns with other content, %s may not change', (managedBy, owner, why) => {
    expect(() => decideRegistration(record({ managedBy }), other, owner)).toThrow(why);
  });
});
