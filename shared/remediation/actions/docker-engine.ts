import {
  askDocker,
  type DockerWay,
  directResolve,
  dockerSocket,
  judgeAddresses,
  openPorts,
  parseRanges,
  resolveOnce,
  systemResolve,
  withSecrets,
} from '../../health/index.ts';
import { HttpRefusal, NeverSent } from '../../platform/aws/actions/outcome.ts';
import { type BeyondAws, type BeyondAwsWorld, required } from './beyond-aws.ts';

/** How a container stands, as far as a restart depends on it. */
export type Container = {
  /** The whole id: a name may be given to another container. */
  readonly id: string;
  readonly name: string;
  /** created, running, paused, restarting, removing, exited, dead. */
  readonly status: string;
  /** healthy, unhealthy, starting; undefined: it has no health check. */
  readonly health: string | undefined;
  /** As Docker writes it; another one after each start. */
  readonly startedAt: string;
};

/** Where an engine listens. Texts may hold `${secret:NAME}`. */
export type DockerHost = {
  /** `unix:///var/run/docker.sock`, `tcp://host:2375`, `https://host:2376`. */
  readonly url: string;
  /** PEM, of TLS: what to trust, and the client's own certificate and key. */
  readonly authorities?: string | undefined;
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
};

export interface DockerPort {
  container(host: DockerHost, nameOrId: string): Promise<Container | undefined>;
  /** Asks it to stop, kills it after `graceSeconds`, and starts it again. */
  restart(host: DockerHost, id: string, graceSeconds: number): Promise<void>;
}

const defaultUrl = `unix://${dockerSocket}`;
/** Room for the engine to start the container again after the grace. */
const startSeconds = 30;

type Described = {
  readonly Id?: string;
  readonly Name?: string;
  readonly State?: {
    readonly Status?: string;
    readonly StartedAt?: string;
    readonly Health?: { readonly Status?: string };
  };
};

/** Over a socket of this machine, or over TCP and TLS through the address guard. */
export const openDocker = (world: BeyondAwsWorld): DockerPort => {
  const { calls } = world;
  const ask = async (host: DockerHost, method: 'GET' | 'POST', path: string, seconds: number) => {
    const signal = AbortSignal.any([calls.signal, AbortSignal.timeout(seconds * 1000)]);
    const way = await wayTo(host, required(world, 'Docker'), world);
    const answer = await askDocker(way, { method, path }, signal).catch((error: NodeJS.ErrnoException) => {
      const said = `Docker does not answer at ${host.url} (${error.code ?? error.message})`;
      // Before there is a connection nothing was asked for.
      if (error.syscall === 'connect') {
        throw new NeverSent(`${said}: start it, and let Homeostat reach it`, { cause: error });
      }
      throw new Error(said, { cause: error });
    });
    if (answer.status >= 200 && answer.status < 300) return answer.body;
    throw new HttpRefusal(`Docker answered ${answer.status}: ${messageIn(answer.body)}`, answer.status);
  };
  return {
    container: async (host, nameOrId) => {
      const call = { service: 'docker', operation: 'ContainerInspect', kind: 'read' } as const;
      const path = `/containers/${encodeURIComponent(nameOrId)}/json`;
      const body = await calls.make(
        call,
        () =>
          ask(host, 'GET', path, 10).catch((error: unknown) => {
            if (error instanceof HttpRefusal && error.$metadata.httpStatusCode === 404) return undefined;
            throw error;
          }),
        (answer) => (answer === undefined ? 'there is none' : 'done'),
      );
      return body === undefined ? undefined : containerIn(body);
    },
    restart: async (host, id, graceSeconds) => {
      const call = { service: 'docker', operation: 'ContainerRestart', kind: 'change' } as const;
      const path = `/containers/${encodeURIComponent(id)}/restart?t=${graceSeconds}`;
      await calls.make(
        call,
        () => ask(host, 'POST', path, graceSeconds + startSeconds),
        () => 'done',
      );
    },
  };
};

const messageIn = (body: string): string => {
  try {
    const { message } = JSON.parse(body) as { message?: unknown };
    return typeof message === 'string' ? message.slice(0, 300) : 'no message';
  } catch {
    return 'no message';
  }
};

const containerIn = (body: string): Container => {
  const { Id, Name = '', State } = JSON.parse(body) as Described;
  if (Id === undefined || State?.Status === undefined) throw new Error('Docker told no state');
  const health = State.Health?.Status;
  return {
    id: Id,
    name: Name.replace(/^\//, ''),
    status: State.Status,
    health: health === 'none' ? undefined : health,
    startedAt: State.StartedAt ?? '',
  };
};

/** Resolved once, judged, and pinned: the name may mean something else a moment later. */
const wayTo = async (host: DockerHost, beyondAws: BeyondAws, world: BeyondAwsWorld): Promise<DockerWay> => {
  const ports = openPorts({ checkSecrets: beyondAws.checkSecrets, now: world.clock });
  const {
    url: text,
    authorities,
    certificate,
    key,
  } = await withSecrets({ ...host, url: host.url || defaultUrl }, ports).catch((error: Error) => {
    throw new NeverSent(error.message, { cause: error });
  });
  const url = URL.parse(text);
  if (url?.protocol === 'unix:') {
    if (!beyondAws.insideLambda) return { socketPath: decodeURIComponent(url.pathname) };
    throw new NeverSent(
      'no Docker runs beside a deployed stack: give the resource a `host` (https://…:2376) in its settings',
    );
  }
  const isTls = url?.protocol === 'https:';
  if (!url || (!isTls && url.protocol !== 'tcp:' && url.protocol !== 'http:')) {
    throw new NeverSent('a Docker host is unix:///…, tcp://host:2375 or https://host:2376');
  }
  const name = url.hostname.replace(/^\[|\]$/g, '');
  const port = Number(url.port) || (isTls ? 2376 : 2375);
  const address = await judged(name, port, beyondAws);
  if (!isTls) return { address, port };
  return { address, port, tls: { serverName: name, ca: authorities, cert: certificate, key } };
};

const judged = async (name: string, port: number, beyondAws: BeyondAws): Promise<string> => {
  const resolve = beyondAws.insideLambda ? directResolve() : systemResolve;
  const addresses = await resolveOnce(resolve)(name).catch((error: Error) => {
    throw new NeverSent(error.message, { cause: error });
  });
  const verdict = judgeAddresses(name, port, addresses, {
    allowedPrivateRanges: parseRanges(beyondAws.allowedPrivateRanges),
    insideLambda: beyondAws.insideLambda,
    insideVpc: false,
  });
  const address = 'refusal' in verdict ? undefined : verdict.usable[0];
  if (address !== undefined) return address;
  throw new NeverSent('refusal' in verdict ? verdict.refusal : `${name} has no usable address`);
};
