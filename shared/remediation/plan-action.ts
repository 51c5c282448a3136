import type * as z from 'zod';
import { toFieldFaults } from '../platform/api/faults.ts';
import type { Action } from './actions/action.ts';
import { ActionRefused, ReadFailed } from './actions/action.ts';
import { outOfScope } from './actions/scope.ts';
import { callsAws, sessionPolicyOf } from './actions/session-policy.ts';
import type { PlanWorld } from './make-plan.ts';
import type { PlannedAction } from './plan.ts';
import type { Params, PlanRefused } from './plan-request.ts';
import type { Target } from './plan-targets.ts';

/** Of each image and of the parameters; together with at most fifty actions a plan stays far below 400 KB. */
const mostImageBytes = 8 * 1024;
const mostSummary = 500;

/** One action with what it would find and leave; or why not. Reads, and changes nothing. */
export const planAction = async (
  world: PlanWorld,
  target: Target,
): Promise<PlannedAction | PlanRefused | { readonly unchanged: string }> => {
  const { kind, resource } = target;
  const action = world.actions[kind];
  if (!action) return { refused: `There is no action ${kind}.` };
  const params = await parsed(action, target);
  if ('refused' in params) return params as PlanRefused;
  const image = await readImage(world, action, { ...target, params });
  if ('refused' in image) return image;
  const closed = world.scopes && outOfScope(world.scopes, kind, image);
  if (closed !== undefined)
    return {
      refused: `${resource.name}: ${closed}: add it to "actions" in the configuration of the stack and deploy, or tag it.`,
    };
  const proposed = action.propose(image.before, resource, params);
  if ('refused' in proposed) return { refused: `${resource.name}: ${proposed.refused}` };
  if ('unchanged' in proposed) return { unchanged: `${resource.name}: ${proposed.unchanged}` };
  const { name, type, id, settings } = resource;
  const planned: PlannedAction = {
    kind,
    resource: { name, type, id, ...(settings && { settings }) },
    params,
    summary: proposed.summary.slice(0, mostSummary),
    before: image.before,
    expected: proposed.expected,
    ...(proposed.undo && { undo: proposed.undo }),
    risk: proposed.risk,
    permissions: image.permissions,
  };
  // Found out here rather than when it is applied: such a session could never be taken.
  const session = callsAws(kind) ? sessionPolicyOf(planned) : undefined;
  if (session && 'refused' in session) return { refused: `${resource.name}: ${session.refused}` };
  return bounded(planned);
};

const parsed = async (action: Action, { resource, params }: Target): Promise<Params | PlanRefused> => {
  // Loaded here: only plans are made of what people wrote.
  const zod: typeof z = await import('zod');
  const result = action.params(zod).safeParse(params);
  if (result.success) return result.data;
  const fields = toFieldFaults(result.error.issues).map(({ path, message }) => ({
    path: path === '' ? 'params' : `params.${path}`,
    message,
  }));
  const said = fields.map(({ path, message }) => `${path}: ${message}`).join('; ');
  return { refused: `${resource.name}: the parameters are not valid (${said}).`, fields };
};

const readImage = async (world: PlanWorld, action: Action, { resource, params }: Target) => {
  try {
    return await action.read(world.openPorts(), resource, params);
  } catch (error) {
    if (error instanceof ActionRefused || error instanceof ReadFailed)
      return { refused: `${resource.name}: ${error.message}` };
    throw error;
  }
};

const bounded = (planned: PlannedAction): PlannedAction | PlanRefused => {
  const { before, expected, params, undo, permissions, resource } = planned;
  for (const [name, part] of Object.entries({ before, expected, params, undo, permissions })) {
    const bytes = Buffer.byteLength(JSON.stringify(part ?? null));
    if (bytes > mostImageBytes)
      return {
        refused: `${resource.name}: its ${name} has ${bytes} bytes; a plan keeps at most ${mostImageBytes} of each.`,
      };
  }
  return planned;
};
