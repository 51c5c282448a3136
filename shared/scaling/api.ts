/** What the API function and the command line need of scaling, schemas included; never on a lean function's path. */
export { scalerIdOf, scalerKind } from './kind.ts';
export { resolveScaler, scalerDefinitionSchema, scalerInDeploymentSchema } from './model.ts';
export type { ScalerDefinition } from './scaler.ts';
export { requireSoundScaler, targetFault } from './sound-scaler.ts';
export { type WrittenScaler, writtenScalerOf } from './written-scaler.ts';
