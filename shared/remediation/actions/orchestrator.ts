import { hiddenValues, openPorts, withSecrets } from '../../health/index.ts';
import { NotSent, openPost, signatureOf } from '../../notifications/index.ts';
import { HttpRefusal, NeverSent } from '../../platform/aws/actions/outcome.ts';
import { toIso } from '../../platform/clock.ts';
import { orchestratorKeyName } from '../orchestrator.ts';
import type { Json } from '../plan.ts';
import { type BeyondAws, type BeyondAwsWorld, required } from './beyond-aws.ts';

export const orchestratorActions = ['deployment_status', 'roll_back', 'run_templates'] as const;
export type OrchestratorAction = (typeof orchestratorActions)[number];

/** What the team's own orchestrator is asked; `schema` grows only by fields. */
export type OrchestratorRequest = {
  readonly schema: 'homeostat.orchestrator-request/1';
  /** The same each time this is sent: a receiver does it once. */
  readonly id: string;
  readonly at: string;
  readonly action: OrchestratorAction;
  /** What it is done to, as the deployment names the resource and its id. */
  readonly resource: { readonly name: string; readonly id: string };
  readonly params: Readonly<Record<string, Json>>;
};

/** Where it is asked and who signs, as the resource's settings say. */
export type OrchestratorTarget = {
  /** May hold `${secret:NAME}`; the stack's own orchestrator when left out. */
  readonly url?: string | undefined;
  /** Names of secrets, separated by commas: each signs. `ORCHESTRATOR_KEY` when left out. */
  readonly keys?: string | undefined;
};

export interface OrchestratorPort {
  /** Whether there is an address to send to. */
  isKnown(target: OrchestratorTarget): boolean;
  /** `change` may be done at most once, `read` as often as one likes. Answers the body of its JSON; null without any. */
  ask(
    target: OrchestratorTarget,
    kind: 'read' | 'change',
    request: Omit<OrchestratorRequest, 'schema' | 'at'>,
  ): Promise<Json>;
}

/** It may do the work before it answers. */
const answersWithinMs = 30_000;
/** Like the services of AWS: these say nothing about whether it was done. */
const unsureStatus = [408, 425, 429];

/** Signed requests through the address guard, as the webhooks of channels are. */
export const openOrchestrator = (world: BeyondAwsWorld): OrchestratorPort => {
  const urlOf = ({ url }: OrchestratorTarget, { orchestratorUrl }: BeyondAws) => url ?? orchestratorUrl;
  return {
    isKnown: (target) => urlOf(target, required(world, 'an orchestrator')) !== '',
    ask: async (target, kind, request) => {
      const beyondAws = required(world, 'an orchestrator');
      const operation = `POST ${request.action}`;
      const answer = await world.calls.make(
        { service: 'orchestrator', operation, kind },
        () => post(urlOf(target, beyondAws), target, request, beyondAws, world),
        ({ status }) => `answered ${status}`,
      );
      return answer.body;
    },
  };
};

const post = async (
  url: string,
  { keys = orchestratorKeyName }: OrchestratorTarget,
  request: Omit<OrchestratorRequest, 'schema' | 'at'>,
  { checkSecrets, allowedPrivateRanges, insideLambda }: BeyondAws,
  { clock }: BeyondAwsWorld,
): Promise<{ readonly status: number; readonly body: Json }> => {
  if (url === '') {
    throw new NeverSent(
      'there is no orchestrator: set `orchestratorUrl` in the configuration, or `url` in the settings of the resource',
    );
  }
  const hiding = hiddenValues();
  const { secret: read } = openPorts({ checkSecrets, now: clock });
  const secret = async (name: string): Promise<string> => {
    const value = await read(name).catch((error: Error) => {
      throw new NeverSent(error.message, { cause: error });
    });
    hiding.remember(value);
    return value;
  };
  const names = keys.split(',').map((name) => name.trim());
  const [address, ...values] = await Promise.all([
    withSecrets(url, { secret }),
    ...names.filter(Boolean).map(secret),
  ]);
  const message: OrchestratorRequest = {
    schema: 'homeostat.orchestrator-request/1',
    at: toIso(clock()),
    ...request,
  };
  const body = JSON.stringify(message);
  const signature = signatureOf(body, values, clock());
  const send = openPost({ allowedPrivateRanges, insideLambda, clock, timeoutMs: answersWithinMs });
  const answer = await send({
    url: address.trim(),
    body,
    headers: {
      'idempotency-key': request.id,
      'x-homeostat-delivery': request.id,
      'x-homeostat-kind': request.action,
      ...(signature !== undefined && { 'x-homeostat-signature': signature }),
    },
  }).catch((error: Error) => {
    const said = hiding.hide(error.message);
    // An address that is refused was never spoken to.
    if (error instanceof NotSent && error.isFinal) throw new NeverSent(said);
    throw new Error(said);
  });
  if (answer.status >= 200 && answer.status < 300)
    return { status: answer.status, body: jsonIn(answer.body) };
  const said = `the orchestrator answered ${answer.status}: ${hiding.hide(answer.body).slice(0, 200)}`;
  if (unsureStatus.includes(answer.status)) throw new Error(said);
  throw new HttpRefusal(said, answer.status);
};

const jsonIn = (text: string): Json => {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return null;
  }
};
