import { describe, expect, test } from 'vitest';
import { notePing } from '../../../shared/health/pings.ts';
import { placeOf, putPlace } from '../../../shared/health/place-item.ts';
import { openPorts } from '../../../shared/health/probing/open-ports.ts';
import { CannotTell, TargetFailed } from '../../../shared/health/probing/outcome.ts';
import { noon } from './builders.ts';
import { memoryTable } from './memory-table.ts';

const { signal } = new AbortController();
const refusal = async (work: Promise<unknown>): Promise<string> => {
  const error = await work.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(CannotTell);
  return (error as Error).message;
};

describe('what cannot be asked is a fault of ours, and says what to do', () => {
  const nothing = openPorts({ now: () => noon });
  test('secrets, other checks, pings', async () => {
    expect(await refusal(nothing.secret('db'))).toBe('secrets cannot be read from here');
    expect(await refusal(nothing.members(['a']))).toBe('other checks cannot be asked from here');
    expect(await refusal(nothing.lastPing('a'))).toBe('pings cannot be read from here');
  });

  test('a function that is not listed', async () => {
    const message =
      "the function orders is not listed: add its ARN to checkFunctions of the stack's configuration and deploy again";
    expect(await refusal(nothing.invoke('orders', {}, signal))).toBe(message);
    const teamFunctions = { arns: ['arn:aws:lambda:eu-central-1:1:function:other'], invoke: async () => 1 };
    expect(await refusal(openPorts({ teamFunctions, now: () => noon }).invoke('orders', {}, signal))).toBe(
      message,
    );
    const any = openPorts({ teamFunctions: { ...teamFunctions, arns: ['*'] }, now: () => noon });
    expect(await refusal(any.invoke('Api', {}, signal))).toBe(
      'the function Api is not listed in checkFunctions: give its ARN as the target',
    );
    expect(await any.invoke('arn:aws:lambda:eu-central-1:1:function:orders', {}, signal)).toBe(1);
  });

  test('a service that was not opted in', async () => {
    expect(await refusal(nothing.describe('ec2-instance', 'i-1', signal))).toContain(
      'list ec2 in awsServices',
    );
    expect(await refusal(nothing.describe('docker-container', 'db', signal))).toContain(
      'Docker runs on no machine',
    );
  });

  test('a secret that is not there, or cannot be read', async () => {
    const read = async (name: string) => {
      if (name === 'locked') throw new Error('AccessDenied');
      return undefined;
    };
    const ports = openPorts({ checkSecrets: { read }, now: () => noon });
    expect(await refusal(ports.secret('db'))).toBe('there is no secret db: homeostat secrets set db');
    expect(await refusal(ports.secret('locked'))).toBe('the secret locked could not be read: AccessDenied');
  });

  test('a table that fails', async () => {
    const fail = async () => {
      throw new Error('Rate exceeded');
    };
    const telemetry = { ...memoryTable(), batchGet: fail, query: fail };
    const ports = openPorts({ telemetry, shard: 'home.heartbeat.60.0', now: () => noon });
    expect(await refusal(ports.members(['a']))).toBe(
      'the standings of other checks could not be read: Rate exceeded',
    );
    expect(await refusal(ports.lastPing('a'))).toBe('pings could not be read: Rate exceeded');
  });
});

describe('what was read once', () => {
  test('a secret is kept for a minute by the platform’s clock, then read anew', async () => {
    let now = noon;
    let version = 0;
    const checkSecrets = { read: async () => `v${++version}` };
    const secret = () => openPorts({ checkSecrets, now: () => now }).secret('db');
    expect([await secret(), await secret()]).toEqual(['v1', 'v1']);
    now += 59_999;
    expect(await secret()).toBe('v1');
    now += 1;
    expect(await secret()).toBe('v2');
  });

  test('a secret that was missing is asked for again at once', async () => {
    let value: string | undefined;
    const ports = openPorts({ checkSecrets: { read: async () => value }, now: () => noon });
    await refusal(ports.secret('db'));
    value = 'now';
    expect(await ports.secret('db')).toBe('now');
  });

  test('a member is read once a run, however many composites ask', async () => {
    const telemetry = memoryTable();
    const entry = { no: 1, timeoutSeconds: 5, placedAt: noon };
    await putPlace(telemetry, 'a', placeOf('home.public.60.0', entry), 1);
    const asked: string[] = [];
    const batchGet: typeof telemetry.batchGet = async (keys) => {
      asked.push(...keys.map(({ pk }) => pk).filter((pk) => pk.startsWith('C#')));
      return telemetry.batchGet(keys);
    };
    const ports = openPorts({ telemetry: { ...telemetry, batchGet }, now: () => noon });
    const [one, two] = await Promise.all([ports.members(['a', 'b']), ports.members(['a', 'c'])]);
    expect([...one.keys(), ...two.keys()]).toEqual(['a', 'a']);
    expect(one.get('a')).toEqual({ status: 'unknown', failures: 0, intervalSeconds: 60, timeoutSeconds: 5 });
    expect(asked.sort()).toEqual(['C#a', 'C#b', 'C#c']);
  });

  test('a ping is that of the shard that runs', async () => {
    const telemetry = memoryTable();
    const ping = { at: noon, isFailure: true, message: 'backup failed' };
    await notePing(telemetry, { shard: 'home.heartbeat.60.0' }, 'a', ping, noon / 1000 + 60);
    const inShard = (shard: string) => openPorts({ telemetry, shard, now: () => noon }).lastPing('a');
    expect(await inShard('home.heartbeat.60.0')).toEqual(ping);
    expect(await inShard('home.heartbeat.60.1')).toBeUndefined();
  });
});

describe('a function of the team', () => {
  const arn = 'arn:aws:lambda:eu-central-1:123456789012:function:orders-health';
  const invoking = (invoke: () => Promise<unknown>) =>
    openPorts({ teamFunctions: { arns: [arn], invoke }, now: () => noon });

  test.each([arn, 'orders-health'])('is called by its name or ARN: %s', async (name) => {
    expect(await invoking(async () => ({ status: 'healthy' })).invoke(name, {}, signal)).toEqual({
      status: 'healthy',
    });
  });

  test('that throws has failed; one that could not be called has not', async () => {
    const failed = Object.assign(new Error('no database'), { name: 'FunctionFailed' });
    const threw = await invoking(() => Promise.reject(failed))
      .invoke(arn, {}, signal)
      .catch((error: unknown) => error);
    expect(threw).toBeInstanceOf(TargetFailed);
    expect((threw as Error).message).toBe('the function failed: no database');
    const refused = invoking(() => Promise.reject(new Error('Rate exceeded'))).invoke(arn, {}, signal);
    expect(await refusal(refused)).toBe(`the function ${arn} could not be called: Rate exceeded`);
  });
});
