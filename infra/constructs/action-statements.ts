import { Aws } from 'aws-cdk-lib/core';
import type { ActionKind, ActionStatement } from '../../shared/platform/action-kinds.ts';
import { type ActionScope, isDocument, isMeantBy, statementsFor } from '../action-fields.ts';
import type { Grant } from './permissions.ts';

/** `arn:{partition}:ec2:{region}:{account}:instance/*` → with the tokens of the stack. */
const filled = (pattern: string): string =>
  pattern
    .replaceAll('{partition}', Aws.PARTITION)
    .replaceAll('{region}', Aws.REGION)
    .replaceAll('{account}', Aws.ACCOUNT_ID);

/** A function is listed by its own ARN; its aliases and versions are what some calls name. */
const withQualifiers = (arn: string): readonly string[] =>
  /^arn:[\w-]+:lambda:[\w-]+:\d{12}:function:[\w-]+$/.test(arn) ? [arn, `${arn}:*`] : [arn];

const listedFor = ({ resources }: ActionStatement, arns: readonly string[]): readonly string[] =>
  arns.filter((arn) => resources.some((pattern) => isMeantBy(pattern, arn)));

/** Names of documents that begin so are kept for AWS, which owns them in accounts of its own. */
const isOfAws = (name: string): boolean => /^(aws|amazon|amzn)/i.test(name);

/** A document by name or ARN as a statement names it: of AWS, of one's own account, or shared. */
const documentArns = ({ resources }: ActionStatement, documents: readonly string[]): readonly string[] =>
  resources.flatMap((pattern) =>
    documents.map((document) => {
      const [, , , region = Aws.REGION, account = isOfAws(document) ? '*' : Aws.ACCOUNT_ID] =
        document.split(':');
      const name = document.slice(document.indexOf('/') + 1);
      const [, , , , , resource = ''] = pattern.split(':');
      const ending = pattern.endsWith(':*') ? `${name}:*` : name;
      return `arn:${Aws.PARTITION}:ssm:${region}:${account}:${resource.replace('*', ending)}`;
    }),
  );

const narrowed = (
  statement: ActionStatement,
  { tags = {}, arns = [], documents = [] }: ActionScope,
  templates: readonly string[],
): Pick<Grant, 'resource' | 'condition'> => {
  const patterns = statement.resources.map(filled);
  if (isDocument(statement)) return { resource: documentArns(statement, documents) };
  if (statement.viaLaunchTemplate) {
    const isAny = templates.includes('*');
    return {
      resource: patterns,
      ...(!isAny && { condition: { ArnEquals: { 'ec2:LaunchTemplate': templates } } }),
    };
  }
  if (statement.isNew || statement.resources.includes('*')) return { resource: patterns };
  const listed = listedFor(statement, arns);
  const isAny = listed.length === 0 || listed.includes('*');
  const tagged = Object.entries(statement.byTag ? tags : {}).map(([key, value]) => [
    `aws:ResourceTag/${key}`,
    value,
  ]);
  // The configuration has one or the other; a statement that nothing held would be worse than a stack that is not made.
  if (listed.length === 0 && tagged.length === 0)
    throw new Error(`${statement.actions.join(', ')} would be allowed on everything`);
  return {
    resource: isAny ? patterns : listed.flatMap(withQualifiers),
    ...(tagged.length > 0 && { condition: { StringEquals: Object.fromEntries(tagged) } }),
  };
};

/** What the role of one kind allows, held to the tags and ARNs of the configuration. */
export const actionGrantsOf = (kind: ActionKind, scope: ActionScope): readonly Grant[] => {
  const statements = statementsFor(kind, scope);
  const isTemplate = (arn: string) => arn === '*' || /:launch-template\//.test(arn);
  const templates = (scope.arns ?? []).filter(isTemplate);
  return statements.map((statement, at) => {
    const { resource, condition } = narrowed(statement, scope, templates);
    const conditions = { ...statement.condition, ...condition };
    return {
      sid: `Action${at === 0 ? '' : at + 1}`,
      actions: statement.actions,
      resource,
      why: `what the action ${kind} calls`,
      ...(Object.keys(conditions).length > 0 && { condition: conditions }),
    };
  });
};
