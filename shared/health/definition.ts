import { isIP } from 'node:net';
import { DomainError, type FieldFault } from '../platform/errors.ts';
import { allowedIntervalSeconds, isAllowedInterval } from '../platform/intervals.ts';
import type { CheckDefinition } from './check.ts';
import { parseRanges, refusalOf } from './probing/guard.ts';

/** A check as its schema gives it: defaults that depend on other numbers are still open. Durations in seconds. */
export type CheckInput = Omit<CheckDefinition, 'intervalSeconds' | 'timeoutSeconds' | 'retries'> & {
  readonly interval?: number | undefined;
  readonly timeout?: number | undefined;
  readonly retries?: number | undefined;
};

/** What the stack was configured with, as far as it decides what a check may say. */
export type CheckSettings = {
  readonly defaultIntervalSeconds: number;
  /** Whether a runner inside a VPC is deployed. */
  readonly vpcRunner: boolean;
  /** CIDR ranges that checks may reach although they are not public. */
  readonly allowedPrivateRanges: ReturnType<typeof parseRanges>;
  /** Deployed in AWS: loopback is the runner's own there, whatever is allowed. */
  readonly insideLambda?: boolean;
};

/** A run ends inside the runner's minute whatever the interval. */
const longestRunSeconds = 50;
/** Between two attempts. */
const pauseSeconds = 1;
const usualTimeoutSeconds = 5;
const shortestTimeoutSeconds = 0.1;
/** The plans of 100 checks share 200 KB of an item, and most checks are small. */
const largestDefinitionBytes = 16_000;

export const checkSettingsFrom = (
  setting: (name: 'defaultIntervalSeconds' | 'vpcRunner' | 'allowedPrivateRanges') => string,
  insideLambda = false,
): CheckSettings => ({
  defaultIntervalSeconds: Number(setting('defaultIntervalSeconds')) || 60,
  vpcRunner: setting('vpcRunner') === 'true',
  allowedPrivateRanges: parseRanges(setting('allowedPrivateRanges')),
  insideLambda,
});

/**
 * Fills what was left open and holds the numbers against each other:
 * (timeout + pause) × (retries + 1) < min(interval, 50 s), so that a slot's run ends before the next one starts.
 * Throws VALIDATION_ERROR, or HEALTH_CHECK_ERROR for what this stack cannot run, saying what would do.
 */
export const resolveDefinition = (input: CheckInput, settings: CheckSettings): CheckDefinition => {
  const intervalSeconds = input.interval ?? settings.defaultIntervalSeconds;
  const faults = [...intervalFaults(intervalSeconds), ...sizeFaults(input)];
  const timing = timingFor(Math.min(intervalSeconds, longestRunSeconds), input);
  if (faults.length === 0) faults.push(...timing.faults);
  if (faults.length > 0)
    throw new DomainError('VALIDATION_ERROR', 'The check is not valid as it is.', faults);
  if (input.network === 'vpc' && !settings.vpcRunner) {
    throw new DomainError('HEALTH_CHECK_ERROR', 'No runner inside a VPC is deployed.', [
      { path: 'network', message: 'Say public, or deploy the stack with a VPC for the second runner.' },
    ]);
  }
  requireReachable(input.target, settings);
  const { interval: _interval, timeout: _timeout, retries: _retries, ...same } = input;
  return { ...same, intervalSeconds, timeoutSeconds: timing.timeoutSeconds, retries: timing.retries };
};

/**
 * A target that is an address literal which no probe may reach is refused when it is saved; names are judged by
 * every probe.
 */
const requireReachable = (target: string, settings: CheckSettings): void => {
  const { allowedPrivateRanges, insideLambda = false } = settings;
  const url = target.includes('://') ? target : `tcp://${target}`;
  // Only http URLs turn every spelling of an address (hex, octal, one number) into the address it means.
  const asHttp = url.replace(/^[a-z0-9+.-]+:\/\//i, 'http://');
  const host = URL.canParse(asHttp) ? new URL(asHttp).hostname.replace(/^\[|\]$/g, '') : '';
  const refusal = isAddress(host)
    ? refusalOf(host, { allowedPrivateRanges, insideLambda, insideVpc: true })
    : undefined;
  if (refusal !== undefined) {
    throw new DomainError('HEALTH_CHECK_ERROR', 'The target may not be probed.', [
      { path: 'target', message: `${refusal}.` },
    ]);
  }
};

const isAddress = (host: string): boolean => isIP(host) !== 0;

const intervalFaults = (intervalSeconds: number): FieldFault[] =>
  isAllowedInterval(intervalSeconds)
    ? []
    : [{ path: 'interval', message: `Give one of ${allowedIntervalSeconds.map(inWords).join(', ')}.` }];

const inWords = (seconds: number): string => {
  if (seconds % 3600 === 0) return `${seconds / 3600}h`;
  return seconds % 60 === 0 ? `${seconds / 60}m` : `${seconds}s`;
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

/** The longest timeout, in tenths of a second, for which (timeout + pause) × (retries + 1) stays below the limit. */
const longestTimeout = (limit: number, retries: number): number =>
  Math.ceil((limit / (retries + 1) - pauseSeconds) * 10 - 1) / 10;

const fits = (timeout: number, retries: number, limit: number): boolean =>
  (timeout + pauseSeconds) * (retries + 1) < limit;

type Timing = { timeoutSeconds: number; retries: number; faults: FieldFault[] };

const timingFor = (limit: number, input: CheckInput): Timing => {
  const retries = input.retries ?? (fits(input.timeout ?? usualTimeoutSeconds, 1, limit) ? 1 : 0);
  const longest = longestTimeout(limit, retries);
  const timeoutSeconds = input.timeout ?? Math.min(usualTimeoutSeconds, longest);
  if (timeoutSeconds >= shortestTimeoutSeconds && fits(timeoutSeconds, retries, limit)) {
    return { timeoutSeconds, retries, faults: [] };
  }
  if (timeoutSeconds < shortestTimeoutSeconds && longest >= shortestTimeoutSeconds) {
    return {
      timeoutSeconds,
      retries,
      faults: [{ path: 'timeout', message: `Give at least ${shortestTimeoutSeconds} s.` }],
    };
  }
  const path = input.timeout === undefined ? 'retries' : 'timeout';
  return {
    timeoutSeconds,
    retries,
    faults: [{ path, message: whatWouldDo(limit, timeoutSeconds, retries) }],
  };
};

const whatWouldDo = (limit: number, timeout: number, retries: number): string => {
  const longest = longestTimeout(limit, retries);
  const most = Math.ceil(limit / (timeout + pauseSeconds)) - 2;
  const choices = [
    longest >= shortestTimeoutSeconds && `with ${retries} retries a timeout of at most ${longest} s`,
    timeout >= shortestTimeoutSeconds &&
      most >= 0 &&
      `with a timeout of ${timeout} s at most ${Math.min(most, retries)} retries`,
  ].filter(Boolean);
  const rule = `(timeout + ${pauseSeconds} s) × (retries + 1) must be below ${limit} s`;
  return choices.length > 0
    ? `${rule}: ${choices.join(', or ')}.`
    : `${rule}: give fewer retries, or a longer interval.`;
};
