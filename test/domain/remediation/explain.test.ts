import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../shared/findings/index.ts';
import type { PolicyRecord } from '../../../shared/policies/index.ts';
import { explainFinding } from '../../../shared/remediation/explain-finding.ts';
import { makePlan } from '../../../shared/remediation/make-plan.ts';
import { parsePlannerMessage } from '../../../shared/remediation/planner-message.ts';
import { setStop } from '../../../shared/remediation/stop-switch.ts';
import { auto, noon, openSmallWorld } from './small-world.ts';

const finding: Finding = {
  id: 'finding-1',
  kind: 'drift',
  state: 'open',
  severity: 'error',
  deploymentId: 'shop',
  resource: 'web',
  title: 'web drifted',
  reason: 'it has 1 task in place of 2',
  tags: {},
  source: 'homeostat',
  details: {},
  occurrence: 1,
  openedAt: noon,
  updatedAt: noon,
  revision: 1,
};

const policyOf = (isActive: boolean): PolicyRecord => ({
  id: 'policy-1',
  definition: {
    name: 'shop',
    isActive,
    selector: { deployments: ['shop'], environments: [], tags: {} },
    driftRemediation: {
      enabled: true,
      autoFix: [
        {
          severity: 'error',
          action: 'scale_up',
          approval: auto,
          maxAttempts: 1,
          backoff: 'exponential',
          waitSeconds: 30,
          params: { desired: 2 },
        },
      ],
    },
    windows: [],
    limits: {},
    brakes: { attemptsPerHour: 3, cooldownSeconds: 300, flapsPerDay: 3 },
    exceptions: [],
  },
  revision: 1,
  managedBy: 'api',
  createdAt: noon,
  updatedAt: noon,
});

const opened = async () => {
  const small = openSmallWorld();
  await small.register([{ name: 'web', type: 'ecs-service', id: 'main/web' }]);
  const world = {
    state: small.state,
    telemetry: small.telemetry,
    clock: small.world.clock,
    optedIn: small.optedIn,
    planner: {
      invoke: async (payload: unknown) => {
        const message = parsePlannerMessage(payload);
        if (message.kind !== 'plan') throw new Error('explaining asks for a plan');
        return makePlan(
          {
            state: small.state,
            clock: small.world.clock,
            actions: small.actions,
            optedIn: small.optedIn,
            openPorts: () => ({}) as never,
          },
          message.request,
        );
      },
    },
  };
  return { small, world };
};

describe('explaining a finding', () => {
  it('says which policy speaks, what would be done, and changes nothing', async () => {
    const { small, world } = await opened();
    const before = small.state.items.size;
    expect(await explainFinding(world, finding, [policyOf(true)])).toMatchObject({
      decision: { kind: 'remedy', policy: { name: 'shop' }, section: 'drift_remediation' },
      considered: [{ policy: { name: 'shop' }, isMatch: true }],
      plan: { madeBy: 'policy:shop', actions: [{ kind: 'ecs-scale', resource: { name: 'web' } }] },
    });
    expect(small.asked).toEqual([]);
    expect(small.state.items.size).toBe(before);
  });

  it('says what would hold it back', async () => {
    const { small, world } = await opened();
    await setStop(small.state, { isOn: true, by: 'token:bob', reason: 'wait', at: noon });
    const { holds } = await explainFinding(world, finding, [policyOf(true)]);
    expect(holds.map(({ brake }) => brake)).toContain('stop_switch');
  });

  it('says why nothing would be done', async () => {
    const { small, world } = await opened();
    expect(await explainFinding(world, finding, [policyOf(false)])).toMatchObject({
      decision: { kind: 'none', reason: 'No policy speaks of it.' },
      holds: [],
    });
    small.sizes.set('main/web', 2);
    expect(await explainFinding(world, finding, [policyOf(true)])).toMatchObject({
      decision: { kind: 'remedy' },
      refused: 'Nothing is to be changed: web: it has 2 already',
      holds: [],
    });
    expect(await explainFinding(world, { ...finding, resource: 'db' }, [policyOf(true)])).toMatchObject({
      refused: expect.stringContaining('db is none of the resources of shop'),
    });
  });
});
