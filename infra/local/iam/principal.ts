import type { PrincipalElement } from './policy.ts';

/** Who asks: a role (with the name of the session, when it is known), a user, or an AWS service. */
export type Principal =
  | { readonly kind: 'role'; readonly arn: string; readonly sessionName?: string }
  | { readonly kind: 'user'; readonly arn: string }
  | { readonly kind: 'service'; readonly service: string };

/**
 * How closely a Principal element names the one who asks, which decides what the grant is worth: `account` only hands
 * the decision to identity policies; `session`, `user` and `service` grant by themselves; `role` grants within the role's
 * permissions boundary and session policy, `everyone` within the session policy only.
 */
export type PrincipalMatch = 'account' | 'everyone' | 'role' | 'session' | 'user' | 'service';

/** All the ways in which the element names the principal. */
export function principalMatches(element: PrincipalElement, principal: Principal): Set<PrincipalMatch> {
  if (element === '*') return new Set(['everyone']);
  const matches = new Set<PrincipalMatch>();
  for (const name of element.AWS ?? []) {
    const match = awsMatch(name, principal);
    if (match) matches.add(match);
  }
  if (principal.kind === 'service' && element.Service?.includes(principal.service)) matches.add('service');
  return matches;
}

function awsMatch(name: string, principal: Principal): PrincipalMatch | undefined {
  if (name === '*') return 'everyone';
  if (principal.kind === 'service') return undefined;
  if (name === principal.arn) return principal.kind;
  if (name === accountOf(principal.arn) || name === accountRoot(principal.arn)) return 'account';
  return name === sessionArn(principal) ? 'session' : undefined;
}

/** `arn:aws:sts::<account>:assumed-role/<role>/<session>`: the role's path is not part of it. */
export function sessionArn(principal: Principal): string | undefined {
  if (principal.kind !== 'role' || principal.sessionName === undefined) return undefined;
  const [, partition = ''] = principal.arn.split(':');
  return `arn:${partition}:sts::${accountOf(principal.arn)}:assumed-role/${nameOf(principal)}/${principal.sessionName}`;
}

export function accountOf(arn: string): string {
  return arn.split(':')[4] ?? '';
}

/** The role's, user's or service's own name, for messages. */
export function nameOf(principal: Principal): string {
  if (principal.kind === 'service') return principal.service;
  return principal.arn.split('/').at(-1) ?? principal.arn;
}

function accountRoot(arn: string): string {
  const [, partition = ''] = arn.split(':');
  return `arn:${partition}:iam::${accountOf(arn)}:root`;
}
