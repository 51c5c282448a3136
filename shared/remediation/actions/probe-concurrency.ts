import { mostProbeConcurrency } from '../../health/index.ts';
import type { Action } from './action.ts';
import { boundsOf } from './ecs-scale.ts';
import { sizeFor, sizeParams, type WantedSize } from './sizing.ts';

type Before = { readonly desired: number };

/** Sets how many checks Homeostat's own runner looks at side by side; runners follow within five minutes. */
export const probeConcurrency: Action = {
  resourceTypes: ['probe-concurrency'],
  verbs: ['scale_up', 'scale_down'],
  params: sizeParams,
  read: async (ports) => {
    const before: Before = { desired: await (await ports.probes()).concurrency() };
    return { before, permissions: [] };
  },
  propose: (image, { settings }, params) => {
    const { desired } = image as Before;
    const { min, max } = boundsOf(settings);
    const sized = sizeFor(desired, params as WantedSize, {
      min: Math.max(1, min),
      max: Math.min(mostProbeConcurrency, max),
      of: 'the runner',
    });
    if (!('size' in sized)) return sized;
    return {
      expected: { desired: sized.size },
      undo: { kind: 'probe-concurrency', params: { desired } },
      summary: `Have the runner look at ${sized.size} checks side by side, not ${desired}.`,
      risk: 'low',
    };
  },
  apply: async (ports, { expected }) => (await ports.probes()).setConcurrency((expected as Before).desired),
  verify: async (ports, { expected }) => {
    const wanted = (expected as Before).desired;
    const desired = await (await ports.probes()).concurrency();
    const reason = `the runner looks at ${desired} checks side by side`;
    return { state: desired === wanted ? 'verified' : 'failed', reason, after: { desired } };
  },
};
