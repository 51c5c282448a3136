import { checkIdOf, membersOf } from '../check.ts';
import { CannotTell } from '../probing/outcome.ts';
import type { Member } from '../probing/ports.ts';
import type { CheckKind, Verdict } from './kind.ts';

/** All members when left out. */
type CompositeConfig = { readonly atLeast?: number };

export const mostMembers = 50;

/** Healthy while enough of other checks are. */
export const composite: CheckKind = {
  class: 'composite',
  placeholders: ['VALUE'],
  // Its members have waited for their own thresholds already.
  defaults: { failureThreshold: 1, successThreshold: 1, retries: 0 },
  definition: (z) => {
    const name = z.string().min(1, 'Give the name of a check.').max(100);
    const member = z.union([name, z.strictObject({ deploymentId: z.string().min(1).max(100), name })], {
      error: 'Give the name of a check of this deployment, or {deploymentId, name}.',
    });
    return {
      target: z
        .literal('composite', { error: 'Leave the target out: a composite looks at its members.' })
        .default('composite'),
      config: z
        .strictObject({
          members: z
            .array(member)
            .min(1, 'Name at least one check.')
            .max(mostMembers, `Name at most ${mostMembers} checks.`)
            .refine((members) => new Set(members.map((one) => JSON.stringify(one))).size === members.length, {
              error: 'Name each check once.',
            })
            .meta({ description: 'Names of checks of this deployment, or {deploymentId, name}.' }),
          atLeast: z.int().min(1).optional().meta({ description: 'How many must be up; all when left out.' }),
        })
        .refine(({ members, atLeast = 1 }) => atLeast <= members.length, {
          error: 'Give at most the number of members.',
          path: ['atLeast'],
        }),
    };
  },

  async probe(check, attempt) {
    const references = membersOf({ ...check, type: 'composite' });
    if (references.length === 0) throw new CannotTell('the composite has no members');
    const ids = references.map(({ deploymentId, name }) => checkIdOf(deploymentId, name));
    const found = await attempt.ports.members(ids);
    const seen = references.map((reference, at) => ({
      name:
        reference.deploymentId === check.deploymentId
          ? reference.name
          : `${reference.deploymentId}/${reference.name}`,
      status: found.get(ids[at] ?? '')?.status ?? 'unknown',
    }));
    return judge(seen, (check.config as CompositeConfig).atLeast ?? references.length);
  },
};

type SeenMember = { readonly name: string; readonly status: Member['status'] };

const judge = (members: readonly SeenMember[], needed: number): Verdict => {
  const namesOf = (status: SeenMember['status']): readonly string[] =>
    members.filter((member) => member.status === status).map(({ name }) => name);
  const [healthy, degraded, down, unknown] = [
    namesOf('healthy'),
    namesOf('degraded'),
    namesOf('unhealthy'),
    namesOf('unknown'),
  ];
  const up = healthy.length + degraded.length;
  const facts = { VALUE: up };
  if (healthy.length >= needed) return { status: 'healthy', reason: null, facts };
  const lists = [
    ['down', down],
    ['unknown', unknown],
    ['degraded', degraded],
  ] as const;
  const told = lists.flatMap(([what, names]) => (names.length === 0 ? [] : [`${what}: ${listed(names)}`]));
  const reason = `${up} of ${members.length} are up, ${needed} must be; ${told.join('; ')}`;
  if (up >= needed) return { status: 'degraded', reason, facts };
  // Only what is known to be down can be blamed: a member nobody knows about may well be up.
  return { status: up + unknown.length < needed ? 'unhealthy' : 'unknown', reason, facts };
};

/** A reason has room for a few. */
const mostListed = 8;
const listed = (names: readonly string[]): string =>
  names.length <= mostListed
    ? names.join(', ')
    : `${names.slice(0, mostListed).join(', ')} and ${names.length - mostListed} more`;
