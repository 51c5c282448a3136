import type { CheckDefinition, CheckReference, Network } from './check.ts';
import { asWritten } from './conditions/condition.ts';
import type { MaintenanceWindow } from './maintenance.ts';
import { hideSecrets } from './secrets.ts';

/** A window as people write it; `duration` in seconds. */
export type WrittenWindow =
  | { readonly at: string; readonly duration: number }
  | { readonly cron: string; readonly duration: number; readonly timeZone?: string | undefined }
  | Exclude<MaintenanceWindow, { readonly durationSeconds: number }>;

/** A definition as people write it, and as answers show it: durations in seconds, expressions as their texts. */
export type WrittenCheck = {
  readonly deploymentId: string;
  readonly name: string;
  readonly type: string;
  readonly target: string;
  readonly interval: number;
  readonly timeout: number;
  readonly retries: number;
  /** `3`, or `3 of 5`. */
  readonly failureThreshold: number | string;
  readonly successThreshold: number;
  readonly degradedAbove?: number;
  readonly conditions?: readonly string[];
  readonly parent?: CheckReference;
  readonly maintenance?: readonly WrittenWindow[];
  readonly isPublic?: boolean;
  readonly network: Network;
  readonly tags: Readonly<Record<string, string>>;
  readonly config: Readonly<Record<string, unknown>>;
  readonly isActive: boolean;
};

/** What is left out was left out by those who wrote it. Secrets are in it: `shownOf` hides them. */
export const writtenOf = (definition: CheckDefinition): WrittenCheck => {
  const { failureThreshold, failureWindow, degradedAboveMs, conditions, maintenance, parent } = definition;
  return {
    deploymentId: definition.deploymentId,
    name: definition.name,
    type: definition.type,
    target: definition.target,
    interval: definition.intervalSeconds,
    timeout: definition.timeoutSeconds,
    retries: definition.retries,
    failureThreshold:
      failureWindow === undefined ? failureThreshold : `${failureThreshold} of ${failureWindow}`,
    successThreshold: definition.successThreshold,
    ...(degradedAboveMs !== undefined && { degradedAbove: degradedAboveMs / 1000 }),
    ...(conditions?.length && { conditions: conditions.map(({ text }) => text) }),
    ...(parent && { parent }),
    ...(maintenance?.length && { maintenance: maintenance.map(writtenWindow) }),
    ...(definition.isPublic && { isPublic: true }),
    network: definition.network,
    tags: definition.tags,
    config: asWritten(definition.config) as WrittenCheck['config'],
    isActive: definition.isActive,
  };
};

/** The same with every secret hidden: what answers show. */
export const shownOf = (definition: CheckDefinition): WrittenCheck =>
  // Hidden before it is written out: a parsed expression is no text that could be a secret.
  writtenOf({ ...definition, config: hideSecrets(definition.config) });

/** A window as people write it. */
export const writtenWindow = (window: MaintenanceWindow): WrittenWindow => {
  if (!('durationSeconds' in window)) return window;
  const { durationSeconds: duration, ...rest } = window;
  return { ...rest, duration };
};
