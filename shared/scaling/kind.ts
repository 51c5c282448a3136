import type { NamedKind } from '../catalog/index.ts';
import { sha256 } from '../platform/ids.ts';
import type { ScalerDefinition } from './scaler.ts';
import { writtenScalerOf } from './written-scaler.ts';

export const scalersPath = '/api/v1/monitoring/scaling';

export const scalerIdOf = ({ deploymentId, name }: Pick<ScalerDefinition, 'deploymentId' | 'name'>): string =>
  sha256(`scaler\n${deploymentId}\n${name}`).slice(0, 24);

/** In the table `state`: query `SCALERS` for all of them, get `SCALERS` / `<id>` for one. */
export const scalerKind: NamedKind<ScalerDefinition> = {
  what: 'scaling rule',
  auditKind: 'scaler',
  partition: 'SCALERS',
  path: scalersPath,
  idOf: scalerIdOf,
  nameOf: ({ name }) => name,
  deploymentIdOf: ({ deploymentId }) => deploymentId,
  shown: writtenScalerOf,
};
