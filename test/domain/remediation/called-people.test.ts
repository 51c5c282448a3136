import { beforeEach, describe, expect, it } from 'vitest';
import { loadFinding, openFindings } from '../../../shared/findings/index.ts';
import type { Occurrence } from '../../../shared/platform/edge/events.ts';
import { closeRemediation } from '../../../shared/remediation/close.ts';
import type { Plan } from '../../../shared/remediation/plan.ts';
import { propose } from '../../../shared/remediation/propose.ts';
import type { RemediationStatus } from '../../../shared/remediation/remediation.ts';
import { respond } from '../../../shared/remediation/respond.ts';
import { changeRemediation } from '../../../shared/remediation/store.ts';
import {
  checkChanged,
  findingChanged,
  idlePolicy,
  openRespondWorld,
  policyOf,
  remediationChanged,
} from './respond-world.ts';
import { noon, planOf, second } from './small-world.ts';

let w: Awaited<ReturnType<typeof openRespondWorld>>;
beforeEach(async () => {
  w = await openRespondWorld();
});
const tell = async (...occurrences: readonly Occurrence[]): Promise<void> => {
  for (const one of occurrences) await respond(w.respondWorld, one);
};
const calls = () => openFindings(w.state, { kinds: ['remediation'] });
const titles = async () => (await calls()).map(({ title }) => title);

/** Keeps a plan and ends it so, as its last step does. */
const ends = async (plan: Plan, status: RemediationStatus, watchedAt?: number): Promise<void> => {
  await propose(w.world, plan);
  await changeRemediation(w.world, plan.hash, (found, now) => ({
    draft: {
      remediation: {
        ...found,
        status,
        reason: 'because',
        endedAt: now,
        watchedAt,
        ...(status === 'unknown' && { actions: [{ state: 'unknown', attempt: 1 }] }),
      },
      entries: [],
    },
    answer: undefined,
  }));
  await closeRemediation(w.world, { planHash: plan.hash });
};
const about = (kind: Plan['occasion']['kind'], occurrence: string): Plan['occasion'] => ({
  ...planOf().occasion,
  kind,
  occurrence,
});

describe('people who were called because nobody knows what a remedy did', () => {
  beforeEach(() => ends(planOf({ occasion: about('unhealthy', '1') }), 'unknown'));

  it.each<[RemediationStatus, Plan['occasion']['kind']]>([
    ['not_needed', 'unhealthy'],
    ['succeeded', 'unhealthy'],
    ['confirmed', 'release'],
  ])('stay called, whatever another plan says of itself: %s (%s)', async (status, kind) => {
    w.pass(60 * second);
    await ends(planOf({ occasion: about(kind, '2') }), status);
    expect(await titles()).toEqual(['Nobody knows how the remediation of web ended']);
  });

  it('stay called when the next remedy is only held back', async () => {
    w.pass(60 * second);
    await ends(planOf({ occasion: about('unhealthy', '2') }), 'held');
    expect((await calls()).map(({ tags }) => tags.status)).toEqual(['unknown']);
  });

  it.each(['asked', 'undo'] as const)('are done when a person put it right (%s)', async (kind) => {
    w.pass(60 * second);
    await ends(planOf({ occasion: about(kind, '2') }), 'succeeded');
    expect(await titles()).toEqual([]);
  });
});

describe('a resource with two checks', () => {
  beforeEach(async () => {
    await w.register([
      { name: 'web', type: 'ecs-service', id: 'main/web', checks: ['web answers', 'api answers'] },
    ]);
    await w.keepPolicy(policyOf());
    await ends(planOf(), 'failed');
    w.pass(60 * second);
  });

  it('is not well while only one of them answers again', async () => {
    await w.stands('api', 'unhealthy');
    await tell(checkChanged('web', 'healthy', noon + 61 * second));
    expect(await titles()).toEqual(['The remediation of web did not help']);
  });

  it('is when none of them is unhealthy', async () => {
    await w.stands('api', 'healthy');
    await tell(checkChanged('web', 'healthy', noon + 61 * second));
    expect(await titles()).toEqual([]);
  });
});

describe('a remedy that the world overtook', () => {
  const overtaken = (hash: string) =>
    changeRemediation(w.world, hash, (found) => ({
      draft: { remediation: { ...found, status: 'superseded', endedAt: noon }, entries: [] },
      answer: undefined,
    }));

  it('three times calls people, for nothing more is planned', async () => {
    await w.keepPolicy(idlePolicy());
    await tell(findingChanged(await w.found()));
    for (const size of [3, 4, 5]) {
      expect(await titles()).toEqual([]);
      const { hash } = w.planned.at(-1) ?? { hash: '' };
      w.sizes.set('main/web', size);
      await overtaken(hash);
      await tell(remediationChanged(hash), remediationChanged(hash));
    }
    expect(w.planned).toHaveLength(3);
    expect(await titles()).toEqual(['No remedy could be planned for web']);
    const [call] = await calls();
    expect((await loadFinding(w.state, call?.id ?? ''))?.reason).toContain('changed under 3 plans');
  });

  it('calls people of a release that failed and is not rolled back', async () => {
    const watch = { windowSeconds: 600, maxBurnRate: 14.4, releaseId: 'r1' };
    await ends(planOf({ workflow: 'rollback', watch, occasion: about('release', '1') }), 'superseded', noon);
    expect(await titles()).toEqual(['The release of web failed and was not rolled back']);
  });

  it('calls nobody of a release that another one took the place of', async () => {
    const watch = { windowSeconds: 600, maxBurnRate: 14.4, releaseId: 'r1' };
    await ends(planOf({ workflow: 'rollback', watch, occasion: about('release', '1') }), 'superseded');
    expect(await titles()).toEqual([]);
  });
});
