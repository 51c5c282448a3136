import type { Json } from '../plan.ts';
import { type Action, ActionRefused } from './action.ts';
import { type OrchestratorAction, type OrchestratorTarget, orchestratorActions } from './orchestrator.ts';

type Before = {
  readonly action: OrchestratorAction;
  /** As the settings of the resource give them; null: the stack's own orchestrator, its own key. */
  readonly url: string | null;
  readonly keys: string | null;
  /** What the orchestrator said of itself, where it could be asked. */
  readonly done: false;
};

const targetOf = ({ url, keys }: Before): OrchestratorTarget => ({
  url: url ?? undefined,
  keys: keys ?? undefined,
});

const isAction = (name: unknown): name is OrchestratorAction =>
  (orchestratorActions as readonly unknown[]).includes(name);

const says: Readonly<Record<OrchestratorAction, string>> = {
  deployment_status: 'tell the status of the deployment',
  roll_back: 'roll back',
  run_templates: 'run its templates again',
};

/** What an answer says of the work: `{"status": "succeeded", "reason": "…"}`. */
const statusIn = (answer: Json): { readonly status: string; readonly reason: string } | undefined => {
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) return undefined;
  const { status, reason } = answer as Readonly<Record<string, Json>>;
  if (typeof status !== 'string') return undefined;
  return { status, reason: typeof reason === 'string' ? reason.slice(0, 300) : '' };
};
const ended: Readonly<Record<string, 'verified' | 'failed' | 'pending'>> = {
  succeeded: 'verified',
  failed: 'failed',
  in_progress: 'pending',
};

/**
 * Asks the team's own orchestrator by a signed webhook. `action` says what: in the parameters, else in the settings of
 * the resource. It is asked for the status afterwards; one that tells none is left to the checks.
 */
export const webhook: Action = {
  resourceTypes: ['orchestrator'],
  verbs: ['webhook'],
  params: (z) =>
    z.strictObject({
      action: z.enum(orchestratorActions).exactOptional(),
      params: z.record(z.string().min(1).max(64), z.json()).exactOptional(),
    }),
  async read(ports, { name, settings = {} }, { action = settings.action }) {
    if (!isAction(action)) {
      throw new ActionRefused(
        `${name}: say what the orchestrator shall do, by params.action or settings.action: ${orchestratorActions.join(', ')}`,
      );
    }
    const { url = null, keys = null } = settings;
    const before: Before = { action, url, keys, done: false };
    if (!(await ports.orchestrator()).isKnown(targetOf(before))) {
      throw new ActionRefused(
        `${name}: there is no orchestrator; set \`orchestratorUrl\` in the configuration, or settings.url`,
      );
    }
    return { before, permissions: [] };
  },
  propose(image, { name, id }) {
    const { action } = image as Before;
    return {
      expected: { ...(image as Before), done: true },
      summary: `Ask the orchestrator (${name}, ${id}) to ${says[action]}. What it does there, only it can take back.`,
      risk: action === 'deployment_status' ? 'low' : 'medium',
    };
  },
  async apply(ports, { before, resource, params }, keep) {
    const { action, ...rest } = before as Before;
    const id = ports.idempotencyToken;
    if (id === undefined) throw new ActionRefused('without an idempotency token nothing is applied');
    const answer = await (await ports.orchestrator()).ask(targetOf({ action, ...rest }), 'change', {
      id,
      action,
      resource: { name: resource.name, id: resource.id },
      params: (params.params ?? {}) as Readonly<Record<string, Json>>,
    });
    keep({ id, ...statusIn(answer) });
  },
  async verify(ports, { before, resource }, _appliedAt, receipt) {
    const { id, status } = (receipt ?? {}) as { readonly id?: string; readonly status?: string };
    // Without a status it does its work in one go, or tells nothing of it: the checks tell.
    const taken = { state: 'verified', reason: 'the orchestrator took it', after: { done: true } } as const;
    if (id === undefined || status === undefined) return taken;
    if (status !== 'in_progress') return verdict({ status, reason: '' });
    const answer = await (await ports.orchestrator()).ask(targetOf(before as Before), 'read', {
      id: `${id}-status`,
      action: 'deployment_status',
      resource: { name: resource.name, id: resource.id },
      params: { of: id },
    });
    const now = statusIn(answer);
    return now ? verdict(now) : taken;
  },
};

const verdict = ({ status, reason }: { readonly status: string; readonly reason: string }) => {
  const state = Object.hasOwn(ended, status) ? ended[status] : undefined;
  const said = `the orchestrator says ${status}${reason === '' ? '' : `: ${reason}`}`;
  return { state: state ?? 'pending', reason: said, after: { status } } as const;
};
