import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommandError } from './failure.ts';

type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [name: string]: Json | undefined };
type Properties = { readonly [name: string]: Json | undefined };
type Resource = { readonly Type: string; readonly Properties?: Properties; readonly Metadata?: Properties };
/** As much of a CloudFormation template as the report reads. */
export type Template = { readonly Resources: { readonly [logicalId: string]: Resource } };

type Statement = { actions: readonly string[]; resources: readonly string[]; condition: string; why: string };
type RoleReport = {
  name: string;
  takenBy: string;
  purpose: string;
  path: string;
  boundary: string;
  statements: Statement[];
};

const kindOf: { readonly [type: string]: string } = {
  'AWS::DynamoDB::Table': 'table',
  'AWS::Events::EventBus': 'bus',
  'AWS::Lambda::Function': 'function',
  'AWS::Logs::LogGroup': 'log group',
  'AWS::S3::Bucket': 'bucket',
  'AWS::SQS::Queue': 'queue',
  'AWS::Scheduler::Schedule': 'schedule',
  'AWS::SecretsManager::Secret': 'secret',
  'AWS::StepFunctions::StateMachine': 'workflow',
};

const isRecord = (value: Json | undefined): value is { readonly [name: string]: Json | undefined } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const listOf = (value: Json | undefined): readonly Json[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value as Json];
const field = (value: Json | undefined, name: string): Json | undefined =>
  isRecord(value) ? value[name] : undefined;
const textOf = (value: Json | undefined): string =>
  typeof value === 'string' ? value : JSON.stringify(value ?? '');

/** CDK ends a generated logical id with eight digits of a hash, which tell a reader nothing. */
const readable = (logicalId: string): string => logicalId.replace(/(?<=.)[0-9A-F]{8}$/, '');

const describe = (template: Template, logicalId: string): string => {
  const kind = kindOf[template.Resources[logicalId]?.Type ?? ''];
  return kind ? `${kind} ${readable(logicalId)}` : readable(logicalId);
};

/** An ARN in the region that the stack is deployed to: of its own account, of any, or of none, as public images are. */
const nearArn = /^arn:AWS::Partition:([\w-]+):AWS::Region:(AWS::AccountId|\*|):(.+)$/;

/**
 * `{Fn::GetAtt: [Telemetry, Arn]}` → `table Telemetry`; a join → its parts in a row, where an ARN of the stack's own
 * account is as short as a reader wants it: `ssm parameter/homeostat/Homeostat/DB`.
 */
const resourceName = (template: Template, value: Json): string =>
  partsOf(template, value)
    .replace(nearArn, (_, service: string, account: string, rest: string) =>
      `${service} ${rest}${account === '*' ? ' of any account' : ''}`.replace(
        /^states stateMachine:/,
        'workflow ',
      ),
    )
    .replace(/^arn:AWS::Partition:/, 'arn:aws:');

const operators: { readonly [operator: string]: string } = {
  StringEquals: 'is',
  ArnEquals: 'is',
  Bool: 'is',
  StringLike: 'is like',
  ArnLike: 'is like',
};

/** `{StringEquals: {aws:ResourceTag/team: shop}}` → `only when the tag team is shop` */
const conditionText = (template: Template, condition: Json | undefined): string => {
  if (!isRecord(condition)) return '';
  const said = Object.entries(condition).flatMap(([operator, tests]) =>
    Object.entries(isRecord(tests) ? tests : {}).map(([key, values]) => {
      const wanted = listOf(values).map((value) => resourceName(template, value));
      const what = key.replace(/^aws:(Resource|Request)Tag\//, (_, whose: string) =>
        whose === 'Resource' ? 'the tag ' : 'the new tag ',
      );
      if (operator === 'Null') return `${what} is ${wanted[0] === 'true' ? 'not given' : 'given'}`;
      return `${what} ${operators[operator] ?? operator} ${wanted.join(' or ')}`;
    }),
  );
  return `only when ${said.join(' and ')}`;
};

const partsOf = (template: Template, value: Json): string => {
  if (typeof value === 'string') return value;
  const attribute = listOf(field(value, 'Fn::GetAtt'))[0];
  if (attribute !== undefined) return describe(template, textOf(attribute));
  const reference = field(value, 'Ref');
  if (reference !== undefined) return describe(template, textOf(reference));
  const join = field(value, 'Fn::Join');
  if (Array.isArray(join)) {
    return listOf(join[1])
      .map((part) => partsOf(template, part))
      .join(textOf(join[0]));
  }
  return JSON.stringify(value);
};

/** Which functions and schedules name the role, so that a reader sees what runs with it. */
const usersOf = (template: Template, roleId: string): readonly string[] =>
  Object.entries(template.Resources).flatMap(([logicalId, { Type, Properties: properties }]) => {
    if (
      Type === 'AWS::IAM::Role' ||
      Type === 'AWS::IAM::Policy' ||
      !JSON.stringify(properties ?? {}).includes(`{"Fn::GetAtt":["${roleId}","Arn"]}`)
    )
      return [];
    return [describe(template, logicalId)];
  });

/** Those of the role itself, and those of policies that stand beside it, each with the reasons kept there. */
const policiesOf = (template: Template, roleId: string, role: Resource) => [
  ...listOf(role.Properties?.Policies).map((policy) => ({ policy, metadata: role.Metadata })),
  ...Object.values(template.Resources)
    .filter(
      ({ Type, Properties: own }) =>
        Type === 'AWS::IAM::Policy' && listOf(own?.Roles).some((one) => field(one, 'Ref') === roleId),
    )
    .map(({ Properties: own, Metadata }) => ({ policy: own as Json, metadata: Metadata })),
];

/** A service for what runs with the role, or another role. */
const takersOf = (template: Template, roleId: string, properties: Properties): string => {
  const principals = listOf(field(properties.AssumeRolePolicyDocument, 'Statement')).map((statement) =>
    field(statement, 'Principal'),
  );
  const services = principals.flatMap((principal) => listOf(field(principal, 'Service')).map(textOf));
  const roles = principals.flatMap((principal) =>
    listOf(field(principal, 'AWS')).map((one) => `role ${resourceName(template, one)}`),
  );
  if (services.length === 0) return roles.join(', ');
  return `${[...services, ...roles].join(', ')} for ${usersOf(template, roleId).join(', ') || 'nothing in this template'}`;
};

const roleReport = (template: Template, roleId: string, role: Resource): RoleReport => {
  const properties = role.Properties ?? {};
  const ours = field(role.Metadata, 'homeostat');
  const statements = policiesOf(template, roleId, role).flatMap(({ policy, metadata }) =>
    listOf(field(field(policy, 'PolicyDocument'), 'Statement')).map((statement): Statement => {
      const condition = field(statement, 'Condition');
      const why = field(field(metadata, 'homeostat'), 'why');
      return {
        actions: listOf(field(statement, 'Action')).map(textOf),
        resources: listOf(field(statement, 'Resource')).map((resource) => resourceName(template, resource)),
        condition: conditionText(template, condition),
        why: textOf(field(why, textOf(field(statement, 'Sid'))) ?? 'no reason is given'),
      };
    }),
  );
  const managed = listOf(properties.ManagedPolicyArns).map((arn) => resourceName(template, arn));
  return {
    name: readable(roleId),
    takenBy: takersOf(template, roleId, properties),
    purpose: textOf(field(ours, 'purpose') ?? ''),
    path: textOf(properties.Path ?? '/'),
    boundary: properties.PermissionsBoundary === undefined ? '' : textOf(properties.PermissionsBoundary),
    statements: [
      ...statements,
      ...managed.map((arn) => ({
        actions: [`all of ${arn}`],
        resources: ['*'],
        condition: '',
        why: 'no reason is given',
      })),
    ],
  };
};

const wrap = (text: string, width: number): readonly string[] => {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return line === '' ? lines : [...lines, line];
};

/** Columns side by side, each a list of lines. */
const row = (columns: readonly (readonly string[])[], widths: readonly number[]): string => {
  const height = Math.max(...columns.map((lines) => lines.length));
  return Array.from({ length: height }, (_, at) =>
    `  ${columns.map((lines, column) => (lines[at] ?? '').padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd(),
  ).join('\n');
};

const render = (roles: readonly RoleReport[]): string => {
  const widest = (cells: readonly string[]) => Math.max(...cells.map((cell) => cell.length), 0);
  const sections = roles.map(({ name, takenBy, purpose, path, boundary, statements }) => {
    // Of each role: one long ARN would make all the others too wide for a terminal.
    const widths = [
      widest(statements.flatMap(({ actions }) => actions)),
      widest(statements.flatMap(({ resources }) => resources)),
    ];
    const whyWidth = Math.max(40, 114 - (widths[0] ?? 0) - (widths[1] ?? 0));
    const where = [path === '/' ? '' : `path ${path}`, boundary === '' ? '' : `within ${boundary}`].filter(
      Boolean,
    );
    const rows = statements.map(({ actions, resources, condition, why }) =>
      row([actions, resources, [...wrap(why, whyWidth), ...wrap(condition, whyWidth)]], [...widths, 0]),
    );
    return [[name, ...where].join(' · '), `  ${purpose}`, `  Taken by ${takenBy}`, ...rows].join('\n');
  });
  return `${sections.join('\n\n')}\n`;
};

const templateIn = (assemblyDir: string): Template => {
  const entries = existsSync(assemblyDir) ? readdirSync(assemblyDir) : [];
  const names = entries.filter((name) => name.endsWith('.template.json'));
  const [name] = names;
  if (name === undefined || names.length > 1) {
    throw new CommandError(
      `${assemblyDir} is no assembly: it holds ${names.length} templates and not one. «npm run build» writes one into cdk.out.`,
    );
  }
  return JSON.parse(readFileSync(join(assemblyDir, name), 'utf8')) as Template;
};

/**
 * What every role of the stack may do, on what and why, as text for a terminal.
 * @param source a directory with a synthesized cloud assembly (`cdk.out`), or the template itself
 */
export const permissionsReport = (source: string | Template): string => {
  const template = typeof source === 'string' ? templateIn(source) : source;
  const roles = Object.entries(template.Resources).filter(([, { Type }]) => Type === 'AWS::IAM::Role');
  return render(roles.map(([roleId, role]) => roleReport(template, roleId, role)));
};
