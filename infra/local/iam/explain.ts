import type { AccessDecision, AccessRequest } from './evaluate.ts';
import { nameOf } from './principal.ts';

/**
 * One line that says who was refused what, why, and (with a hint) what to do about it: «role RunnerRole may not
 * dynamodb:PutItem on arn:…: no statement allows it; add "put" to the needs of functions/runner/contract.ts».
 */
export function explainRefusal(request: AccessRequest, decision: AccessDecision, hint?: string): string {
  const { principal, action, resource } = request;
  const who = `${principal.kind} ${nameOf(principal)}`;
  return `${who} may not ${action} on ${resource}: ${why(decision)}${hint ? `; ${hint}` : ''}`;
}

function why(decision: AccessDecision): string {
  if (decision.reason === 'explicitDeny') {
    const sid = decision.statement?.Sid;
    const which = typeof sid === 'string' ? `statement ${sid}` : 'a statement';
    return `${which} of the ${decision.statementIn ?? 'policy'} denies it`;
  }
  switch (decision.missingIn) {
    case 'permissions boundary':
    case 'session policy':
      return `no statement of the ${decision.missingIn} allows it`;
    case 'resource policy':
      return `no statement of the resource's policy allows it`;
    default:
      return 'no statement allows it';
  }
}
