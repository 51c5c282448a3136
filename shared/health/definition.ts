import { DomainError, type FieldFault } from '../platform/errors.ts';
import { allowedIntervalSeconds, isAllowedInterval } from '../platform/intervals.ts';
import { type CheckSettings, permissionFaults, requireReachable } from './allowed.ts';
import { type CheckDefinition, membersOf, type NamedCheck, referenceOf } from './check.ts';
import { checkKinds } from './kinds/index.ts';
import type { CheckKind } from './kinds/kind.ts';
import { misplacedSecrets } from './secret-fields.ts';
import { timingFor } from './timing.ts';

/** A check as its schema gives it: defaults that depend on other numbers or on the kind are still open. Durations in seconds. */
export type CheckInput = Pick<
  CheckDefinition,
  | 'deploymentId'
  | 'name'
  | 'type'
  | 'target'
  | 'network'
  | 'tags'
  | 'config'
  | 'isActive'
  | 'conditions'
  | 'maintenance'
  | 'isPublic'
> & {
  readonly interval?: number | undefined;
  readonly timeout?: number | undefined;
  readonly retries?: number | undefined;
  readonly failureThreshold?: { readonly failures: number; readonly window?: number } | undefined;
  readonly successThreshold?: number | undefined;
  readonly degradedAbove?: number | undefined;
  readonly parent?: NamedCheck | undefined;
};

const usualFailureThreshold = 3;
const usualSuccessThreshold = 2;
/** The plans of 100 checks share 200 KB of an item, and most checks are small. */
const largestDefinitionBytes = 16_000;

/**
 * Fills what was left open and holds the numbers against each other and against what this stack can run. What a
 * definition needs of the registry (its parent, its members, its secrets) is judged apart, by `requireSound`.
 * Throws VALIDATION_ERROR, or HEALTH_CHECK_ERROR for what this stack cannot run, saying what would do.
 */
export const resolveDefinition = (input: CheckInput, settings: CheckSettings): CheckDefinition => {
  const kind = kindOf(input.type);
  const intervalSeconds = input.interval ?? settings.defaultIntervalSeconds;
  const faults = [...intervalFaults(intervalSeconds), ...sizeFaults(input)];
  const { timeout, retries } = input;
  const timing = timingFor(intervalSeconds, { timeout, retries, usual: kind?.defaults });
  if (faults.length === 0) faults.push(...timing.faults, ...latencyFaults(input, timing.timeoutSeconds));
  faults.push(...misplacedSecrets(input, kind?.secretFields));
  if (faults.length > 0)
    throw new DomainError('VALIDATION_ERROR', 'The check is not valid as it is.', faults);
  const definition: CheckDefinition = {
    deploymentId: input.deploymentId,
    name: input.name,
    type: input.type,
    target: input.target,
    intervalSeconds,
    timeoutSeconds: timing.timeoutSeconds,
    retries: timing.retries,
    ...thresholdsOf(input, kind),
    ...optionalOf(input),
    ...(kind?.class && { class: kind.class }),
    // Only what goes over a network runs from one or the other.
    network: kind?.class ? 'public' : input.network,
    tags: input.tags,
    config: configOf(input),
    isActive: input.isActive,
  };
  if (definition.network === 'vpc' && !settings.vpcRunner) {
    throw new DomainError('HEALTH_CHECK_ERROR', 'No runner inside a VPC is deployed.', [
      { path: 'network', message: 'Say public, or deploy the stack with a VPC for the second runner.' },
    ]);
  }
  if (!kind?.class) requireReachable(definition.target, settings);
  const unknown = permissionFaults(definition, settings);
  if (unknown.length > 0)
    throw new DomainError('HEALTH_CHECK_ERROR', 'This stack may not do what the check needs.', unknown);
  return definition;
};

const kindOf = (type: string): CheckKind | undefined =>
  Object.hasOwn(checkKinds, type) ? checkKinds[type as keyof typeof checkKinds] : undefined;

const thresholdsOf = (
  { failureThreshold, successThreshold }: CheckInput,
  kind: CheckKind | undefined,
): Pick<CheckDefinition, 'failureThreshold' | 'failureWindow' | 'successThreshold'> => ({
  failureThreshold: failureThreshold?.failures ?? kind?.defaults?.failureThreshold ?? usualFailureThreshold,
  ...(failureThreshold?.window !== undefined && { failureWindow: failureThreshold.window }),
  successThreshold: successThreshold ?? kind?.defaults?.successThreshold ?? usualSuccessThreshold,
});

/** What says nothing is left out, so that a definition from before there were such fields stays the same. */
const optionalOf = (input: CheckInput): Partial<CheckDefinition> => {
  const { conditions, maintenance, parent, isPublic, degradedAbove, deploymentId } = input;
  return {
    ...(degradedAbove !== undefined && { degradedAboveMs: Math.round(degradedAbove * 1000) }),
    ...(conditions?.length && { conditions }),
    ...(parent !== undefined && { parent: referenceOf(parent, deploymentId) }),
    ...(maintenance?.length && { maintenance }),
    ...(isPublic && { isPublic }),
  };
};

/** Members of a composite are named as parents are; what is stored says the deployment too. */
const configOf = (input: CheckInput): CheckDefinition['config'] =>
  input.type === 'composite' ? { ...input.config, members: membersOf(input) } : input.config;

const intervalFaults = (intervalSeconds: number): FieldFault[] =>
  isAllowedInterval(intervalSeconds)
    ? []
    : [{ path: 'interval', message: `Give one of ${allowedIntervalSeconds.map(inWords).join(', ')}.` }];

const inWords = (seconds: number): string => {
  if (seconds % 3600 === 0) return `${seconds / 3600}h`;
  return seconds % 60 === 0 ? `${seconds / 60}m` : `${seconds}s`;
};

/** Whether checks of a kind measure how long an answer takes. */
export const measuresTime = (type: string): boolean =>
  kindOf(type)?.placeholders.includes('RESPONSE_TIME') ?? false;

const latencyFaults = ({ type, degradedAbove }: CheckInput, timeoutSeconds: number): FieldFault[] => {
  const path = 'degradedAbove';
  if (degradedAbove === undefined) return [];
  if (!measuresTime(type))
    return [{ path, message: `Leave it out: a ${type} has no response time that could be too long.` }];
  if (degradedAbove >= 0.001 && degradedAbove < timeoutSeconds) return [];
  const message = `Give 1ms or more, and less than the timeout of ${timeoutSeconds} s: what takes longer than that is a failure.`;
  return [{ path, message }];
};

const sizeFaults = (input: CheckInput): FieldFault[] =>
  Buffer.byteLength(JSON.stringify(input)) > largestDefinitionBytes
    ? [
        {
          path: '',
          message: `Make the definition smaller: it may have ${largestDefinitionBytes} bytes as JSON.`,
        },
      ]
    : [];
