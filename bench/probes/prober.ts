/**
 * Probes one target with the runner's own prober and prints the CPU seconds it took, as JSON. A process of its own, so
 * that nothing else is counted: `node bench/probes/prober.ts TYPE TARGET PROBES`.
 */
import type { PlanEntry } from '../../shared/health/plan.ts';
import { parseRanges } from '../../shared/health/probing/guard.ts';
import { probeAll } from '../../shared/health/probing/probe-all.ts';
import { resolveOnce, systemResolve } from '../../shared/health/probing/resolve.ts';
import { addresses, anyAddress } from './nginx.ts';

const [type = '', target = '', probes = ''] = process.argv.slice(2);
const checksPerSlot = 100;

const entryOf = (no: number): PlanEntry => ({
  no,
  id: no.toString(16).padStart(24, '0'),
  revision: 1,
  name: `check ${no}`,
  deploymentId: 'bench',
  type,
  target: target.replace(anyAddress, addresses[no % addresses.length] ?? ''),
  timeoutSeconds: 5,
  retries: 0,
  failureThreshold: 3,
  successThreshold: 2,
  config: {},
  tags: {},
  placedAt: 0,
});

const entries = Array.from({ length: checksPerSlot }, (_, at) => entryOf(at + 1));
const nothing = (): Promise<never> => Promise.reject(new Error('this bench asks nobody but its target'));

/** One slot, as the runner does it: a prober made anew, with a memory of names of its own. */
const slot = async (): Promise<void> => {
  const probe = probeAll({
    network: {
      resolve: resolveOnce(systemResolve),
      policy: { allowedPrivateRanges: parseRanges('127.0.0.0/8'), insideLambda: false, insideVpc: true },
    },
    ports: { secret: nothing, members: nothing, lastPing: nothing, invoke: nothing, describe: nothing },
    clock: () => Date.now(),
    onFault: (_entry, error) => {
      throw error;
    },
  });
  const { seen } = await probe(entries, () => false);
  const bad = seen.find((one) => one.status !== 'healthy');
  if (seen.length !== checksPerSlot || bad) throw new Error(`the probe failed: ${bad?.reason}`);
};

// Warm code, as a function that runs each minute has it.
for (let warm = 0; warm < 30; warm += 1) await slot();
const before = process.cpuUsage();
for (let done = 0; done < Number(probes); done += checksPerSlot) await slot();
const { user, system } = process.cpuUsage(before);
console.log(JSON.stringify({ cpuSeconds: (user + system) / 1e6 }));
process.exit();
