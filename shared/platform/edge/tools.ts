import { Logger } from '@aws-lambda-powertools/logger';
import { type Clock, systemClock } from '../clock.ts';
import { isInsideLambda, type Place, placeFrom, processEnvironment, settingFrom } from '../environment.ts';
import type { FunctionContract, Needs, SettingName } from '../function/contract.ts';
import { type NewId, randomId } from '../ids.ts';
import { type Openers, openResources, type Resources } from './resources.ts';

/** What every verb gets from outside besides its resources. */
export type Tools = {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly log: Logger;
  readonly place: Place;
  readonly setting: (name: SettingName) => string;
  /** Deployed in AWS, not on one machine: what a probe can and must not reach differs. */
  readonly insideLambda: boolean;
};

/**
 * Opens a function's world once, at its first invocation, so that a broken environment is an error with a stack in
 * the log. The id of the invocation stands in each line that it logs.
 */
export const prepare = <N extends Needs>(contract: FunctionContract<N>, openers: Openers<N>) => {
  let opened: (Tools & { readonly resources: Resources<N> }) | undefined;
  return (correlationId: string | undefined): Tools & { readonly resources: Resources<N> } => {
    if (!opened) {
      const environment = processEnvironment();
      opened = {
        clock: systemClock,
        newId: randomId,
        log: new Logger({ serviceName: contract.name }),
        place: placeFrom(environment),
        setting: (name) => settingFrom(environment, name),
        insideLambda: isInsideLambda(environment),
        resources: openResources(contract, openers, environment, systemClock),
      };
    }
    opened.log.setCorrelationId(correlationId);
    return opened;
  };
};
