import { describe, expect, it } from 'vitest';
import { changesOf } from '../../../web/components/diff-rows.ts';
import { wishBody, wishFrom } from '../../../web/pages/remediations/wish.ts';
import { bySituation, type Remediation, stagesOf } from '../../../web/pages/remediations/words.ts';

describe('What a plan changes, as the console shows it', () => {
  it('what changes comes first; what one picture lacks is a dash', () => {
    expect(
      changesOf({ desired: 2, tags: ['a', 'b'], az: 'x' }, { desired: 4, tags: ['a'], az: 'x' }),
    ).toEqual([
      { path: 'desired', before: '2', after: '4', isChanged: true },
      { path: 'tags[1]', before: 'b', after: '–', isChanged: true },
      { path: 'tags[0]', before: 'a', after: 'a', isChanged: false },
      { path: 'az', before: 'x', after: 'x', isChanged: false },
    ]);
  });

  it.each([
    [undefined, undefined, []],
    ['running', 'restarted', [{ path: 'state', before: 'running', after: 'restarted', isChanged: true }]],
    [null, {}, [{ path: 'state', before: 'null', after: '{}', isChanged: true }]],
    [undefined, { id: 1 }, [{ path: 'id', before: '–', after: '1', isChanged: true }]],
  ])('of %j and %j it is %j', (before, after, rows) => {
    expect(changesOf(before, after)).toEqual(rows);
  });
});

describe('What a plan names of the world to come', () => {
  it('is only what is to change: what it does not name is no change', () => {
    expect(changesOf({ pid: null, isRunning: false }, { isRunning: true }, { isPartial: true })).toEqual([
      { path: 'isRunning', before: 'false', after: 'true', isChanged: true },
      { path: 'pid', before: 'null', after: '–', isChanged: false },
    ]);
  });
});

describe('The order of remediations', () => {
  it('what needs a person first, then what runs, then the newest', () => {
    const of = (status: Remediation['status'], startedAt: string) => ({ status, startedAt });
    const list = [
      of('succeeded', '2026-11-22T10'),
      of('running', '2026-11-22T08'),
      of('failed', '2026-11-22T11'),
      of('waiting', '2026-11-22T07'),
      of('approved', '2026-11-22T09'),
    ];
    expect(list.sort(bySituation).map(({ status }) => status)).toEqual([
      'waiting',
      'running',
      'approved',
      'failed',
      'succeeded',
    ]);
  });
});

const remediation = (given: Partial<Remediation>): Remediation =>
  ({
    status: 'waiting',
    reason: 'waits for one person',
    attempt: 1,
    approvals: [],
    progress: [{ state: 'pending' }],
    holds: [],
    after: [],
    endedAt: null,
    approveBy: '2026-11-23T10:00:00Z',
    plan: {
      occasion: { title: 'web is unhealthy' },
      approval: { mode: 'manual', people: 1 },
      actions: [{}],
      attempts: { max: 3 },
      verification: { checkIds: ['c1'] },
    },
    ...given,
  }) as unknown as Remediation;

describe('The steps of a workflow', () => {
  const approvals = [{ by: 'ada', at: '2026-11-22T10:00:00Z', comment: null }];
  it.each<[string, Partial<Remediation>, string]>([
    ['waits for approval', {}, 'done now next next next next'],
    ['approved, at the gate', { status: 'approved', approvals }, 'done done now next next next'],
    ['held at the gate', { status: 'running', approvals }, 'done done now next next next'],
    [
      'under way',
      { status: 'running', approvals, progress: [{ state: 'applying' }] as never },
      'done done done now next next',
    ],
    [
      'applied, to be verified',
      { status: 'running', approvals, progress: [{ state: 'applied' }] as never },
      'done done done done now next',
    ],
    [
      'succeeded',
      { status: 'succeeded', approvals, progress: [{ state: 'applied' }] as never, endedAt: 'x' },
      'done done done done done done',
    ],
    ['rejected', { status: 'rejected', endedAt: 'x' }, 'done never never never never ended'],
    [
      'held: nothing was applied, and that is no success',
      { status: 'held', approvals, endedAt: 'x' },
      'done done never never never ended',
    ],
    [
      'failed after it was applied',
      { status: 'failed', approvals, progress: [{ state: 'applied' }] as never, endedAt: 'x' },
      'done done done done never ended',
    ],
  ])('%s', (_, given, states) => {
    expect(
      stagesOf(remediation(given))
        .map(({ state }) => state)
        .join(' '),
    ).toBe(states);
  });
});

describe('What a person asks for', () => {
  it('is read from the address that other pages link to', () => {
    expect(wishFrom('#/remediations/ask?deployment=shop&resource=web&action=scale')).toEqual({
      deploymentId: 'shop',
      action: 'scale',
      resource: 'web',
      params: '',
    });
    expect(wishFrom('#/remediations/ask?action=format-disk').action).toBe('restart');
  });

  it('takes parameters as the command line does: numbers and truth values are such', () => {
    expect(
      wishBody({
        deploymentId: 'shop',
        action: 'scale',
        resource: ' web ',
        params: 'desired=4\nwhy=a=b\n\nforce = true\nnonsense',
      }),
    ).toEqual({ action: 'scale', resource: 'web', params: { desired: 4, why: 'a=b', force: true } });
  });
});
