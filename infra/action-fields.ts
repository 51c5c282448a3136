import * as z from 'zod';
import {
  type ActionGrant,
  type ActionKind,
  type ActionStatement,
  actionGrants,
  actionKinds,
} from '../shared/platform/action-kinds.ts';
import { patchableTypes } from '../shared/platform/patchable-types.ts';
import { listOf } from './config-fields.ts';

// Which actions a deployment opts in, and on what: `actions` in the configuration.

/** One role has room for 10,240 characters; two statements of so many ARNs of 120 still fit. */
const mostArns = 40;

/** A wildcard in a listed ARN would be one in a policy. A group's id, which nobody knows by heart, may be one. */
const arn = z
  .string()
  .regex(
    /^(\*|arn:aws[a-z-]*:autoscaling:[a-z0-9-]+:\d{12}:autoScalingGroup:(\*|[\w-]+):autoScalingGroupName\/[^*?\s$,]+|arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:(\d{12}|aws)?:[^*?\s$,]+)$/,
    {
      error:
        'must be an ARN without wildcards; only the id of an Auto Scaling group may be one: arn:…:autoScalingGroup:*:autoScalingGroupName/web',
    },
  );
const tagKey = z.string().regex(/^(?!aws:)[\w .:/=+@-]{1,128}$/, {
  error: 'must have keys of 1 to 128 letters, digits, blanks and . : / = + - @ _',
});
const tagValue = z
  .string()
  .regex(/^[^*?$]{1,256}$/, { error: 'must be 1 to 256 characters without * ? $, for it is compared whole' });
const documentName = z
  .string()
  .regex(/^([\w.-]{3,128}|arn:aws[a-z-]*:ssm:[a-z0-9-]+:\d{12}:document\/[\w.-]{3,128})$/, {
    error:
      'must be the name of an SSM document such as AWS-RestartEC2Instance, or the ARN of one that is shared with you',
  });
const typeName = z.string().refine((name) => Object.hasOwn(patchableTypes, name), {
  error: () => `must be one of ${Object.keys(patchableTypes).join(', ')}`,
});

const scope = z.strictObject({
  /** Every one of these tags must be on the resource. */
  tags: z
    .record(tagKey, tagValue)
    .refine((tags) => Object.keys(tags).length > 0, { error: 'must name a tag' })
    .refine((tags) => Object.keys(tags).length <= 5, { error: 'must be at most 5 tags' })
    .optional(),
  /** The resource must be one of these. */
  arns: listOf(arn, 'ARNs', mostArns).optional(),
  /** Types of CloudFormation that cloudcontrol-patch may patch. */
  types: listOf(typeName, 'types', 10).optional(),
  /** Documents that ssm-automation and ssm-run-command may start. */
  documents: listOf(documentName, 'documents', 20).optional(),
});
export const scopeKeys = Object.keys(scope.shape);
/** What one kind of action may change: with tags and ARNs both must hold. */
export type ActionScope = z.infer<typeof scope>;

const grantOf = (kind: ActionKind): ActionGrant => actionGrants[kind];

/** The statements of a kind, with those of the types of Cloud Control that were named. */
export const statementsFor = (kind: ActionKind, { types = [] }: ActionScope): readonly ActionStatement[] => [
  ...grantOf(kind).statements,
  ...types.flatMap((type) => patchableTypes[type]?.statements ?? []),
];

/** What tags and ARNs decide about: not what an action makes, nor what a document or a template decides. */
const isScoped = (statement: ActionStatement): boolean =>
  statement.isNew !== true &&
  statement.viaLaunchTemplate !== true &&
  !statement.resources.includes('*') &&
  !isDocument(statement);
export const isDocument = ({ resources }: ActionStatement): boolean =>
  resources.some((resource) => /:(document|automation-definition)\//.test(resource));

const escaped = (text: string): string => text.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
const fields = { partition: 'aws[a-z-]*', region: '[a-z0-9-]*', account: '\\d{12}' } as const;

/** Whether an ARN is one that a statement's resource stands for: `arn:{partition}:ec2:{region}:{account}:instance/*`. */
export const isMeantBy = (pattern: string, listed: string): boolean => {
  const source = pattern
    .split(/(\{\w+\}|\*)/)
    .map((part) => {
      if (part === '*') return '.*';
      const name = /^\{(\w+)\}$/.exec(part)?.[1];
      return name === undefined ? escaped(part) : fields[name as keyof typeof fields];
    })
    .join('');
  return listed === '*' || new RegExp(`^${source}$`).test(listed);
};

const shown = (pattern: string): string => pattern.replace(/\{(\w+)\}/g, '<$1>').replaceAll('*', '…');

type Fault = { readonly path: readonly string[]; readonly message: string };

const listedFaults = (
  statements: readonly ActionStatement[],
  listed: readonly string[],
): readonly Fault[] => {
  const patterns = [...new Set(statements.flatMap(({ resources }) => resources))];
  const strange = listed.filter((one) => !patterns.some((pattern) => isMeantBy(pattern, one)));
  if (strange.length === 0) return [];
  return [
    {
      path: ['arns'],
      message:
        patterns.length === 0
          ? 'does nothing here; take it out'
          : `${strange.join(', ')}: not what this action changes, which is ${patterns.map(shown).join(' or ')}`,
    },
  ];
};

const needsOf = (kind: ActionKind, given: ActionScope): readonly Fault[] => {
  const faults: Fault[] = [];
  const isSsm = grantOf(kind).service === 'ssm';
  if (isSsm && !given.documents?.length)
    faults.push({ path: ['documents'], message: 'must list the SSM documents that it may start' });
  if (!isSsm && given.documents)
    faults.push({ path: ['documents'], message: 'only the actions ssm-* take it' });
  const isPatch = kind === 'cloudcontrol-patch';
  if (isPatch && !given.types?.length)
    faults.push({ path: ['types'], message: 'must list the types that it may patch' });
  if (!isPatch && given.types) faults.push({ path: ['types'], message: 'only cloudcontrol-patch takes it' });
  return faults;
};

/** What is wrong with one kind's scope; paths begin behind the kind. */
const faultsOf = (kind: ActionKind, given: ActionScope): readonly Fault[] => {
  if (grantOf(kind).service === 'none')
    return Object.keys(given).length === 0
      ? []
      : [{ path: [], message: 'takes nothing but {}: it makes no call to AWS' }];
  const needed = needsOf(kind, given);
  if (needed.length > 0) return needed;
  const statements = statementsFor(kind, given);
  const scoped = statements.filter(isScoped);
  const listed = given.arns ?? [];
  const strange = listedFaults(scoped, listed);
  if (strange.length > 0) return strange;
  const unlisted = scoped
    .filter(({ byTag }) => byTag !== true)
    .find(({ resources }) => !listed.some((one) => resources.some((pattern) => isMeantBy(pattern, one))));
  if (unlisted)
    return [
      {
        path: ['arns'],
        message: `must list ${unlisted.resources.map(shown).join(' or ')}, for ${unlisted.actions.join(', ')} cannot be held to tags`,
      },
    ];
  if (given.tags && !scoped.some(({ byTag }) => byTag))
    return [
      {
        path: ['tags'],
        message: 'cannot hold this action, for its service knows no tags there; take them out',
      },
    ];
  const open = scoped.find(
    ({ byTag, resources }) =>
      byTag && !given.tags && !listed.some((one) => resources.some((pattern) => isMeantBy(pattern, one))),
  );
  if (open)
    return [
      {
        path: [],
        message: `must say on what: tags, or arns such as ${open.resources.map(shown).join(' or ')}`,
      },
    ];
  return [];
};

const kindNames = z.enum(actionKinds as [ActionKind, ...ActionKind[]], {
  error: `there is no such action; known are ${actionKinds.join(', ')}`,
});

/** `{"ec2-reboot": {"tags": {"homeostat": "heal"}}, "webhook": {}}`: kinds that are not named cannot be done. */
export const actions = z.partialRecord(kindNames, scope).superRefine((given, context) => {
  for (const [kind, one] of Object.entries(given) as [ActionKind, ActionScope][])
    for (const { path, message } of faultsOf(kind, one))
      context.addIssue({ code: 'custom', path: [kind, ...path], message });
});
export type Actions = z.infer<typeof actions>;

/** On one machine only: what process-restart may start, by name. */
export const processes = z.record(
  z.string().regex(/^[\w.-]{1,64}$/, { error: 'must have names of 1 to 64 letters, digits, _ . or -' }),
  z.strictObject({
    restart: z.array(z.string().min(1)).min(1, { error: 'must be a command and its arguments' }),
    cwd: z.string().min(1).optional(),
    pidFile: z.string().min(1).optional(),
  }),
);
