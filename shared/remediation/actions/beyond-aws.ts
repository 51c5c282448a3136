import type { Calls } from '../../platform/aws/actions/calls.ts';
import { NeverSent } from '../../platform/aws/actions/outcome.ts';
import type { Parameters } from '../../platform/aws/parameters.aws.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Table } from '../../storage/index.ts';

/** What actions beside AWS need of the function that runs them. */
export type BeyondAws = {
  /** The values behind `${secret:NAME}`. */
  readonly checkSecrets?: Pick<Parameters, 'read'> | undefined;
  /** The setting `processes`: JSON. Empty: none. */
  readonly processes: string;
  /** The setting `orchestratorUrl`: may hold `${secret:NAME}`. Empty: none. */
  readonly orchestratorUrl: string;
  /** The setting `allowedPrivateRanges`. */
  readonly allowedPrivateRanges: string;
  readonly insideLambda: boolean;
  /** Our own table: to read where it is planned and verified, to write where it is applied. */
  readonly telemetry: Partial<Pick<Table, 'get' | 'put'>>;
};

export type BeyondAwsWorld = {
  readonly calls: Calls;
  readonly clock: Clock;
  readonly beyondAws: BeyondAws | undefined;
};

/** From what a function has that declared the three settings. */
export const openBeyondAws = ({
  setting,
  ...own
}: Pick<BeyondAws, 'checkSecrets' | 'telemetry' | 'insideLambda'> & {
  readonly setting: (name: 'processes' | 'orchestratorUrl' | 'allowedPrivateRanges') => string;
}): BeyondAws => ({
  ...own,
  processes: setting('processes'),
  orchestratorUrl: setting('orchestratorUrl'),
  allowedPrivateRanges: setting('allowedPrivateRanges'),
});

/** What is missing where these ports were opened without it. */
export const required = ({ beyondAws }: BeyondAwsWorld, what: string): BeyondAws => {
  if (beyondAws) return beyondAws;
  throw new NeverSent(`${what} cannot be reached from here`);
};
