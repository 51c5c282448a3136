import type { DeploymentResource } from '../../catalog/index.ts';
import { type Action, ActionRefused } from './action.ts';
import type { Container, DockerHost } from './docker-engine.ts';
import type { ActionPorts } from './ports.ts';

type Before = {
  readonly host: DockerHost;
  /** The container's whole id: a name may be given to another one. */
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly startedAt: string;
};

/** Seconds between the polite signal and the kill, as `docker restart` has it. */
const usualGraceSeconds = 10;

const hostOf = ({ settings = {} }: DeploymentResource): DockerHost => {
  const { host = 'unix:///var/run/docker.sock', authorities, certificate, key } = settings;
  return {
    url: host,
    ...(authorities !== undefined && { authorities }),
    ...(certificate !== undefined && { certificate }),
    ...(key !== undefined && { key }),
  };
};

const containerOf = async (ports: ActionPorts, host: DockerHost, id: string): Promise<Container> => {
  const found = await (await ports.docker()).container(host, id);
  if (!found) throw new ActionRefused(`there is no container ${id} at ${host.url}`);
  return found;
};

/**
 * Restarts a container by the Engine API: over the socket of this machine, or over TCP and TLS with `host`
 * (`https://host:2376`), `authorities`, `certificate` and `key` of the settings, which may be `${secret:NAME}`.
 */
export const dockerRestart: Action = {
  resourceTypes: ['docker-container'],
  verbs: ['restart'],
  params: (z) => z.strictObject({ graceSeconds: z.int().min(0).max(25).exactOptional() }),
  async read(ports, resource) {
    const host = hostOf(resource);
    const { id, name, status, startedAt } = await containerOf(ports, host, resource.id);
    const before: Before = { host, id, name, status, startedAt };
    return { before, permissions: [] };
  },
  propose(image) {
    const { name, status } = image as Before;
    if (status === 'removing' || status === 'dead') {
      return { refused: `the container ${name} is ${status}: it cannot be started again` };
    }
    return {
      expected: { isRestarted: true },
      summary: `Restart the container ${name}, which is ${status}. What it held in memory is lost.`,
      risk: 'low',
    };
  },
  async apply(ports, { before, params }, keep) {
    const { host, id } = before as Before;
    // Docker's own word for when it started: its clock is not ours.
    const { startedAt } = await containerOf(ports, host, id);
    const grace = typeof params.graceSeconds === 'number' ? params.graceSeconds : usualGraceSeconds;
    await (await ports.docker()).restart(host, id, grace);
    keep({ startedAt });
  },
  async verify(ports, { before }, _appliedAt, receipt) {
    const { host, id, startedAt: earlier } = before as Before;
    const { startedAt = earlier } = (receipt ?? {}) as { readonly startedAt?: string };
    const found = await (await ports.docker()).container(host, id);
    if (!found) return { state: 'failed', reason: 'the container is gone', after: null };
    const after = { status: found.status, health: found.health ?? null, startedAt: found.startedAt };
    const said = `Docker says the container ${found.name} is ${found.status}${found.health ? ` and ${found.health}` : ''}`;
    if (found.status === 'exited' || found.status === 'dead') return { state: 'failed', reason: said, after };
    if (found.status !== 'running') return { state: 'pending', reason: said, after };
    if (found.startedAt === startedAt) {
      return { state: 'pending', reason: `${said} since before the restart`, after };
    }
    const isWell = found.health === undefined || found.health === 'healthy';
    return { state: isWell ? 'verified' : 'pending', reason: said, after };
  },
};
