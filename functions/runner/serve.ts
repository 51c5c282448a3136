import { parseRunMessage } from '../../shared/health/message.ts';
import { parseRanges } from '../../shared/health/probing/guard.ts';
import { probeAll } from '../../shared/health/probing/probe-all.ts';
import { directResolve, resolveOnce, systemResolve } from '../../shared/health/probing/resolve.ts';
import { run } from '../../shared/health/run.ts';
import { openBus } from '../../shared/platform/aws/bus.aws.ts';
import { onQueue } from '../../shared/platform/edge/queue.ts';
import { openTable } from '../../shared/storage/index.ts';
import type { contract as runner } from './contract.ts';

/** How long results are kept where the stack does not say. */
const usualRetentionDays = 3;

const resultsDays = (setting: string): number => {
  const days = (JSON.parse(setting || '{}') as { results?: unknown }).results;
  return typeof days === 'number' && days > 0 ? days : usualRetentionDays;
};

/** The runner, from wherever its contract places it. */
export const serve = (contract: typeof runner) =>
  onQueue(
    contract,
    { telemetry: openTable, bus: openBus },
    parseRunMessage,
    async (batch, { telemetry, bus }, { clock, newId, log, place, setting, insideLambda }) => {
      const network = {
        // Made anew for each batch: a laptop changes networks, and a name its address.
        resolve: resolveOnce(insideLambda ? directResolve() : systemResolve),
        policy: {
          allowedPrivateRanges: parseRanges(setting('allowedPrivateRanges')),
          insideLambda,
          insideVpc: contract.inVpc === true,
        },
      };
      const probe = probeAll({
        network,
        onFault: (entry, error) => log.error('a probe failed by our own fault', { checkId: entry.id, error }),
      });
      const retentionDays = resultsDays(setting('retentionDays'));
      const again: string[] = [];
      for (const { messageId, message } of batch) {
        try {
          await run(message, { telemetry, bus, clock, newId, place, probe, retentionDays });
        } catch (error) {
          again.push(messageId);
          log.error('a run failed and comes again', { ...message, error: error as Error });
        }
      }
      return again;
    },
  );
