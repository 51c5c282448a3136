import { hiddenValues, withSecrets } from '../health/index.ts';
import { type HttpAnswer, type HttpPost, NotSent, signatureOf } from '../notifications/index.ts';
import type { Clock } from '../platform/clock.ts';
import type { EventDetails } from '../platform/events.ts';

/** What the team's own orchestrator is told; `schema` grows only by fields. */
export type OrchestratorMessage = {
  readonly schema: 'homeostat.orchestrator/1';
  /** The same each time this is told: a receiver drops repeats by it. */
  readonly id: string;
  readonly at: string;
  readonly kind: 'deployment.status' | 'release';
  readonly deploymentId: string;
  /** healthy, degraded, unhealthy or unknown; of a release null. */
  readonly status: string | null;
  /** Of a release; of a status null. */
  readonly version: string | null;
  readonly release: { readonly id: string; readonly state: string } | null;
  readonly reason: string;
};

export type TellOrchestrator = (message: OrchestratorMessage) => Promise<void>;

type Told =
  | { readonly type: 'deployment.status_changed'; readonly detail: EventDetails['deployment.status_changed'] }
  | { readonly type: 'release.changed'; readonly detail: EventDetails['release.changed'] };

/** Pure. */
export const messageOf = (event: Told): OrchestratorMessage => {
  const { id, at, deploymentId, reason } = event.detail;
  const told = { schema: 'homeostat.orchestrator/1', id, at, deploymentId, reason } as const;
  if (event.type === 'deployment.status_changed')
    return { ...told, kind: 'deployment.status', status: event.detail.to, version: null, release: null };
  const { releaseId, state, version } = event.detail;
  return { ...told, kind: 'release', status: null, version, release: { id: releaseId, state } };
};

export type OrchestratorTools = {
  /** As the setting gives it; may hold `${secret:NAME}`. Empty: there is none. */
  readonly url: string;
  readonly secret: (name: string) => Promise<string>;
  readonly post: (request: HttpPost) => Promise<HttpAnswer>;
  readonly clock: Clock;
};

/** The secret whose value signs what the orchestrator is told. */
export const orchestratorKeyName = 'ORCHESTRATOR_KEY';

/**
 * Tells the orchestrator by a signed POST (`X-Homeostat-Signature`, as webhook channels). Throws what went wrong, without
 * secrets in it, so that it is told again; does nothing where there is none.
 */
export const openOrchestrator =
  ({ url, secret, post, clock }: OrchestratorTools): TellOrchestrator =>
  async (message) => {
    if (url === '') return;
    const hiding = hiddenValues();
    const remembered = async (name: string): Promise<string> => {
      const value = await secret(name);
      hiding.remember(value);
      return value;
    };
    try {
      const address = await withSecrets(url, { secret: remembered });
      const body = JSON.stringify(message);
      const signature = signatureOf(body, [await remembered(orchestratorKeyName)], clock());
      const { status } = await post({
        url: address.trim(),
        body,
        headers: {
          'x-homeostat-delivery': message.id,
          'x-homeostat-kind': message.kind,
          ...(signature !== undefined && { 'x-homeostat-signature': signature }),
        },
      });
      if (status < 200 || status >= 300) throw new NotSent(`the orchestrator answered with ${status}`);
    } catch (error) {
      throw new Error(`the orchestrator was not told: ${hiding.hide((error as Error).message)}`);
    }
  };
