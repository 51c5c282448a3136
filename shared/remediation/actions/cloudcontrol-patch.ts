import type { DeploymentResource } from '../../catalog/index.ts';
import { patchableTypes } from '../../platform/patchable-types.ts';
import type { Json, PlannedAction } from '../plan.ts';
import { type Action, ActionRefused } from './action.ts';
import {
  guardedPatch,
  type Patch,
  type Properties,
  patched,
  patchFault,
  patchTowards,
  picked,
  shows,
  touchedBy,
  withTests,
} from './json-patch.ts';

/** Only what the patch touches; what is not there is left out. */
type Before = { readonly typeName: string; readonly identifier: string; readonly properties: Properties };

/** `id` is the identifier of Cloud Control; the type stands in the settings, or in the parameters of an undo. */
const resourceIn = (
  { id, settings }: Pick<DeploymentResource, 'id' | 'settings'>,
  params: Readonly<Record<string, Json>>,
): Pick<Before, 'typeName' | 'identifier'> => {
  const typeName = settings?.typeName ?? params.typeName;
  if (typeof typeName !== 'string' || !typePattern.test(typeName)) {
    throw new ActionRefused(`${id}: give its type in settings.typeName, such as AWS::SQS::Queue`);
  }
  if (typeName.startsWith('AWS::IAM::')) throw new ActionRefused('what is of IAM is never patched');
  return { typeName, identifier: id };
};
const typePattern = /^\w+::\w+::\w+$/;

/** Of `patch`, or of the properties that are wanted. */
const patchOf = (params: Readonly<Record<string, Json>>, properties: Properties): Patch => {
  const { patch, properties: wanted } = params as { patch?: Patch; properties?: Properties };
  return patch ?? patchTowards(properties, wanted ?? {});
};
const touchedOf = ({ patch, properties }: Readonly<Record<string, Json>>): readonly string[] =>
  patch === undefined
    ? Object.keys((properties ?? {}) as Properties).sort()
    : touchedBy(patch as unknown as Patch);

/**
 * What is read of these would stand in plans, records and the approval page, where more people read than may read the
 * resource: environments hold passwords. A person changes them.
 */
const secretive = /environment|password|secret|credential/i;
const requireShowable = (id: string, touched: readonly string[]): void => {
  const hidden = touched.find((name) => secretive.test(name));
  if (hidden !== undefined) {
    throw new ActionRefused(
      `${id}: ${hidden} may hold secrets, which a plan would show: it is never patched by Homeostat`,
    );
  }
};

const pointer = /^\/[^/]/;

/**
 * Patches one resource by Cloud Control: `patch` is a document of RFC 6902, whose `test` operations guard it, or
 * `properties` are those that are wanted. Every value that would be overwritten is tested again by Cloud Control itself.
 */
export const cloudControlPatch: Action = {
  resourceTypes: ['cloudcontrol-resource'],
  verbs: ['fix'],
  params: (z) => {
    const path = z.string().regex(pointer, 'must be a pointer such as /RetentionInDays');
    const json = z.json();
    const operation = z.discriminatedUnion('op', [
      z.strictObject({ op: z.enum(['add', 'replace', 'test']), path, value: json }),
      z.strictObject({ op: z.literal('remove'), path }),
      z.strictObject({ op: z.enum(['move', 'copy']), from: path, path }),
    ]);
    const patch = z
      .array(operation)
      .min(1)
      .max(100)
      .superRefine((given, context) => {
        const fault = patchFault(given as Patch);
        if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
      });
    const typeName = z.string().regex(typePattern).exactOptional();
    const properties = z.record(z.string().regex(/^[A-Z]\w*$/), json);
    return z.union([z.strictObject({ patch, typeName }), z.strictObject({ properties, typeName })]);
  },
  async read(ports, resource, params) {
    const { typeName, identifier } = resourceIn(resource, params);
    requireShowable(identifier, touchedOf(params));
    const cloudControl = await ports.cloudcontrol();
    const properties = (await cloudControl.properties(typeName, identifier)) as Properties | undefined;
    if (!properties) throw new ActionRefused(`there is no ${typeName} ${identifier}`);
    const before: Before = { typeName, identifier, properties: picked(properties, touchedOf(params)) };
    return {
      before: before as unknown as Json,
      permissions: permissionsOf(typeName, identifier, properties, await cloudControl.place()),
      arn: arnsOf(properties)?.[0],
      tags: tagsIn(properties.Tags),
    };
  },
  propose(image, _resource, params) {
    const { typeName, identifier, properties } = image as unknown as Before;
    const patch = patchOf(params, properties);
    if (patch.length === 0) return { unchanged: `${identifier} is as wanted` };
    const after = patched(properties, patch);
    if ('misfit' in after) return { refused: `the patch does not fit what is there (${after.misfit})` };
    if (
      shows(properties, after.properties, properties) &&
      shows(after.properties, properties, after.properties)
    ) {
      return { unchanged: `${identifier} is as wanted` };
    }
    const names = touchedBy(patch.filter(({ op }) => op !== 'test'));
    return {
      expected: { typeName, identifier, properties: after.properties },
      undo: {
        kind: 'cloudcontrol-patch',
        params: { typeName, patch: guardedPatch(after.properties, properties) as unknown as Json },
      },
      summary: `Set ${names.join(', ')} of the ${typeName} ${identifier}.`,
      risk: names.length > 3 ? 'medium' : 'low',
    };
  },
  async apply(ports, planned, keep) {
    const { typeName, identifier, properties } = planned.before as unknown as Before;
    const patch = withTests(properties, patchOf(planned.params, properties));
    const token = ports.idempotencyToken;
    if (token === undefined) throw new ActionRefused('without an idempotency token nothing is applied');
    const cloudControl = await ports.cloudcontrol();
    keep({ requestToken: await cloudControl.update(typeName, identifier, JSON.stringify(patch), token) });
  },
  async verify(ports, planned, _appliedAt, receipt) {
    const { typeName, identifier, properties: before } = planned.before as unknown as Before;
    const expected = (planned.expected as unknown as Before).properties;
    const cloudControl = await ports.cloudcontrol();
    const { requestToken } = (receipt ?? {}) as { requestToken?: string };
    const request = requestToken === undefined ? undefined : await cloudControl.request(requestToken);
    const said = `Cloud Control says ${request?.status}${request?.detail ? `: ${request.detail}` : ''}`;
    if (request && /^(PENDING|IN_PROGRESS|CANCEL_IN_PROGRESS)$/.test(request.status)) {
      return { state: 'pending', reason: said, after: null };
    }
    if (request && request.status !== 'SUCCESS') return { state: 'failed', reason: said, after: null };
    const now = (await cloudControl.properties(typeName, identifier)) as Properties | undefined;
    if (!now)
      return { state: 'failed', reason: `there is no ${typeName} ${identifier} any more`, after: null };
    const properties = picked(now, touchedOf(planned.params));
    const after = { typeName, identifier, properties };
    if (shows(properties, expected, before)) {
      return { state: 'verified', reason: `${identifier} is as expected`, after };
    }
    const wrong = touchedOf(planned.params).filter((name) => !shows(now[name], expected[name], before[name]));
    return { state: 'failed', reason: `${wrong.join(', ')} of ${identifier} is not as expected`, after };
  },
};

/** Cloud Control itself, and what the type's handler does with the caller's permissions, to this one resource. */
const permissionsOf = (
  typeName: string,
  identifier: string,
  properties: Properties,
  { partition, region }: { readonly partition: string; readonly region: string },
): PlannedAction['permissions'] => {
  const handlers = Object.hasOwn(patchableTypes, typeName) ? patchableTypes[typeName] : undefined;
  if (!handlers) {
    throw new ActionRefused(
      `${typeName} cannot be patched: only ${Object.keys(patchableTypes).join(', ')} can, and only where "actions" of the configuration names them`,
    );
  }
  const filled = (pattern: string): string =>
    pattern.replace('{partition}', partition).replace('{region}', region).replace('{account}', '*');
  return [
    // It knows no narrower resource; what it does is bounded by the statements of the type.
    { actions: ['cloudformation:UpdateResource'], resources: ['*'] },
    ...handlers.statements.map(({ actions, resources }) => ({
      actions,
      resources: resources.includes('*')
        ? ['*']
        : (arnsOf(properties) ?? resources.map((pattern) => filled(pattern).replace(/\*$/, identifier))),
    })),
  ];
};

/** Most types have a list of keys and values, some a record. */
const tagsIn = (tags: Json | undefined): Readonly<Record<string, string>> => {
  const pairs = Array.isArray(tags)
    ? tags.map((one) => [(one as Properties).Key, (one as Properties).Value] as const)
    : Object.entries((tags ?? {}) as Properties);
  return Object.fromEntries(pairs.map(([key, value]) => [`${key}`, `${value}`]));
};

/** A log group is written with `:*` by itself, and by the calls that tag it without. */
const arnsOf = (properties: Properties): readonly string[] | undefined => {
  const arn = properties.Arn ?? properties.TopicArn ?? properties.ServiceArn;
  if (typeof arn !== 'string' || !arn.startsWith('arn:')) return undefined;
  return arn.endsWith(':*') ? [arn, arn.slice(0, -2)] : [arn];
};
