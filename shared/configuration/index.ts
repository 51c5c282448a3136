/** Configuration as code: what files say, how it differs from what is there, and bringing it there. */
export { type ApiClient, ApiError, type ClientOptions, createClient, UnreachableError } from './client.ts';
export {
  type Convergence,
  type ConvergeOptions,
  converge,
  heldText,
  madeIn,
  type Refusal,
  refusalText,
} from './converge.ts';
export { checksPath, readCurrent } from './current.ts';
export type { Defined, Held } from './definition.ts';
export { type Difference, differenceBetween, type FieldChange, isEmpty } from './diff.ts';
export { exportYaml } from './export.ts';
export { emptyConfiguration, type Given, withChannels } from './given-channels.ts';
export { type Configuration, type LoadOptions, loadConfiguration } from './load.ts';
export { ConfigurationError, type Problem, problemText } from './problem.ts';
