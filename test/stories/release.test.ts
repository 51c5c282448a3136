import { afterAll, beforeAll, expect, test } from 'vitest';
import { incidentsOf } from './alerting.ts';
import type { Account } from './aws-account.ts';
import { ecsService, taskDefinitionArn } from './aws-ecs.ts';
import { optedIn } from './aws-state.ts';
import { makeCheck, statusOf } from './checks.ts';
import { kindsOf, onlyRemediation, readRemediation, recordOf, remediationsOf } from './healing.ts';
import { unpublished } from './published.ts';
import { deadLetters } from './queues.ts';
import { callsIn, decide, makePolicyFor, openRemedying, registerIn, switchOff } from './remedying.ts';
import type { Stack } from './stack.ts';
import { openTarget, type Target } from './target.ts';

/** A release is watched by the checks; one that does not hold is rolled back to what ran before it. */
let stack: Stack;
let account: Account;
const targets = new Map<string, Target>();
beforeAll(async () => {
  ({ stack, account } = await openRemedying());
  // What a service answers depends on what it runs, however that came about.
  account.onDone(async ({ operation }) => {
    if (operation === 'UpdateService') await Promise.all([...targets.keys()].map(follow));
  });
});
afterAll(async () => {
  await stack?.close();
  await Promise.all([account?.close(), ...[...targets.values()].map((target) => target.close())]);
});

type Body = Readonly<Record<string, unknown>>;

/** Revisions with which it answers 503. */
const badRevisions = new Map<string, readonly number[]>();
const serviceOf = (name: string) => {
  const service = account.services.get(`prod/${name}`);
  if (!service) throw new Error(`there is no service ${name}`);
  return service;
};
const revisionOf = (name: string): number => Number(serviceOf(name).taskDefinition.split(':').at(-1));
const follow = async (name: string): Promise<void> => {
  const isBad = badRevisions.get(name)?.includes(revisionOf(name));
  await targets.get(name)?.become(isBad ? 'failing' : 'up');
};

/** A deployment of one service that runs its first revision, has two more, and is looked at every ten seconds. */
const given = async (
  name: string,
  remedy: Body | undefined,
  bad: readonly number[] = [2],
): Promise<string> => {
  const target = await openTarget();
  targets.set(name, target);
  badRevisions.set(name, bad);
  const revisions = [1, 2, 3].map((revision) => taskDefinitionArn(`${name}:${revision}`));
  account.taskDefinitions.push(...revisions);
  const [taskDefinition = ''] = revisions;
  account.services.set(`prod/${name}`, ecsService(`prod/${name}`, { taskDefinition, tags: optedIn }));
  await registerIn(stack, name, [{ name: 'web', type: 'ecs-service', id: `prod/${name}`, checks: ['page'] }]);
  if (remedy) {
    await makePolicyFor(stack, name, {
      health_remediation: { failed_release: { action: 'rollback', approval: 'auto', ...remedy } },
    });
  }
  const check = { name: 'page', target: target.url, deploymentId: name, failureThreshold: 3, retries: 0 };
  const id = await makeCheck(stack, check);
  await stack.advance('1m');
  expect(await statusOf(stack, id)).toBe('healthy');
  return id;
};

type ReleaseView = { readonly version: string; readonly state: string; readonly reason: string };
const path = (name: string) => `/api/v1/monitoring/deployments/${name}/releases`;
const tellRelease = async (name: string, version: string, state: 'began' | 'finished'): Promise<void> => {
  const answer = await stack.api('POST', path(name), { body: { version, state, window: '3m' } });
  expect(answer.status, answer.text).toBe(202);
};
const releasesOf = async (name: string): Promise<readonly ReleaseView[]> => {
  const answer = await stack.api('GET', path(name));
  expect(answer.status, answer.text).toBe(200);
  return answer.body.items as readonly ReleaseView[];
};

/** What a pipeline does: it tells that it begins, deploys a revision, and tells that it is done. */
const release = async (name: string, revision: number): Promise<void> => {
  await tellRelease(name, `v${revision}`, 'began');
  serviceOf(name).taskDefinition = taskDefinitionArn(`${name}:${revision}`);
  await follow(name);
  await tellRelease(name, `v${revision}`, 'finished');
};

const rollbacks = (name: string): readonly unknown[] =>
  account.asked
    .filter(({ operation, input }) => operation === 'UpdateService' && input.service === name)
    .map(({ input }) => input.taskDefinition);

test('a release after which a check turns unhealthy is rolled back to the task definition that ran when it began, and that is verified', async () => {
  const check = await given('bad', {});
  await release('bad', 2);
  await stack.advance('3m');
  expect(rollbacks('bad')).toEqual([taskDefinitionArn('bad:1')]);
  const undone = await onlyRemediation(stack, 'bad');
  expect(undone).toMatchObject({ status: 'succeeded', workflow: 'rollback', madeBy: 'policy:bad' });
  const record = await recordOf(stack, undone.id);
  expect(callsIn(record)).toEqual(['ecs UpdateService ok']);
  expect(record.find(({ kind }) => kind === 'not_verified')?.text).toContain('page is unhealthy');
  expect(record.at(-1)).toMatchObject({ before: { taskDefinition: taskDefinitionArn('bad:2') } });
  expect(await statusOf(stack, check)).toBe('healthy');
  expect(await releasesOf('bad')).toMatchObject([{ version: 'v2', state: 'rolled_back' }]);
});

test('a release that holds for its window is confirmed, and nothing is changed; the same told twice is one release', async () => {
  await given('good', {});
  await release('good', 3);
  await tellRelease('good', 'v3', 'finished');
  await stack.advance('2m');
  expect(await releasesOf('good')).toMatchObject([{ version: 'v3', state: 'finished' }]);
  await stack.advance('2m');
  expect(await releasesOf('good')).toMatchObject([{ version: 'v3', state: 'confirmed' }]);
  expect(await onlyRemediation(stack, 'good')).toMatchObject({ status: 'confirmed' });
  expect(rollbacks('good')).toEqual([]);
  expect(revisionOf('good')).toBe(3);
});

test('another release takes the place of one that is watched: the first is not rolled back any more, the second is judged for itself', async () => {
  await given('hasty', {});
  await release('hasty', 2);
  await stack.advance('10s');
  // The fix is on its way before anybody noticed.
  await release('hasty', 3);
  await stack.advance('5m');
  expect(await releasesOf('hasty')).toMatchObject([
    { version: 'v3', state: 'confirmed' },
    { version: 'v2', state: 'superseded' },
  ]);
  expect(rollbacks('hasty')).toEqual([]);
  expect((await remediationsOf(stack, 'hasty')).map(({ status }) => status)).toEqual([
    'superseded',
    'confirmed',
  ]);
});

test('where no policy speaks of it a person is asked, and only what is approved is rolled back', async () => {
  for (const name of ['granted', 'refused']) {
    await given(name, undefined);
    await release(name, 2);
  }
  await stack.advance('2m');
  for (const name of ['granted', 'refused']) {
    expect(await onlyRemediation(stack, name)).toMatchObject({ status: 'waiting' });
    expect(rollbacks(name)).toEqual([]);
  }
  await decide(stack, await onlyRemediation(stack, 'granted'), 'approve');
  await decide(stack, await onlyRemediation(stack, 'refused'), 'reject');
  await stack.advance('2m');
  expect([revisionOf('granted'), revisionOf('refused')]).toEqual([1, 2]);
  expect(await releasesOf('granted')).toMatchObject([{ state: 'rolled_back' }]);
  expect(await releasesOf('refused')).toMatchObject([{ state: 'failed' }]);
});

test('nobody answers in time: it is not rolled back, and the release stays failed', async () => {
  await given('unanswered', { approval: { mode: 'manual', expires: '10m' } });
  await release('unanswered', 2);
  await stack.advance('13m');
  expect(await onlyRemediation(stack, 'unanswered')).toMatchObject({ status: 'expired' });
  expect(await releasesOf('unanswered')).toMatchObject([{ state: 'failed' }]);
  expect(revisionOf('unanswered')).toBe(2);
});

test('somebody deployed another revision by hand while people were asked: nothing is rolled back over it (fault 19)', async () => {
  await given('by-hand', { approval: 'manual' });
  await release('by-hand', 2);
  await stack.advance('2m');
  const plan = await onlyRemediation(stack, 'by-hand');
  serviceOf('by-hand').taskDefinition = taskDefinitionArn('by-hand:3');
  await follow('by-hand');
  await decide(stack, plan, 'approve');
  await stack.advance('1m');
  expect(rollbacks('by-hand')).toEqual([]);
  expect(await readRemediation(stack, plan.id)).toMatchObject({ status: 'superseded' });
  expect(await releasesOf('by-hand')).toMatchObject([{ state: 'failed' }]);
});

test('the version before is no better: it is tried as often as the policy says, then people are told', async () => {
  await given('worse', { max_attempts: 2 }, [2]);
  await release('worse', 2);
  // The database is gone, whatever runs.
  badRevisions.set('worse', [1, 2, 3]);
  await stack.advance('45m');
  expect(rollbacks('worse')).toHaveLength(2);
  const failed = await onlyRemediation(stack, 'worse');
  expect(failed).toMatchObject({ status: 'failed', attempt: 2 });
  expect(kindsOf(await recordOf(stack, failed.id))).toContain('retry');
  expect(await releasesOf('worse')).toMatchObject([{ state: 'failed' }]);
  const incidents = await incidentsOf(stack, 'worse');
  expect(incidents.some(({ status }) => status === 'open')).toBe(true);
});

test('while somebody stopped healing a failed release is not rolled back, and people are told', async () => {
  await given('stopped', {});
  await switchOff(stack, true);
  await release('stopped', 2);
  await stack.advance('3m');
  await switchOff(stack, false);
  await stack.advance('1m');
  expect(rollbacks('stopped')).toEqual([]);
  expect(await onlyRemediation(stack, 'stopped')).toMatchObject({
    status: 'held',
    holds: [{ brake: 'stop_switch' }],
  });
  expect(await releasesOf('stopped')).toMatchObject([{ state: 'failed' }]);
  expect(await unpublished(stack)).toEqual([]);
  expect(await deadLetters(stack)).toEqual({});
});
