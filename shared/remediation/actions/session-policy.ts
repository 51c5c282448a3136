import {
  type ActionGrant,
  type ActionKind,
  type ActionStatement,
  actionGrants,
} from '../../platform/action-kinds.ts';
import { patchableTypes } from '../../platform/patchable-types.ts';
import type { PlannedAction } from '../plan.ts';

export type SessionPolicy = {
  readonly Version: '2012-10-17';
  readonly Statement: readonly {
    readonly Effect: 'Allow';
    readonly Action: readonly string[];
    readonly Resource: readonly string[];
  }[];
};

/** What STS takes as plain text (AssumeRole: Policy). */
const mostCharacters = 2048;
/** IAM reads `*` and `?` as wildcards and `${…}` as a variable: with one of them it stands for more than it says. */
const isWhole = (text: string): boolean => text !== '' && !/[*?]|\$\{/.test(text);
/** `instance/*`: has no id; only what a call makes or a template chooses is known so. */
const isKindOnly = (resource: string): boolean => /^[^/:]+[/:]\*$/.test(resource);
/** `automation-definition/restart:*`: any version of one thing. */
const isAnyVersion = (resource: string): boolean =>
  /^[^/:]+[/:].+:\*$/.test(resource) && isWhole(resource.slice(0, -1));

/**
 * What the session that applies one action may do: exactly what was planned, on the resources that were planned. The
 * role of the kind and this must both allow a call. `refused` at planning: the plan could never be applied.
 */
export const sessionPolicyOf = ({
  kind,
  permissions,
}: Pick<PlannedAction, 'kind' | 'permissions'>):
  | { readonly policy: SessionPolicy }
  | { readonly refused: string } => {
  const empty = permissions.some(({ actions, resources }) => actions.length === 0 || resources.length === 0);
  // A session without a policy would have all of the role.
  if (permissions.length === 0 || empty) return { refused: `${kind} names no permission that it needs` };
  const wide = permissions
    .filter(({ actions }) => !knowsNoResource(kind, actions))
    .flatMap(({ actions, resources }) => resources.filter((arn) => !isNarrow(arn, makes(kind, actions))))[0];
  if (wide !== undefined) return { refused: `${kind} would be allowed on ${wide}, which names no resource` };
  const policy: SessionPolicy = {
    Version: '2012-10-17',
    Statement: permissions.map(({ actions, resources }) => ({
      Effect: 'Allow',
      Action: [...actions],
      Resource: [...resources],
    })),
  };
  const characters = JSON.stringify(policy).length;
  return characters <= mostCharacters
    ? { policy }
    : {
        refused: `the permissions of ${kind} take ${characters} characters, and STS takes at most ${mostCharacters}: change fewer resources at once`,
      };
};

const grantOf = (kind: ActionKind): ActionGrant => actionGrants[kind];

/** Kinds that call AWS have a role; the others take none. */
export const callsAws = (kind: ActionKind): boolean => grantOf(kind).service !== 'none';

/** Actions that IAM knows only for `*`: the list of kinds says so itself. */
const knowsNoResource = (kind: ActionKind, actions: readonly string[]): boolean =>
  actions.every((action) =>
    statementsOf(kind).some((one) => one.actions.includes(action) && one.resources.includes('*')),
  );

/** Actions that make what they name, or take it from a launch template: nothing that is there has such a name. */
const makes = (kind: ActionKind, actions: readonly string[]): boolean =>
  actions.every((action) =>
    statementsOf(kind).some(
      (one) => one.actions.includes(action) && (one.isNew === true || one.viaLaunchTemplate === true),
    ),
  );

/** Cloud Control calls the services of the types with the permissions of its caller. */
const statementsOf = (kind: ActionKind): readonly ActionStatement[] => [
  ...grantOf(kind).statements,
  ...(kind === 'cloudcontrol-patch'
    ? Object.values(patchableTypes).flatMap(({ statements }) => statements)
    : []),
];

/** The account may be any where a service does not tell it: the id behind it is the only one of its kind. */
const isNarrow = (arn: string, mayBeNew: boolean): boolean => {
  const [prefix, partition, service, region, account, ...rest] = arn.split(':');
  const resource = rest.join(':');
  if (prefix !== 'arn' || !partition || !service || region === undefined || account === undefined)
    return false;
  if (![partition, service].every(isWhole) || (region !== '' && !isWhole(region))) return false;
  if (account !== '' && account !== '*' && !isWhole(account)) return false;
  return isWhole(resource) || isAnyVersion(resource) || (mayBeNew && isKindOnly(resource));
};
