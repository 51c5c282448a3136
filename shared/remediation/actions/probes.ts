import { readProbeConcurrency, setProbeConcurrency } from '../../health/index.ts';
import { NeverSent } from '../../platform/aws/actions/outcome.ts';
import { type BeyondAwsWorld, required } from './beyond-aws.ts';

export interface ProbesPort {
  /** How many checks Homeostat looks at side by side. */
  concurrency(): Promise<number>;
  setConcurrency(count: number): Promise<void>;
}

export const openProbes = (world: BeyondAwsWorld): ProbesPort => {
  const { telemetry } = required(world, "Homeostat's own runner");
  return {
    concurrency: async () => {
      const { get } = telemetry;
      if (!get) throw new NeverSent('this function may not read it');
      return readProbeConcurrency({ get: (...asked) => get.apply(telemetry, asked) });
    },
    setConcurrency: async (count) => {
      const { put } = telemetry;
      const call = { service: 'homeostat', operation: 'set probe concurrency', kind: 'change' } as const;
      await world.calls.make(
        call,
        async () => {
          if (!put) throw new NeverSent('this function may not set it');
          await setProbeConcurrency({ put: (item) => put.call(telemetry, item) }, count, world.clock());
        },
        () => `${count}`,
      );
    },
  };
};
