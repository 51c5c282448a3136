/**
 * AWS policy documents, read strictly: whatever the evaluator would not understand throws here, before it could be
 * mistaken for «no statement applies».
 */
import { type Condition, parseConditions } from './condition.ts';
import { iamPattern } from './wildcard.ts';

export type PolicyKind = 'identity policy' | 'resource policy' | 'permissions boundary' | 'session policy';

/** A statement as it stands in the document. */
export type Statement = { readonly Effect: 'Allow' | 'Deny' } & Readonly<Record<string, unknown>>;

/** `names` by principal type; `'*'` for everyone. */
export type PrincipalElement = '*' | Readonly<Record<string, readonly string[]>>;

export type ParsedStatement = {
  readonly source: Statement;
  readonly effect: 'Allow' | 'Deny';
  readonly actions: { readonly negated: boolean; readonly patterns: readonly RegExp[] };
  /** Absent in trust policies, which are about the role they hang on. */
  readonly resources?: { readonly negated: boolean; readonly patterns: readonly string[] };
  readonly principals?: { readonly negated: boolean; readonly element: PrincipalElement };
  readonly conditions: readonly Condition[];
  /** `${…}` is a variable only since policy version 2012-10-17; before, it is plain text. */
  readonly variables: boolean;
};

export class MalformedPolicyError extends Error {
  override readonly name = 'MalformedPolicyError';
}

export type Malformed = (reason: string) => never;

/** Documents are read once: policies of a synthesized template do not change in place. */
const parsed = new Map<PolicyKind, WeakMap<object, readonly ParsedStatement[]>>();

export function parsePolicy(document: unknown, kind: PolicyKind): readonly ParsedStatement[] {
  if (!isObject(document)) throw new MalformedPolicyError(`A policy (${kind}) must be an object.`);
  const known = parsed.get(kind) ?? new WeakMap<object, readonly ParsedStatement[]>();
  parsed.set(kind, known);
  const before = known.get(document);
  if (before) return before;
  const statements = readPolicy(document, kind);
  known.set(document, statements);
  return statements;
}

function readPolicy(document: Record<string, unknown>, kind: PolicyKind): ParsedStatement[] {
  const malformed = refusal(kind);
  onlyKeys(document, ['Version', 'Id', 'Statement'], malformed);
  const version = document.Version ?? '2008-10-17';
  if (version !== '2012-10-17' && version !== '2008-10-17')
    return malformed(`Version ${String(version)} is unknown`);
  const statements = listOf(document.Statement);
  if (statements.length === 0) return malformed('it has no Statement');
  return statements.map((statement, index) => {
    return readStatement(statement, kind, version === '2012-10-17', refusal(kind, index, statement));
  });
}

function refusal(kind: PolicyKind, index?: number, statement?: unknown): Malformed {
  const sid = isObject(statement) && typeof statement.Sid === 'string' ? ` (${statement.Sid})` : '';
  const where = index === undefined ? '' : `, statement ${index}${sid}`;
  return (reason) => {
    throw new MalformedPolicyError(`Malformed ${kind}${where}: ${reason}.`);
  };
}

const STATEMENT_KEYS = [
  'Sid',
  'Effect',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Principal',
  'NotPrincipal',
  'Condition',
];

function readStatement(
  value: unknown,
  kind: PolicyKind,
  variables: boolean,
  malformed: Malformed,
): ParsedStatement {
  if (!isStatement(value)) return malformed('a statement must be an object whose Effect is Allow or Deny');
  onlyKeys(value, STATEMENT_KEYS, malformed);
  const ofResource = kind === 'resource policy';
  const [action, actionNegated] = either(value, 'Action', malformed) ?? malformed('it has no Action');
  const resource = either(value, 'Resource', malformed);
  const principal = either(value, 'Principal', malformed);
  if (!resource && !ofResource) return malformed('it has no Resource');
  if (principal && !ofResource) return malformed(`a Principal does not belong in a ${kind}`);
  if (!principal && ofResource) return malformed('it has no Principal');
  return {
    source: value,
    effect: value.Effect,
    actions: {
      negated: actionNegated,
      patterns: strings(action, 'Action', malformed).map((a) => readAction(a, malformed)),
    },
    ...(resource && {
      resources: {
        negated: resource[1],
        patterns: strings(resource[0], 'Resource', malformed).map((r) => readArn(r, malformed)),
      },
    }),
    ...(principal && {
      principals: { negated: principal[1], element: readPrincipal(principal[0], malformed) },
    }),
    conditions: parseConditions(value.Condition, malformed),
    variables,
  };
}

/** The value of `Name` or `NotName`, and which of the two it was; both at once is malformed. */
function either(statement: Statement, name: string, malformed: Malformed): [unknown, boolean] | undefined {
  const plain = statement[name];
  const negated = statement[`Not${name}`];
  if (plain !== undefined && negated !== undefined) return malformed(`it has both ${name} and Not${name}`);
  if (plain !== undefined) return [plain, false];
  return negated === undefined ? undefined : [negated, true];
}

function readAction(action: string, malformed: Malformed): RegExp {
  if (!/^(\*+|([a-z0-9-]+|\*):[a-z0-9*?]+)$/i.test(action)) {
    return malformed(`${JSON.stringify(action)} is not an action such as sqs:SendMessage`);
  }
  return iamPattern(action, 'any', undefined, 'i') ?? malformed(`${JSON.stringify(action)} is not an action`);
}

function readArn(arn: string, malformed: Malformed): string {
  if (/^\*+$/.test(arn)) return arn;
  const enough = arn.split(':').length >= 6 || arn.includes('*');
  if (!arn.startsWith('arn:') || !enough)
    return malformed(`${JSON.stringify(arn)} is not "*" or an ARN of six parts`);
  return arn;
}

const PRINCIPAL_TYPES = ['AWS', 'Service', 'Federated', 'CanonicalUser'];

function readPrincipal(value: unknown, malformed: Malformed): PrincipalElement {
  if (value === '*') return '*';
  if (!isObject(value)) return malformed('a Principal must be "*" or an object');
  onlyKeys(value, PRINCIPAL_TYPES, malformed);
  return Object.fromEntries(
    Object.entries(value).map(([type, names]) => [type, strings(names, type, malformed)]),
  );
}

function strings(value: unknown, name: string, malformed: Malformed): string[] {
  const list = listOf(value);
  const texts = list.filter((entry) => typeof entry === 'string' && entry !== '');
  if (list.length === 0 || texts.length !== list.length)
    return malformed(`${name} must be text or a list of texts`);
  return texts.map(String);
}

function onlyKeys(object: object, allowed: readonly string[], malformed: Malformed): void {
  const unknown = Object.keys(object).find((key) => !allowed.includes(key));
  if (unknown !== undefined) malformed(`${unknown} is unknown; known are ${allowed.join(', ')}`);
}

function listOf(value: unknown): unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

function isStatement(value: unknown): value is Statement {
  return isObject(value) && (value.Effect === 'Allow' || value.Effect === 'Deny');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
