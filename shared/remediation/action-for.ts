import type { ResourceType } from '../catalog/index.ts';
import { type ActionKind, actionKinds } from '../platform/action-kinds.ts';
import type { RemedyAction } from '../policies/index.ts';
import type { Action } from './actions/action.ts';

/** The registry of actions, or in a test a smaller one. */
export type Actions = Readonly<Partial<Record<ActionKind, Action>>>;

type Meant = { readonly verb: RemedyAction; readonly type: ResourceType };

/** What can be done with this type of resource. */
export const verbsOf = (actions: Actions, type: ResourceType): readonly RemedyAction[] => [
  ...new Set(
    actionKinds.flatMap((kind) => (actions[kind]?.resourceTypes.includes(type) ? actions[kind].verbs : [])),
  ),
];

/** The first kind, in the order of the list of kinds, that means this verb for this type of resource. */
export const kindIn = (actions: Actions, { verb, type }: Meant): ActionKind | undefined =>
  actionKinds.find((kind) => {
    const action = actions[kind];
    return action?.verbs.includes(verb) === true && action.resourceTypes.includes(type);
  });
