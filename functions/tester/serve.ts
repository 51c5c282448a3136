import { parseRanges } from '../../shared/health/probing/guard.ts';
import { openPorts } from '../../shared/health/probing/open-ports.ts';
import { directResolve, resolveOnce, systemResolve } from '../../shared/health/probing/resolve.ts';
import { tryOnce } from '../../shared/health/probing/try-once.ts';
import { parseTrial } from '../../shared/health/trial.ts';
import { openAwsStates } from '../../shared/platform/aws/aws-states.aws.ts';
import { openTeamFunctions } from '../../shared/platform/aws/function.aws.ts';
import { openParameters } from '../../shared/platform/aws/parameters.aws.ts';
import { onInvoke } from '../../shared/platform/edge/invoke.ts';
import type { FunctionContract } from '../../shared/platform/function/contract.ts';
import type { TesterNeeds } from './contract.ts';

/** The tester, from wherever its contract places it. */
export const serve = (contract: FunctionContract<TesterNeeds>) =>
  onInvoke(
    contract,
    { checkSecrets: openParameters, teamFunctions: openTeamFunctions, awsResources: openAwsStates },
    parseTrial,
    async (entry, resources, { clock, log, setting, insideLambda }) => {
      const network = {
        resolve: resolveOnce(insideLambda ? directResolve() : systemResolve),
        policy: {
          allowedPrivateRanges: parseRanges(setting('allowedPrivateRanges')),
          insideLambda,
          insideVpc: contract.inVpc === true,
        },
      };
      return tryOnce(entry, {
        network,
        ports: openPorts({ ...resources, insideLambda, now: clock }),
        clock,
        onFault: (_entry, error) => log.error('a trial failed by our own fault', { type: entry.type, error }),
      });
    },
  );
