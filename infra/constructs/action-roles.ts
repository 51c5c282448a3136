import { CfnPolicy, type CfnRole } from 'aws-cdk-lib/aws-iam';
import { Aws } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { type ActionGrant, type ActionKind, actionGrants } from '../../shared/platform/action-kinds.ts';
import { patchableTypes } from '../../shared/platform/patchable-types.ts';
import type { ActionScope } from '../action-fields.ts';
import type { StackConfig } from '../config.ts';
import { actionGrantsOf } from './action-statements.ts';
import type { ResourceTarget } from './permissions.ts';
import { makeRole, policyDocumentOf, whyOf } from './role.ts';
import { acknowledgeWildcards } from './wildcards.ts';

type OptedIn = readonly (readonly [ActionKind, ActionScope])[];

/** The kinds that call AWS; the others need no permission. */
const kindsOfAws = ({ actions }: Pick<StackConfig, 'actions'>): OptedIn =>
  (Object.entries(actions) as [ActionKind, ActionScope][]).filter(
    ([kind]) => actionGrants[kind].service !== 'none',
  );

/** `ec2-reboot` → `Ec2Reboot` */
const idOf = (kind: string): string =>
  kind.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());

/**
 * One role a kind of action that was opted in. Nothing but the function that applies plans may take one, and it takes it
 * narrowed to what one plan names.
 */
export class ActionRoles extends Construct {
  readonly #names: readonly (readonly [ActionKind, CfnRole])[];
  readonly #path: string;

  constructor(scope: Construct, config: StackConfig, applies: CfnRole) {
    super(scope, 'Action');
    this.#path = config.rolePath;
    this.#names = kindsOfAws(config).map(([kind, given]) => {
      const grants = actionGrantsOf(kind, given);
      const role = makeRole(this, idOf(kind), {
        config,
        takenBy: applies.attrArn,
        purpose: `The action ${kind} of remediation.`,
        grants,
      });
      acknowledgeWildcards(role, grants);
      return [kind, role];
    });
    this.#allowTaking(applies);
  }

  /** Apart from the role that applies: each of the two names the other, and one must be there first. */
  #allowTaking(applies: CfnRole): void {
    const grant = {
      sid: 'ActionRoles',
      actions: ['sts:AssumeRole'],
      resource: this.#names.map(([, role]) => role.attrArn),
      why: 'takes the role of an action, narrowed to the resources of the plan',
    };
    const policy = new CfnPolicy(this, 'Take', {
      policyName: 'HomeostatActions',
      roles: [applies.ref],
      policyDocument: policyDocumentOf([grant]),
    });
    policy.addMetadata('homeostat', { why: whyOf([grant]) });
  }

  /** What `openActionRoles` reads: names rather than ARNs, for a function's environment has 4 KB. */
  get address(): string {
    const prefix = `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:role${this.#path}`;
    return [prefix, ...this.#names.map(([kind, role]) => `${kind}=${role.ref}`)].join(',');
  }

  static areWanted(config: StackConfig): boolean {
    return kindsOfAws(config).length > 0;
  }
}

const readsOf = ([kind, { types = [] }]: OptedIn[number]): readonly string[] => {
  const grant: ActionGrant = actionGrants[kind];
  return [...grant.reads, ...types.flatMap((type) => patchableTypes[type]?.reads ?? [])];
};

/** What plans, the gate and verifications read of AWS, by service, for the kinds that were opted in. */
export const actionTargets = (config: Pick<StackConfig, 'actions'>): ResourceTarget | undefined => {
  const reads = [...new Set(kindsOfAws(config).flatMap(readsOf))];
  if (reads.length === 0) return undefined;
  const services = Map.groupBy(reads, (action) => action.slice(0, action.indexOf(':')));
  return { address: [...services.keys()].join(','), arn: [], reads: services };
};
