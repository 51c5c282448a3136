import type { CallMade } from '../../../../shared/platform/aws/actions/calls.ts';
import type { BeyondAws } from '../../../../shared/remediation/actions/beyond-aws.ts';
import { openActionPorts } from '../../../../shared/remediation/actions/open-ports.ts';
import { memoryTable } from '../../health/memory-table.ts';

/** Ports on one machine, loopback allowed; `secrets` by name. */
export const machinePorts = (
  given: Partial<BeyondAws> & { readonly secrets?: Readonly<Record<string, string>> } = {},
) => {
  const { secrets = {}, ...beyondAws } = given;
  const calls: CallMade[] = [];
  const ports = openActionPorts({
    clock: () => Date.UTC(2026, 0, 1),
    signal: AbortSignal.timeout(15_000),
    onCall: (call) => calls.push(call),
    idempotencyToken: 'ab'.repeat(32),
    beyondAws: {
      checkSecrets: { read: async (name) => secrets[name] },
      processes: '',
      orchestratorUrl: '',
      allowedPrivateRanges: '127.0.0.0/8',
      insideLambda: false,
      telemetry: memoryTable(),
      ...beyondAws,
    },
  });
  return { ports, calls };
};
