/** What needs zod: only the API function, the command line and tests import it. */
export { deploymentDefinitionSchema, deploymentViewSchema } from './model.ts';
