import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { loadFinding, openFindings } from '../../../shared/findings/index.ts';
import type { Occurrence } from '../../../shared/platform/edge/events.ts';
import { approve, reject } from '../../../shared/remediation/approve.ts';
import { ask } from '../../../shared/remediation/ask.ts';
import { respond } from '../../../shared/remediation/respond.ts';
import { changeRemediation } from '../../../shared/remediation/store.ts';
import {
  checkChanged,
  findingChanged,
  idlePolicy,
  openRespondWorld,
  planDecided,
  policyOf,
  remediationChanged,
  remedyOf,
} from './respond-world.ts';
import { noon, second } from './small-world.ts';

let w: Awaited<ReturnType<typeof openRespondWorld>>;
beforeEach(async () => {
  w = await openRespondWorld();
});
const tell = async (...occurrences: readonly Occurrence[]): Promise<readonly string[]> => {
  const reasons: string[] = [];
  for (const one of occurrences) reasons.push((await respond(w.respondWorld, one)).reason);
  return reasons;
};
const manual = remedyOf({
  approval: { mode: 'manual', people: 1, by: [], anotherPerson: false, expiresSeconds: 3600 },
});

describe('a check that became unhealthy', () => {
  beforeEach(async () => {
    await w.keepPolicy(policyOf());
    await w.stands('web', 'unhealthy');
  });

  it('is healed by its policy: a plan of its resource alone, kept before its workflow starts', async () => {
    await tell(checkChanged('web', 'unhealthy', noon));
    const [plan] = w.planned;
    expect(w.started).toEqual([`heal ${plan?.hash}`]);
    expect(plan?.actions.map(({ resource }) => resource.id)).toEqual(['main/web']);
    expect([plan?.policy?.name, plan?.madeBy, plan?.occasion.kind]).toEqual([
      'healing',
      'policy:healing',
      'unhealthy',
    ]);
    expect((await w.read(plan?.hash ?? '')).status).toBe('running');
  });

  it('told again, it is not healed again, also when the world looks different by then (fault 1)', async () => {
    const event = checkChanged('web', 'unhealthy', noon);
    await tell(event);
    w.sizes.set('main/web', 7);
    await tell(event, event);
    expect(w.planned).toHaveLength(1);
    expect(w.started).toHaveLength(1);
  });

  it('told out of order, only the newest counts (fault 2)', async () => {
    w.pass(60 * second);
    await w.stands('web', 'unhealthy');
    await tell(checkChanged('web', 'unhealthy', noon + 60 * second), checkChanged('web', 'unhealthy', noon));
    expect(w.planned).toHaveLength(1);
    expect(w.planned[0]?.occasion.occurrence).toBe(String(noon + 60 * second));
  });

  it.each([
    ['healthy', 'The check is healthy by now.'],
    ['degraded', 'The check is degraded by now.'],
    ['unknown', 'The check is unknown by now.'],
  ] as const)('that is %s by now is left alone (fault 2)', async (status, reason) => {
    await w.stands('web', status);
    expect(await tell(checkChanged('web', 'unhealthy', noon))).toEqual([reason]);
    expect(w.started).toEqual([]);
  });

  it('told half an hour late is left alone: its next change is told anew', async () => {
    w.pass(31 * 60 * second);
    await w.stands('web', 'unhealthy');
    await tell(checkChanged('web', 'unhealthy', noon));
    expect(w.planned).toEqual([]);
  });

  it('each time anew is healed anew, for it is another occurrence', async () => {
    await tell(checkChanged('web', 'unhealthy', noon));
    w.pass(300 * second);
    await w.stands('web', 'unhealthy');
    await tell(checkChanged('web', 'unhealthy', noon + 300 * second));
    expect(new Set(w.started).size).toBe(2);
  });

  it('unknown, and degraded, are never healed', async () => {
    await tell(checkChanged('web', 'unknown', noon), checkChanged('web', 'degraded', noon));
    expect([w.planned, w.started]).toEqual([[], []]);
  });

  it('without a policy that speaks of it, or of a deployment that nobody registered, nothing is done', async () => {
    await w.keepPolicy(policyOf({ isActive: false }), 2);
    expect(await tell(checkChanged('web', 'unhealthy', noon))).toEqual(['No policy speaks of it.']);
    expect([w.planned, w.started]).toEqual([[], []]);
  });

  it('of which nobody knows the resource calls people, once, and is over when it answers again', async () => {
    await w.stands('cart', 'unhealthy');
    const event = checkChanged('cart', 'unhealthy', noon);
    await tell(event, event);
    const called = await openFindings(w.state, { kinds: ['remediation'] });
    expect(called.map(({ title, severity }) => [title, severity])).toEqual([
      ['No remedy could be planned for cart answers', 'error'],
    ]);
    expect(w.started).toEqual([]);
  });

  it('that answers again ends what people were called for, unless nobody knows what the remedy did', async () => {
    const called = (status: string) =>
      w.found({
        source: 'homeostat',
        kind: 'remediation',
        key: 'remediation',
        severity: 'critical',
        tags: { status },
        at: noon,
      });
    const { id } = await called('failed');
    await tell(checkChanged('web', 'healthy', noon + second));
    expect((await loadFinding(w.state, id))?.state).toBe('resolved');
    w.pass(10 * second);
    await w.found({
      source: 'homeostat',
      kind: 'remediation',
      key: 'remediation',
      tags: { status: 'unknown' },
      at: noon + 10 * second,
    });
    await tell(checkChanged('web', 'healthy', noon + 11 * second));
    expect((await loadFinding(w.state, id))?.state).toBe('open');
  });
});

describe('a finding', () => {
  beforeEach(() => w.keepPolicy(idlePolicy()));

  it('is planned by its policy and started, once', async () => {
    const event = findingChanged(await w.found());
    await tell(event, event);
    expect(w.started).toEqual([`cost ${w.planned[0]?.hash}`]);
  });

  it('that is right again is left alone, also when it was told before it was', async () => {
    const event = findingChanged(await w.found());
    await w.found({ state: 'resolved', at: noon + second });
    await tell(event);
    expect(w.started).toEqual([]);
  });

  it('that nobody kept is none of ours', async () => {
    const finding = await w.found();
    const stranger = { ...findingChanged(finding) };
    expect(await tell({ ...stranger, detail: { ...stranger.detail, findingId: 'f'.repeat(32) } })).toEqual([
      'It is not kept here, and so not remedied.',
    ]);
  });

  it('that could not be planned is tried again when it is found with more, and calls people once', async () => {
    await w.keepPolicy(idlePolicy({ params: { desired: 99 } }), 2);
    const event = findingChanged(await w.found());
    await tell(event, event);
    expect(await openFindings(w.state, { kinds: ['remediation'] })).toHaveLength(1);
    await w.keepPolicy(idlePolicy(), 3);
    await tell(event);
    expect(w.started).toEqual([]);
    await tell(findingChanged(await w.found({ reason: 'two weeks by now', at: noon + second })));
    expect(w.started).toHaveLength(1);
  });

  it('that is as wanted already calls nobody', async () => {
    w.sizes.set('main/web', 2);
    await tell(findingChanged(await w.found()));
    expect([w.started, await openFindings(w.state, { kinds: ['remediation'] })]).toEqual([[], []]);
  });

  it('whose plan the world overtook is planned anew, at most three times in all (fault 19)', async () => {
    const event = findingChanged(await w.found());
    await tell(event);
    for (const size of [3, 4, 5]) {
      const { hash } = w.planned.at(-1) ?? { hash: '' };
      w.sizes.set('main/web', size);
      await changeRemediation(w.world, hash, (found) => ({
        draft: { remediation: { ...found, status: 'superseded', endedAt: noon }, entries: [] },
        answer: undefined,
      }));
      // Told twice: the second time there is nothing left to do.
      await tell(remediationChanged(hash), remediationChanged(hash), event);
    }
    expect(w.planned.map(({ actions }) => actions[0]?.before)).toEqual([
      { desired: 1 },
      { desired: 3 },
      { desired: 4 },
    ]);
    expect(w.started).toHaveLength(3);
  });

  it('in any order and repetition of its events starts each of its plans once (faults 1 and 2)', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('found', 'decided', 'changed'), { minLength: 1, maxLength: 12 }),
        async (kinds) => {
          w = await openRespondWorld();
          await w.keepPolicy(idlePolicy());
          const event = findingChanged(await w.found());
          for (const kind of kinds) {
            const hash = w.planned[0]?.hash ?? '0'.repeat(64);
            await tell(
              kind === 'found' ? event : kind === 'decided' ? planDecided(hash) : remediationChanged(hash),
            );
          }
          const expected = kinds.includes('found') ? 1 : 0;
          expect([w.planned.length, w.started.length]).toEqual([expected, expected]);
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe('what a crash left', () => {
  it('between the plan and its workflow is gone on with, whatever the world shows by then (fault 3)', async () => {
    await w.keepPolicy(idlePolicy());
    const event = findingChanged(await w.found());
    const { workflows } = w.respondWorld;
    let isDown = true;
    const flaky = {
      ...workflows,
      start: (...given: Parameters<typeof workflows.start>) =>
        isDown ? Promise.reject(new Error('Step Functions is away')) : workflows.start(...given),
    };
    w = { ...w, respondWorld: { ...w.respondWorld, workflows: flaky } };
    await expect(tell(event)).rejects.toThrow('Step Functions is away');
    w.sizes.set('main/web', 5);
    isDown = false;
    await tell(event, remediationChanged(w.planned[0]?.hash ?? ''), event);
    expect(w.planned).toHaveLength(1);
    expect(w.started).toEqual([`cost ${w.planned[0]?.hash}`]);
  });

  it.each(['put ANSWERED', 'put REMEDY', 'update REMEDY'])(
    'killed before or after «%s» it starts one plan once in the end (fault 3)',
    async (step) => {
      for (const moment of ['before', 'after']) {
        w = await openRespondWorld();
        await w.keepPolicy(idlePolicy());
        const event = findingChanged(await w.found());
        const { state, hasDied } = dyingAt(w.state, `${moment} ${step}`);
        const dying = { ...w.respondWorld, state };
        // What only tidies up after a write is caught, and made good later.
        await respond(dying, event).catch(() => undefined);
        expect(hasDied(), moment).toBe(true);
        await tell(event, event);
        expect(w.started, moment).toHaveLength(1);
      }
    },
  );
});

/** Dies once at the first write of that name. */
const dyingAt = (
  state: typeof w.state,
  moment: string,
): { readonly state: typeof w.state; readonly hasDied: () => boolean } => {
  let hasDied = false;
  const wrapped =
    <A extends readonly unknown[]>(verb: 'put' | 'update', work: (...given: A) => Promise<void>) =>
    async (...given: A): Promise<void> => {
      const name = `${verb} ${String((given[0] as { pk: string }).pk).split('#')[0]}`;
      const die = (when: string) => {
        if (hasDied || `${when} ${name}` !== moment) return;
        hasDied = true;
        throw new Error('killed');
      };
      die('before');
      await work(...given);
      die('after');
    };
  const dying = { ...state, put: wrapped('put', state.put), update: wrapped('update', state.update) };
  return { state: dying, hasDied: () => hasDied };
};

describe('people', () => {
  beforeEach(async () => {
    await w.keepPolicy(idlePolicy(manual));
    await tell(findingChanged(await w.found()));
  });
  const hash = () => w.planned[0]?.hash ?? '';
  const sent: unknown[] = [];
  const asking = (taskToken: string) =>
    ask(
      { ...w.respondWorld, incidents: { send: async (messages) => void sent.push(...messages) } },
      { planHash: hash(), attempt: 1, execution: 'arn:execution', taskToken },
    );

  it('who approve after the step waits let it go on, once', async () => {
    expect(await asking('token-1')).toBe('asked');
    await approve(w.world, hash(), { by: 'token:ann' });
    await tell(planDecided(hash()), planDecided(hash()));
    expect(w.answers).toEqual([{ token: 'token-1', output: { decision: 'approved' } }]);
  });

  it('who rejected before the step waited are not asked: the step is told at once', async () => {
    await reject(w.world, hash(), { by: 'token:ann' });
    await tell(planDecided(hash()));
    expect(w.answers).toEqual([]);
    expect(await asking('token-1')).toBe('rejected');
    expect(w.answers).toEqual([{ token: 'token-1', output: { decision: 'rejected' } }]);
  });

  it('are asked once through the channels of the deployment, and told what became of it', async () => {
    sent.length = 0;
    await asking('token-1');
    await asking('token-1');
    const notified = () =>
      [...w.state.items.values()].filter(({ sk }) => sk === `N#plan:${hash()}`).map(({ unsent }) => unsent);
    const [first] = notified() as unknown as { kind: string; lines: string[] }[][];
    expect(first?.map(({ kind }) => kind)).toEqual(['approval']);
    expect(first?.[0]?.lines[0]).toContain('Set main/web from 1 to 2 tasks.');
    expect(sent[0]).toMatchObject({ body: { kind: 'send', incidentId: `plan:${hash()}` } });
    await approve(w.world, hash(), { by: 'token:ann' });
    await tell(planDecided(hash()), remediationChanged(hash()), planDecided(hash()));
    const [after] = notified() as unknown as { kind: string; by?: string }[][];
    expect(after?.map(({ kind, by }) => [kind, by])).toEqual([
      ['approval', 'policy:savings'],
      ['resolved', 'token:ann'],
    ]);
  });

  it('who were asked a second time answer the step that waits now', async () => {
    await asking('token-1');
    await asking('token-2');
    await approve(w.world, hash(), { by: 'token:ann' });
    await tell(planDecided(hash()));
    expect(w.answers.map(({ token }) => token)).toEqual(['token-2']);
  });
});

describe('an execution that ended badly', () => {
  const ended = (name: string, status: 'ABORTED' | 'FAILED' | 'TIMED_OUT' = 'ABORTED') => ({
    type: 'execution.ended' as const,
    executionArn: `arn:execution:cost:${name}`,
    name,
    stateMachineArn: 'arn:stateMachine:cost',
    status,
    endedAt: noon,
  });

  it('before anything was begun is cancelled; with something begun it is unknown, and people are called', async () => {
    await w.keepPolicy(idlePolicy());
    await tell(findingChanged(await w.found()));
    const hash = w.planned[0]?.hash ?? '';
    await tell(ended(hash), ended(hash));
    expect((await w.read(hash)).status).toBe('cancelled');
    await tell(findingChanged(await w.found({ resource: 'api', title: 'api is idle' })));
    const other = w.planned[1]?.hash ?? '';
    await changeRemediation(w.world, other, (found) => ({
      draft: {
        remediation: {
          ...found,
          actions: [{ state: 'applying', attempt: 1, by: 'lambda-1', startedAt: noon }],
        },
        entries: [],
      },
      answer: undefined,
    }));
    await tell(ended(other, 'TIMED_OUT'), ended(other, 'TIMED_OUT'));
    expect((await w.read(other)).status).toBe('unknown');
    const called = await openFindings(w.state, { kinds: ['remediation'] });
    expect(called.map(({ resource, severity }) => [resource, severity])).toEqual([['api', 'critical']]);
  });

  it('of no plan is nobody of ours', async () => {
    expect(await tell(ended('somebody-elses'))).toEqual(['No remediation has the execution somebody-elses.']);
  });
});
