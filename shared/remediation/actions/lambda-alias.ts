import type { LambdaAlias } from '../../platform/aws/actions/lambda.aws.ts';
import { type Action, ActionRefused } from './action.ts';
import type { ActionPorts } from './ports.ts';

type Routing = { readonly version: string; readonly weights: Readonly<Record<string, number>> };
type Before = Routing & {
  /** The version it goes back to; null: none is older. */
  readonly previous: string | null;
};

export const aliasOf = async (ports: ActionPorts, id: string): Promise<LambdaAlias> => {
  if (!/^[^:]+:[^:]+$/.test(id)) throw new ActionRefused(`${id} is no function:alias`);
  const found = await (await ports.lambda()).alias(id);
  if (!found) throw new ActionRefused(`there is no Lambda alias ${id} in this account and region`);
  return found;
};

/** `arn:…:function:shop:live` → `arn:…:function:shop`, which is what IAM names for an alias. */
export const functionArnOf = (aliasArn: string): string => aliasArn.slice(0, aliasArn.lastIndexOf(':'));

const saysOf = ({ version, weights }: Routing): string => {
  const others = Object.entries(weights).map(
    ([other, share]) => `${Math.round(share * 100)} percent to ${other}`,
  );
  return others.length === 0 ? `version ${version}` : `version ${version} (${others.join(', ')})`;
};

const isSame = (one: Routing, other: Routing): boolean =>
  one.version === other.version && saysOf(one) === saysOf(other);

/**
 * While a new version gets a share of the calls, the one before is the alias's own: then the share is taken away. Else
 * the next older version that was published. `version` and `weights` name another.
 */
export const lambdaAlias: Action = {
  resourceTypes: ['lambda-alias'],
  verbs: ['rollback'],
  params: (z) =>
    z.strictObject({
      version: z
        .string()
        .regex(/^(\d+|\$LATEST)$/, { error: 'must be the number of a published version' })
        .exactOptional(),
      weights: z.record(z.string().regex(/^\d+$/), z.number().min(0).max(1)).exactOptional(),
    }),
  read: async (ports, { id }, params) => {
    const { version, weights, arn } = await aliasOf(ports, id);
    const versions = await (await ports.lambda()).versions(id);
    const older = versions.filter((one) => Number(one) < Number(version));
    if (
      typeof params.version === 'string' &&
      params.version !== '$LATEST' &&
      !versions.includes(params.version)
    )
      throw new ActionRefused(`there is no version ${params.version} of the function of ${id}`);
    const before: Before = { version, weights, previous: older.at(-1) ?? null };
    const resources = [functionArnOf(arn), arn];
    return { before, permissions: [{ actions: ['lambda:UpdateAlias'], resources }], arn: resources[0] };
  },
  propose: (image, { id }, params) => {
    const before = image as Before;
    const named = params as Partial<Routing>;
    const { version, weights, previous } = before;
    const now: Routing = { version, weights };
    const shares = Object.keys(weights).length > 0;
    const older = shares ? version : previous;
    const to = named.version ?? older;
    if (version === '$LATEST' && named.version === undefined)
      return {
        refused: `the alias ${id} stands at $LATEST, which has no previous version: publish versions`,
      };
    if (to === null)
      return { refused: `the alias ${id} stands at ${saysOf(now)}, and none older was published` };
    const wanted: Routing = { version: to, weights: named.weights ?? {} };
    if (isSame(now, wanted)) return { unchanged: `the alias ${id} stands at ${saysOf(now)} already` };
    return {
      expected: wanted,
      undo: { kind: 'lambda-alias', params: now },
      summary: `Set the Lambda alias ${id} from ${saysOf(now)} to ${saysOf(wanted)}.`,
      risk: 'medium',
    };
  },
  apply: async (ports, { resource, expected }) =>
    (await ports.lambda()).setAlias(resource.id, expected as Routing),
  verify: async (ports, { resource: { id }, expected }) => {
    const { version, weights } = await aliasOf(ports, id);
    const after: Routing = { version, weights };
    // An alias changes at once: what it does not show now, somebody else set.
    const state = isSame(after, expected as Routing) ? 'verified' : 'failed';
    return { state, reason: `the Lambda alias ${id} stands at ${saysOf(after)}`, after };
  },
};
