export {
  createNamed,
  type DefinedNamed,
  type DefineNamedWorld,
  putNamed,
  removeNamed,
  replaceNamed,
  requireNamed,
  withdrawNamed,
} from './define-named.ts';
export {
  type DeploymentDefinition,
  type DeploymentOutcome,
  type DeploymentRecord,
  defaultDeploymentId,
  ownedElsewhere,
} from './deployment.ts';
export {
  loadAllNamed,
  loadNamed,
  loadStoredNamed,
  type NamedKind,
  type NamedRecord,
  namedKey,
  type StoredNamed,
  toNamedRecord,
  versionKey,
} from './named.ts';
export { type CreateRequest, decideCreate, decidePut, decideRemoval, isThere } from './owned.ts';
export { type Registration, registerDeployment } from './register.ts';
export {
  isRegistered,
  listDeployments,
  loadDeployment,
  readDeployment,
  writeDeployment,
} from './registry.ts';
export type { DeploymentResource, ResourceType } from './resource.ts';
export { resourceTypes } from './resource.ts';
