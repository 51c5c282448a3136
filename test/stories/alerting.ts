import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { expect } from 'vitest';
import type { Mailbox, Receiver } from './receivers.ts';
import type { Stack } from './stack.ts';

/** What stories do with rules, channels and incidents over the HTTP API. */

export const monitoring = '/api/v1/monitoring';

type Body = Readonly<Record<string, unknown>>;

/** Sets a secret that channels mean by `${secret:NAME}`. */
export const setSecret = async ({ host }: Stack, name: string, value: string): Promise<void> => {
  const client = new SSMClient(host.aws);
  try {
    const Name = `/homeostat/Homeostat/${name}`;
    await client.send(new PutParameterCommand({ Name, Value: value, Type: 'SecureString', Overwrite: true }));
  } finally {
    client.destroy();
  }
};

export const reference = (name: string): string => `$\{secret:${name}}`;

const made = async (stack: Stack, path: string, body: Body): Promise<string> => {
  const answer = await stack.api('POST', `${monitoring}/${path}`, { body });
  expect(answer.status, answer.text).toBe(201);
  return String(answer.body.id);
};

export const makeChannel = (stack: Stack, channel: Body): Promise<string> => made(stack, 'channels', channel);
export const makeRule = (stack: Stack, rule: Body): Promise<string> => made(stack, 'alerts', rule);
export const makeSilence = (stack: Stack, silence: Body): Promise<string> =>
  made(stack, 'silences', { reason: 'of a story', ...silence });

/** Writes a built-in rule anew; type and condition stay where they are not given. */
export const tuneBuiltin = async (stack: Stack, name: string, changes: Body): Promise<void> => {
  const { body } = await stack.api('GET', `${monitoring}/alerts?limit=100`);
  const found = (body.items as Body[]).find((rule) => rule.name === name && rule.managedBy === 'builtin');
  expect(found, name).toBeDefined();
  const { type, condition, severity } = found ?? {};
  const answer = await stack.api('PUT', `${monitoring}/alerts/${found?.id}`, {
    body: { deploymentId: '*', name, type, condition, severity, ...changes },
  });
  expect(answer.status, answer.text).toBe(200);
};

export const replaceChannel = async (stack: Stack, id: string, channel: Body): Promise<void> => {
  const answer = await stack.api('PUT', `${monitoring}/channels/${id}`, { body: channel });
  expect(answer.status, answer.text).toBe(200);
};

/** A Slack channel whose incoming webhook is a receiver of the story. */
export const makeSlack = async (
  stack: Stack,
  receiver: Receiver,
  { name = 'slack', ...rest }: Body & { readonly name?: string } = {},
): Promise<string> => {
  const secret = `${name.toUpperCase().replace(/[^A-Z0-9]/g, '_')}_URL`;
  await setSecret(stack, secret, `${receiver.url}/${encodeURIComponent(name)}`);
  return makeChannel(stack, { name, type: 'slack', config: { url: reference(secret) }, ...rest });
};

/** A webhook in Homeostat's own format, at the path of its name. */
export const makeWebhook = (
  stack: Stack,
  receiver: Receiver,
  { name = 'webhook', ...rest }: Body & { readonly name?: string } = {},
): Promise<string> => {
  const config = { url: `${receiver.url}/${encodeURIComponent(name)}`, format: 'homeostat' };
  return makeChannel(stack, { name, type: 'webhook', config, ...rest });
};

export const makeMail = (
  stack: Stack,
  { port }: Mailbox,
  { name = 'mail', ...rest }: Body & { readonly name?: string } = {},
): Promise<string> =>
  makeChannel(stack, {
    name,
    type: 'email',
    config: {
      transport: 'smtp',
      host: '127.0.0.1',
      port,
      security: 'none',
      from: 'homeostat@example.com',
      to: ['team@example.com'],
    },
    ...rest,
  });

/** The whole settings; what is left out has its default. */
export const setAlerting = async (stack: Stack, settings: Body): Promise<void> => {
  const answer = await stack.api('PUT', `${monitoring}/alerting`, { body: settings });
  expect(answer.status, answer.text).toBe(200);
};

export type IncidentView = {
  readonly id: string;
  readonly title: string;
  readonly status: string;
  readonly severity: string;
  readonly deploymentId: string | null;
  readonly openedAt: string;
  readonly resolvedAt: string | null;
  readonly acknowledgedBy: string | null;
  readonly duration: number | null;
  readonly firing: number;
  readonly resolved: number;
  readonly reopenings: number;
  readonly escalationStep: number;
  readonly alerts: readonly { readonly ruleName: string; readonly held: string | null }[];
  readonly notifications: readonly {
    readonly channelName: string;
    readonly sent: readonly { readonly kind: string; readonly no: number }[];
    readonly unsent: readonly { readonly kind: string }[];
    readonly isUndelivered: boolean;
  }[];
};

/** Oldest first. */
export const incidents = async (stack: Stack, query = ''): Promise<readonly IncidentView[]> => {
  const answer = await stack.api('GET', `${monitoring}/incidents?limit=200${query}`);
  expect(answer.status, answer.text).toBe(200);
  return [...(answer.body.items as IncidentView[])].reverse();
};

export const incidentsOf = (stack: Stack, deploymentId: string): Promise<readonly IncidentView[]> =>
  incidents(stack, `&deploymentId=${deploymentId}`);

export const readIncident = async (stack: Stack, id: string): Promise<IncidentView> => {
  const answer = await stack.api('GET', `${monitoring}/incidents/${id}`);
  expect(answer.status, answer.text).toBe(200);
  return answer.body as unknown as IncidentView;
};

export type Entry = { readonly kind: string; readonly text: string; readonly by: string | null };

export const timelineOf = async (stack: Stack, id: string): Promise<readonly Entry[]> => {
  const answer = await stack.api('GET', `${monitoring}/incidents/${id}/timeline?limit=200`);
  expect(answer.status, answer.text).toBe(200);
  return answer.body.items as Entry[];
};

/** `acknowledge`, `comment`, `escalate` … */
export const act = async (stack: Stack, id: string, what: string, body: Body = {}): Promise<void> => {
  const answer = await stack.api('POST', `${monitoring}/incidents/${id}/${what}`, { body });
  expect(answer.status, answer.text).toBeLessThan(300);
};

export const registerDeployment = async (stack: Stack, deploymentId: string): Promise<void> => {
  const body = { deploymentId, blueprintId: 'b1', environment: 'test' };
  expect((await stack.api('POST', '/api/monitoring/register', { body })).status).toBe(201);
};
