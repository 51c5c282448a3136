export { removeDeployment } from './remove.ts';
export { readDeploymentStatus } from './status.ts';
