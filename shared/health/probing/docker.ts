import { type ClientRequest, request } from 'node:http';
import { CannotTell } from './outcome.ts';
import type { ResourceState } from './ports.ts';

/** Where Docker listens on Linux; Docker Desktop links it there. */
export const dockerSocket = '/var/run/docker.sock';

/** The description of one container; far more than one has. */
const largestAnswer = 1024 * 1024;

type ContainerState = {
  readonly Status?: string;
  readonly ExitCode?: number;
  readonly OOMKilled?: boolean;
  readonly Health?: { readonly Status?: string; readonly FailingStreak?: number };
};

/** What Docker on this machine says of a container, by name or id. Throws `CannotTell` when Docker does not answer. */
export const describeContainer = async (
  name: string,
  signal: AbortSignal,
  socketPath = dockerSocket,
): Promise<ResourceState> => {
  const path = `/containers/${encodeURIComponent(name)}/json`;
  const { status, body } = await askDocker({ socketPath }, { path }, signal).catch(
    (error: NodeJS.ErrnoException) => {
      throw new CannotTell(
        `Docker does not answer at ${socketPath} (${error.code ?? error.message}): start it, and let the user who runs Homeostat read that socket`,
      );
    },
  );
  if (status === 404) return { isWell: false, says: `there is no container ${name}` };
  const answer = status === 200 ? stateIn(body) : undefined;
  if (!answer) throw new CannotTell(`Docker answered ${status} and told no state of the container ${name}`);
  return judge(answer);
};

const judge = ({ Status = 'unknown', ExitCode = 0, OOMKilled, Health }: ContainerState): ResourceState => {
  const health = Health?.Status === 'none' ? undefined : Health?.Status;
  if (Status !== 'running') {
    const how = OOMKilled ? ', killed for its memory' : Status === 'exited' ? ` with code ${ExitCode}` : '';
    return { isWell: false, says: `Docker says the container is ${Status}${how}` };
  }
  const streak = health === 'unhealthy' ? ` (${Health?.FailingStreak ?? 0} failures in a row)` : '';
  const says = `Docker says the container is running${health ? ` and ${health}${streak}` : ''}`;
  return { isWell: health !== 'unhealthy', says };
};

const stateIn = (body: string): ContainerState | undefined => {
  try {
    return (JSON.parse(body) as { State?: ContainerState }).State;
  } catch {
    return undefined;
  }
};

/** Where an engine listens: a socket of this machine, or an address that was judged already. */
export type DockerWay =
  | { readonly socketPath: string }
  | {
      readonly address: string;
      readonly port: number;
      /** PEM, as far as given; the name is what its certificate must hold. */
      readonly tls?: {
        readonly serverName: string;
        readonly ca?: string | undefined;
        readonly cert?: string | undefined;
        readonly key?: string | undefined;
      };
    };

/** One request to the Engine API; rejects with the error of the connection. */
export const askDocker = async (
  way: DockerWay,
  { method = 'GET', path }: { readonly method?: 'GET' | 'POST'; readonly path: string },
  signal: AbortSignal,
): Promise<{ readonly status: number; readonly body: string }> => {
  const common = { method, path, signal, headers: { host: 'docker' } };
  if ('socketPath' in way) return answerTo(request({ ...common, socketPath: way.socketPath }));
  const { address: host, port, tls } = way;
  if (!tls) return answerTo(request({ ...common, host, port }));
  const { serverName: servername, ...certificates } = tls;
  const https = await import('node:https');
  return answerTo(https.request({ ...common, host, port, servername, ...certificates, agent: false }));
};

const answerTo = (asking: ClientRequest) =>
  new Promise<{ status: number; body: string }>((resolve, reject) => {
    asking.on('error', reject);
    asking.on('response', (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > largestAnswer) asking.destroy(new Error('its answer is too large'));
        chunks.push(chunk);
      });
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
      );
    });
    asking.end();
  });
