import * as z from 'zod';
import { type ActionKind, actionGrants } from '../../../shared/platform/action-kinds.ts';
import { type ActionScope, type Actions, actions, processes } from '../../action-fields.ts';

/**
 * What remediation may do on one machine unless told otherwise: what stays on this machine, and what a team's own
 * orchestrator decides about. A policy must want it all the same. Nothing in an AWS account: the credentials of whoever
 * starts this may be allowed anything there, so that is opted in by name.
 */
const ownActions: Actions = {
  'process-restart': {},
  'docker-restart': {},
  webhook: {},
  'probe-concurrency': {},
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** `ec2-reboot,ecs-redeploy` means these on whatever the credentials reach. */
const listed = (text: string): Record<string, ActionScope> =>
  Object.fromEntries(
    text
      .split(',')
      .map((kind) => kind.trim())
      .filter(Boolean)
      .map((kind) => [
        kind,
        Object.hasOwn(actionGrants, kind) && actionGrants[kind as ActionKind].service !== 'none'
          ? { arns: ['*'] }
          : {},
      ]),
  );

const sentenceOf = (issue: z.core.$ZodIssue): string => {
  if (issue.code === 'unrecognized_keys') return `${issue.keys.join(', ')}: there is no such action`;
  if (issue.path.length === 0) return 'must be JSON, an object';
  const told = issue.code === 'invalid_key' ? issue.issues[0] : issue;
  return `${issue.path.map(String).join('.')}: ${told?.message ?? issue.message}`;
};

const tellAs =
  <T>(schema: z.ZodType<T>, read: (text: string) => unknown) =>
  (text: string, context: z.RefinementCtx): T => {
    const result = schema.safeParse(read(text));
    if (result.success) return result.data;
    for (const issue of result.error.issues) context.addIssue({ code: 'custom', message: sentenceOf(issue) });
    return z.NEVER;
  };

/** Kinds, comma-separated; or JSON as `actions` of a deployment has it. */
export const actionsVariable = z
  .string()
  .transform(tellAs(actions, (text) => (text.trim().startsWith('{') ? parsed(text) : listed(text))))
  .optional();

/** JSON: name → {restart, cwd?, pidFile?}. */
export const processesVariable = z.string().transform(tellAs(processes, parsed)).optional();

export const actionsOnThisMachine = (given: Actions | undefined): Actions => ({ ...ownActions, ...given });
