import { parseHostPort } from './kinds/host-port.ts';
import { type Network, withDeadline } from './probing/attempt.ts';
import { isPublicName } from './probing/guard.ts';
import { CannotTell } from './probing/outcome.ts';
import type { ProbePorts } from './probing/ports.ts';
import type { Unreachable } from './run.ts';

const timeoutMs = 3_000;

export type CanaryOptions = {
  readonly network: Network;
  readonly ports: ProbePorts;
  readonly now: () => number;
};

/** `one.example.com:443, 192.0.2.1:53`, as the setting gives them. */
export const parseCanaries = (setting: string): readonly string[] =>
  setting
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean);

/**
 * Asks every canary by a bare connection, all at once, and returns the ways on which none answered. A canary speaks
 * only for targets that lie as it does: when the internet is away, what stands beside us still shows its own red. A
 * canary that the address guard refuses says nothing.
 */
export const failedWays = async (
  canaries: readonly string[],
  options: CanaryOptions,
): Promise<ReadonlySet<Unreachable>> => {
  const asked = await Promise.all(canaries.map((canary) => ask(canary, options)));
  const ways = new Set<Unreachable>(asked.flatMap(({ way, says }) => (says === 'nothing' ? [way] : [])));
  for (const { way, says } of asked) if (says === 'here') ways.delete(way);
  return ways;
};

type Asked = { readonly way: Unreachable; readonly says: 'here' | 'nothing' | 'refused' };

const ask = async (canary: string, { network, ports, now }: CanaryOptions): Promise<Asked> => {
  const endpoint = parseHostPort(canary);
  if (!endpoint) throw new Error(`canaries: ${canary} is not host:port, such as one.example.com:443`);
  const { result, noticed } = await withDeadline(
    {
      timeoutMs,
      network,
      wanted: new Set(),
      now,
      portsOf: () => ports,
      hide: (text) => text,
      conceal: () => {},
    },
    async (attempt) => {
      (await attempt.connect(endpoint)).destroy();
    },
  );
  const way = (noticed.isPublic ?? isPublicName(endpoint.host)) ? 'public' : 'private';
  if (!(result instanceof Error)) return { way, says: 'here' };
  return { way, says: result instanceof CannotTell && !result.isWayOut ? 'refused' : 'nothing' };
};
