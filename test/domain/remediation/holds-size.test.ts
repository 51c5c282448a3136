import { expect, it } from 'vitest';
import { decideHolds } from '../../../shared/remediation/decide-gate.ts';
import { propose } from '../../../shared/remediation/propose.ts';
import { changeRemediation } from '../../../shared/remediation/store.ts';
import { noon, openSmallWorld, plannedOf, planOf, second } from './small-world.ts';

it('a plan as large as plans may be, held by everything at once, stays far below the 400 KB of an item (fault 7)', async () => {
  const small = openSmallWorld();
  const actions = Array.from({ length: 50 }, (_, no) => ({
    ...plannedOf(`service-with-a-rather-long-name-${no}`),
    before: { desired: 1, padding: 'x'.repeat(2400) },
  }));
  const plan = planOf({ actions });
  await propose(small.world, plan);
  const holds = actions.flatMap(({ resource }) =>
    (['lease_held', 'attempts', 'cooldown', 'flapping'] as const).map((brake) => ({
      brake,
      reason: `${resource.name} ${'is held back, as some sentence tells '.repeat(5)}`,
      untilAt: noon + 60 * second,
    })),
  );
  await changeRemediation(small.world, plan.hash, (found, now) => ({
    draft: decideHolds(found, holds, now).draft,
    answer: undefined,
  }));
  const item = small.state.items.get(`REMEDY#${plan.hash}\nRUN`);
  expect(JSON.stringify(plan).length).toBeGreaterThan(140_000);
  expect(JSON.stringify(item).length).toBeLessThan(300_000);
  const { reason, holds: kept } = await small.read(plan.hash);
  expect(reason.length).toBeLessThan(2000);
  expect(reason).toMatch(/^service-with-a-rather-long-name-0 is held back.* and \d+ more\.$/);
  expect(kept).toHaveLength(200);
});
