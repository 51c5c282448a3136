import { resolvePolicy, type WrittenPolicy } from '../../../shared/policies/api.ts';
import type { PolicyDefinition, PolicyRecord } from '../../../shared/policies/index.ts';
import { policyIdOf } from '../../../shared/policies/index.ts';

/** A policy as people write it, resolved; it has a section, so that it is one. */
export const policyOf = (written: Partial<WrittenPolicy>): PolicyDefinition =>
  resolvePolicy({
    name: 'healing',
    health_remediation: { unhealthy_service: { action: 'restart' } },
    ...written,
  });

export const recordOf = (definition: PolicyDefinition, revision = 1): PolicyRecord => ({
  id: policyIdOf(definition.name),
  definition,
  revision,
  managedBy: 'api',
  createdAt: 0,
  updatedAt: 0,
});
