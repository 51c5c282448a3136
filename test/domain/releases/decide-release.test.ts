import { describe, expect, it } from 'vitest';
import { decideRelease, endRelease, type Told } from '../../../shared/releases/decide-release.ts';
import type { Release } from '../../../shared/releases/release.ts';

const noon = Date.UTC(2026, 0, 31, 12);
const settings = { windowSeconds: 600, maxBurnRate: 14.4, sloTargetPercent: 99.9 };
const told = (version: string, state: Told['state'], given: Partial<Told> = settings): Told => ({
  version,
  state,
  ...given,
});
const facts = {
  deploymentId: 'shop',
  before: [{ resource: 'web', kind: 'ecs-rollback', image: '{"taskDefinition":"shop:11"}' }],
  unhealthyBefore: ['mail'],
  by: 'token:ci',
  now: noon,
  newId: () => 'r1',
};
const release = (version: string, state: Release['state']): Release => ({
  ...settings,
  version,
  id: 'r0',
  deploymentId: 'shop',
  state,
  reason: '',
  before: facts.before,
  unhealthyBefore: [],
  beganAt: noon - 60_000,
  by: 'token:ci',
  revision: 4,
});

describe('a pipeline’s word about a release', () => {
  it.each<[string, Release | undefined, Told, string, Partial<Release>]>([
    [
      'a first one begins',
      undefined,
      told('v2', 'began'),
      'began',
      { version: 'v2', state: 'began', before: facts.before, unhealthyBefore: ['mail'], revision: 1 },
    ],
    [
      'the same told again changes nothing',
      release('v2', 'began'),
      told('v2', 'began'),
      'unchanged',
      { revision: 4 },
    ],
    [
      'it finishes with what was known before it',
      release('v2', 'began'),
      told('v2', 'finished'),
      'finished',
      { id: 'r0', state: 'finished', finishedAt: noon, before: facts.before, revision: 5 },
    ],
    [
      'its end told again changes nothing',
      release('v2', 'finished'),
      told('v2', 'finished'),
      'unchanged',
      { revision: 4 },
    ],
    [
      'its beginning told late changes nothing (fault 2)',
      release('v2', 'finished'),
      told('v2', 'began'),
      'unchanged',
      { state: 'finished' },
    ],
    [
      'one that only finishes has nothing to go back to',
      undefined,
      told('v2', 'finished'),
      'finished',
      { state: 'finished', before: [], unhealthyBefore: [] },
    ],
    [
      'the same version again after its end is a new release',
      release('v2', 'rolled_back'),
      told('v2', 'began'),
      'began',
      { id: 'r1', revision: 5 },
    ],
  ])('%s', (_, present, word, outcome, expected) => {
    const decided = decideRelease(present, word, facts);
    expect(decided.outcome).toBe(outcome);
    expect(decided.release).toMatchObject(expected);
  });

  it.each<[string, Release | undefined, Partial<Told>, Partial<Release>]>([
    [
      'as its beginning said',
      { ...release('v2', 'began'), windowSeconds: 1800 },
      {},
      { windowSeconds: 1800 },
    ],
    [
      'as its end says otherwise',
      { ...release('v2', 'began'), windowSeconds: 1800 },
      { windowSeconds: 60 },
      { windowSeconds: 60, maxBurnRate: 14.4 },
    ],
    [
      'as usual where neither says: ten minutes, 99.9 per cent',
      undefined,
      {},
      { windowSeconds: 600, maxBurnRate: 14.4, sloTargetPercent: 99.9 },
    ],
  ])('one that finishes is watched %s', (_, present, given, expected) => {
    expect(decideRelease(present, told('v2', 'finished', given), facts).release).toMatchObject(expected);
  });

  it('another release that begins takes the place of one that is watched', () => {
    const decided = decideRelease(release('v2', 'finished'), told('v3', 'began'), facts);
    expect(decided).toMatchObject({
      outcome: 'began',
      release: { id: 'r1', version: 'v3' },
      superseded: { id: 'r0', state: 'superseded', endedAt: noon },
    });
  });

  it('a version that finishes while another is under way is refused', () => {
    expect(() => decideRelease(release('v2', 'began'), told('v3', 'finished'), facts)).toThrow(
      'The release v2 is under way, not v3. Tell that v3 began first, or finish v2.',
    );
  });
});

describe('the end of a watch', () => {
  const ended = { releaseId: 'r0', state: 'rolled_back' as const, reason: 'it was down', now: noon };
  it('ends the release that was watched', () => {
    expect(endRelease(release('v2', 'finished'), ended)).toMatchObject({ state: 'rolled_back', revision: 5 });
  });
  it.each([
    ['another one that began since', { ...release('v3', 'began'), id: 'r9' }],
    ['one that ended already', release('v2', 'confirmed')],
    ['none', undefined],
  ])('changes nothing of %s', (_, present) => {
    expect(endRelease(present, ended)).toBeUndefined();
  });
});
