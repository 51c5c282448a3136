import { createHmac } from 'node:crypto';
import { expect } from 'vitest';
import type { StackConfigInput } from '../../infra/config.ts';
import { monitoring, setSecret } from './alerting.ts';
import { type Account, openAwsAccount } from './aws-account.ts';
import { optedIn } from './aws-state.ts';
import type { LogView, RemediationView } from './healing.ts';
import { type Answer, openStack, type Stack, type StackOptions } from './stack.ts';

/** What stories of remedies in an AWS account share. */

type Body = Readonly<Record<string, unknown>>;

/** Opted in is what carries the tag, by these kinds. */
export const actions: StackConfigInput['actions'] = {
  'cloudcontrol-patch': { tags: optedIn, types: ['AWS::Logs::LogGroup'] },
  'ec2-stop': { tags: optedIn },
  'ec2-start': { tags: optedIn },
  'ecs-redeploy': { tags: optedIn },
  'ecs-scale': { tags: optedIn },
  'ecs-rollback': { tags: optedIn },
  'asg-scale': { tags: optedIn },
};

export const findingsKey = 'the key of the engine of a story: '.padEnd(48, 'k').replaceAll(' ', '-');

/** The stack with an account of AWS, and the key of the team's engine. */
export const openRemedying = async (
  options: StackOptions = {},
): Promise<{ readonly stack: Stack; readonly account: Account }> => {
  let stack: Stack | undefined;
  const account = await openAwsAccount(() => stack?.host.now() ?? 0);
  stack = await openStack({
    ...options,
    config: { actions, ...options.config },
    awsAccount: account.account,
  });
  await setSecret(stack, 'FINDINGS_KEY', findingsKey);
  return { stack, account };
};

/** In an environment of its own, for limits count what is in need in one environment. */
export const registerIn = async (
  stack: Stack,
  deploymentId: string,
  resources: readonly Body[],
  more: Body = {},
): Promise<void> => {
  const body = { deploymentId, environment: deploymentId, resources, ...more };
  const answer = await stack.api('POST', '/api/monitoring/register', { body });
  expect(answer.status, answer.text).toBe(201);
};

/** For the environments named, or for the one of its own name. */
export const makePolicyFor = async (
  stack: Stack,
  name: string,
  sections: Body,
  environments: readonly string[] = [name],
): Promise<string> => {
  const body = { name, selector: { environments }, ...sections };
  const answer = await stack.api('POST', `${monitoring}/policies`, { body });
  expect(answer.status, answer.text).toBe(201);
  return String(answer.body.id);
};

export type Told = Readonly<Record<string, unknown>> & {
  readonly deploymentId: string;
  readonly resource: string;
};

/** What the engine says and how it signs that, at this moment of the story. */
export const signed = (
  stack: Stack,
  findings: readonly Told[],
  { key = findingsKey, at = stack.host.now() }: { readonly key?: string; readonly at?: number } = {},
) => {
  const body = JSON.stringify({ source: 'guardrails', findings });
  const t = Math.floor(at / 1000);
  const v1 = createHmac('sha256', key).update(`${t}.${body}`).digest('hex');
  return { body, signature: `t=${t},v1=${v1}` };
};

export type Delivery = ReturnType<typeof signed>;

/** Without a token: the signature is all that the engine has. */
export const deliver = async (stack: Stack, { body, signature }: Delivery): Promise<Answer> => {
  const answer = await fetch(`${stack.host.url}${monitoring}/findings`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-homeostat-signature': signature },
    body,
  });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, body: JSON.parse(text), text };
};

/** Tells it, and gives the ids. */
export const tell = async (stack: Stack, ...findings: readonly Told[]): Promise<readonly string[]> => {
  const answer = await deliver(stack, signed(stack, findings));
  expect(answer.status, answer.text).toBe(200);
  return (answer.body.items as readonly { readonly id: string }[]).map(({ id }) => id);
};

export type FindingView = {
  readonly kind: string;
  readonly state: string;
  readonly resource: string;
  readonly title: string;
  readonly reason: string;
  readonly severity: string;
};

export const readFinding = async (stack: Stack, id: string): Promise<FindingView> => {
  const answer = await stack.api('GET', `${monitoring}/findings/${id}`);
  expect(answer.status, answer.text).toBe(200);
  return answer.body as unknown as FindingView;
};

export const findingsOf = async (
  stack: Stack,
  deploymentId: string,
  query = '',
): Promise<readonly FindingView[]> => {
  const answer = await stack.api('GET', `${monitoring}/findings?deploymentId=${deploymentId}${query}`);
  expect(answer.status, answer.text).toBe(200);
  return answer.body.items as FindingView[];
};

export const decide = async (
  stack: Stack,
  { id }: Pick<RemediationView, 'id'>,
  what: 'approve' | 'reject',
): Promise<void> => {
  const answer = await stack.api('POST', `${monitoring}/plans/${id}/${what}`, { body: {} });
  expect(answer.status, answer.text).toBe(200);
};

/** What a person asks for. */
export const remediate = (stack: Stack, deploymentId: string, body: Body, token?: string): Promise<Answer> =>
  stack.api('POST', `/api/monitoring/remediate/${deploymentId}`, {
    body,
    ...(token !== undefined && { token }),
  });

export const undo = async (stack: Stack, { id }: Pick<RemediationView, 'id'>): Promise<string> => {
  const answer = await stack.api('POST', `${monitoring}/remediations/${id}/undo`, { body: {} });
  expect(answer.status, answer.text).toBe(202);
  expect(answer.body.status).toBe('waiting');
  return String(answer.body.planHash);
};

export const switchOff = async (stack: Stack, isStopped: boolean): Promise<void> => {
  const path = `${monitoring}/remediation/stop`;
  const answer = isStopped
    ? await stack.api('POST', path, { body: { reason: 'the sale' } })
    : await stack.api('DELETE', path);
  expect(answer.status, answer.text).toBeLessThan(300);
};

/** What was called, as the record tells it: `ecs UpdateService ok`. */
export const callsIn = (record: readonly LogView[]): readonly string[] =>
  record.flatMap(({ call }) => (call ? [`${call.service} ${call.operation} ${call.outcome}`] : []));
