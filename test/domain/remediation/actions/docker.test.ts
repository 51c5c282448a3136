import { mkdtempSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import type { DeploymentResource } from '../../../../shared/catalog/index.ts';
import { issue } from '../../health/certificates.ts';
import { machinePorts } from './beyond-aws.ts';
import { applied, planned, planOne, verified } from './planned.ts';

/** One engine with one container, answering as Docker Engine API v1.50 does. */
type Engine = {
  status: string;
  health?: string | undefined;
  startedAt: string;
  /** What a restart is answered with; 204 restarts. */
  restartStatus: number;
  asked: string[];
};
const id = 'c0ffee'.padEnd(64, '0');

const engineOf = (): Engine => ({
  status: 'running',
  startedAt: '2026-01-01T00:00:00.000000001Z',
  restartStatus: 204,
  asked: [],
});

const answer = (engine: Engine): Parameters<typeof createServer>[1] => {
  return (request, response) => {
    engine.asked.push(`${request.method} ${request.url}`);
    const say = (status: number, body?: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(body === undefined ? undefined : JSON.stringify(body));
    };
    const [, , name, verb] = (request.url ?? '').split(/[/?]/);
    if (name !== 'shop' && name !== id) return say(404, { message: `No such container: ${name}` });
    if (verb === 'json') {
      const { status, health, startedAt } = engine;
      const State = { Status: status, StartedAt: startedAt, ...(health && { Health: { Status: health } }) };
      return say(200, { Id: id, Name: '/shop', State });
    }
    if (engine.restartStatus !== 204) return say(engine.restartStatus, { message: 'driver failed' });
    engine.status = 'running';
    engine.startedAt = '2026-01-01T00:01:00.000000001Z';
    return say(204);
  };
};

const servers: Server[] = [];
const listening = async (server: Server, where: number | string): Promise<void> => {
  servers.push(server);
  await new Promise<void>((resolve) =>
    typeof where === 'string' ? server.listen(where, resolve) : server.listen(where, '127.0.0.1', resolve),
  );
};
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

const onSocket = async (engine: Engine): Promise<DeploymentResource> => {
  const path = join(mkdtempSync(join(tmpdir(), 'docker-')), 'docker.sock');
  await listening(createServer(answer(engine)), path);
  return { name: 'shop', type: 'docker-container', id: 'shop', settings: { host: `unix://${path}` } };
};

describe('a container on this machine', () => {
  test('is restarted by its id, once, and is verified when it started anew', async () => {
    const engine = { ...engineOf(), status: 'exited' };
    const resource = await onSocket(engine);
    const { ports, calls } = machinePorts();
    const plan = await planned(ports, 'docker-restart', resource);
    expect(plan).toMatchObject({ before: { id, name: 'shop', status: 'exited' }, permissions: [] });
    const receipt = await applied(ports, plan);
    expect(engine.asked.filter((one) => one.startsWith('POST'))).toEqual([
      `POST /containers/${id}/restart?t=10`,
    ]);
    expect(await verified(ports, plan, receipt)).toMatchObject({ state: 'verified' });
    expect(calls).toContainEqual(expect.objectContaining({ operation: 'ContainerRestart', outcome: 'ok' }));
  });

  test.each([
    { health: 'healthy', state: 'verified' },
    { health: 'starting', state: 'pending' },
    { health: 'unhealthy', state: 'pending' },
  ])('whose health check says $health afterwards is $state', async ({ health, state }) => {
    const engine = engineOf();
    const resource = await onSocket(engine);
    const { ports } = machinePorts();
    const plan = await planned(ports, 'docker-restart', resource);
    const receipt = await applied(ports, plan);
    engine.health = health;
    expect(await verified(ports, plan, receipt)).toMatchObject({ state });
  });

  test('that runs since before the restart is not verified by it', async () => {
    const engine = engineOf();
    const resource = await onSocket(engine);
    const { ports } = machinePorts();
    const plan = await planned(ports, 'docker-restart', resource);
    expect(await verified(ports, plan, { startedAt: engine.startedAt })).toMatchObject({ state: 'pending' });
  });

  test('that ended again has failed', async () => {
    const engine = engineOf();
    const resource = await onSocket(engine);
    const { ports } = machinePorts();
    const plan = await planned(ports, 'docker-restart', resource);
    const receipt = await applied(ports, plan);
    engine.status = 'exited';
    expect(await verified(ports, plan, receipt)).toMatchObject({ state: 'failed' });
  });

  test('that is not there is refused', async () => {
    const resource = { ...(await onSocket(engineOf())), id: 'other' };
    await expect(planOne(machinePorts().ports, 'docker-restart', resource)).rejects.toMatchObject({
      name: 'ActionRefused',
      message: expect.stringContaining('there is no container other'),
    });
  });

  test.each([
    { status: 404, name: 'ActionRefused' },
    { status: 409, name: 'ActionRefused' },
    { status: 500, name: 'Error' },
  ])('whose restart is answered with $status ends with $name', async ({ status, name }) => {
    const engine = engineOf();
    const resource = await onSocket(engine);
    const { ports } = machinePorts();
    const plan = await planned(ports, 'docker-restart', resource);
    engine.restartStatus = status;
    await expect(applied(ports, plan)).rejects.toMatchObject({
      name,
      message: expect.stringContaining('driver failed'),
    });
  });

  test('whose engine is away is refused, for nothing was asked', async () => {
    const engine = engineOf();
    const resource = await onSocket(engine);
    const { ports } = machinePorts();
    const plan = await planned(ports, 'docker-restart', resource);
    for (const server of servers.splice(0)) server.close();
    await expect(applied(ports, plan)).rejects.toMatchObject({ name: 'ActionRefused' });
  });

  test('is out of reach of a deployed stack, which says what to do', async () => {
    const resource = await onSocket(engineOf());
    const { ports } = machinePorts({ insideLambda: true });
    await expect(planOne(ports, 'docker-restart', resource)).rejects.toMatchObject({
      message: expect.stringContaining('give the resource a `host` (https://…:2376) in its settings'),
    });
  });
});

describe('a container on another machine, over TLS', () => {
  const [from, until] = [Date.UTC(2020, 0, 1), Date.UTC(2040, 0, 1)];
  const authority = issue({ name: 'ours', from, until, isAuthority: true });
  const server = issue({ name: 'engine', names: ['ip:127.0.0.1'], from, until, by: authority });
  const client = issue({ name: 'homeostat', names: ['homeostat.test'], from, until, by: authority });

  const overTls = async (engine: Engine): Promise<DeploymentResource> => {
    const options = { ...server, ca: authority.cert, requestCert: true, rejectUnauthorized: true };
    const listener = createTlsServer(options, answer(engine));
    await listening(listener, 0);
    const { port } = listener.address() as AddressInfo;
    listener.on('secureConnection', (socket: TLSSocket) => {
      engine.asked.push(`client ${socket.getPeerCertificate().subject.CN}`);
    });
    const settings = {
      host: `https://127.0.0.1:${port}`,
      authorities: authority.cert,
      certificate: client.cert,
      key: `\${secret:DOCKER_KEY}`,
    };
    return { name: 'shop', type: 'docker-container', id: 'shop', settings };
  };

  test('is restarted with our own certificate, whose key is a secret that no plan shows', async () => {
    const engine = engineOf();
    const resource = await overTls(engine);
    const { ports } = machinePorts({ secrets: { DOCKER_KEY: client.key } });
    const plan = await planned(ports, 'docker-restart', resource);
    const receipt = await applied(ports, plan);
    expect(engine.asked).toContain('client homeostat');
    expect(await verified(ports, plan, receipt)).toMatchObject({ state: 'verified' });
    expect(JSON.stringify(plan)).not.toContain('PRIVATE KEY');
  });

  test('is refused where its address may not be reached', async () => {
    const resource = await overTls(engineOf());
    const { ports } = machinePorts({ secrets: { DOCKER_KEY: client.key }, allowedPrivateRanges: '' });
    await expect(planOne(ports, 'docker-restart', resource)).rejects.toMatchObject({
      message: expect.stringContaining('list its range in allowedPrivateRanges'),
    });
  });

  test('is refused when it shows a certificate of somebody else', async () => {
    const engine = engineOf();
    const resource = await overTls(engine);
    const other = issue({ name: 'theirs', from, until, isAuthority: true });
    const settings = { ...resource.settings, authorities: other.cert };
    const { ports } = machinePorts({ secrets: { DOCKER_KEY: client.key } });
    await expect(planOne(ports, 'docker-restart', { ...resource, settings })).rejects.toMatchObject({
      name: 'ActionRefused',
    });
    expect(engine.asked).toEqual([]);
  });
});
