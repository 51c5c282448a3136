import type { ActionKind } from '../../platform/action-kinds.ts';
import type { Image } from './action.ts';

/** What was opted in at deploy, by kind: `{"ec2-reboot": {"tags": {"homeostat": "heal"}}}`. The roles hold to the same. */
export type ActionScopes = Readonly<
  Partial<
    Record<
      ActionKind,
      {
        /** Each must be on the resource. */
        readonly tags?: Readonly<Record<string, string>> | undefined;
        /** Whole ARNs; only the id of an Auto Scaling group may be `*`. On one machine `*` is any. */
        readonly arns?: readonly string[] | undefined;
      }
    >
  >
>;

/**
 * Why a resource was not opted in, as a sentence; undefined when it was. With tags and ARNs both must hold. The role would
 * refuse it too, but only after somebody had approved it.
 */
export const outOfScope = (
  scopes: ActionScopes,
  kind: ActionKind,
  { arn, tags }: Pick<Image, 'arn' | 'tags'>,
): string | undefined => {
  const scope = scopes[kind];
  // What is not of AWS has no ARN, and its kind alone was opted in. Of kinds with long lists only the role knows.
  if (arn === undefined || !scope) return undefined;
  const wrong = Object.entries(scope.tags ?? {}).find(([key, value]) => tags?.[key] !== value);
  if (wrong) return `${arn} has not the tag ${wrong[0]}=${wrong[1]} that ${kind} is held to`;
  // A list may be about something else that the action uses, such as a launch template.
  const listed = (scope.arns ?? []).filter((one) => one === '*' || typeOf(one) === typeOf(arn));
  if (listed.length === 0 && scope.tags) return undefined;
  if (listed.some((one) => isMeant(one, arn))) return undefined;
  return `${arn} is none of the ARNs that ${kind} is held to`;
};

/** `arn:aws:ec2:eu-west-1:123456789012:instance/i-1` → `ec2 instance`. */
const typeOf = (arn: string): string => {
  const [, , service = '', , , resource = ''] = arn.split(':');
  return `${service} ${resource.split('/')[0]}`;
};

const isMeant = (listed: string, arn: string): boolean => {
  if (listed === '*' || listed === arn) return true;
  // The role of a function's ARN covers its aliases and versions.
  if (listed.split(':')[2] === 'lambda') return arn.startsWith(`${listed}:`);
  const [before, behind] = listed.split(':autoScalingGroup:*:');
  if (before === undefined || behind === undefined) return false;
  return arn.startsWith(`${before}:autoScalingGroup:`) && arn.endsWith(`:${behind}`);
};

export const parseScopes = (json: string): ActionScopes =>
  json === '' ? {} : (JSON.parse(json) as ActionScopes);
