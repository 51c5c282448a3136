import type * as z from 'zod';
import type { DeploymentResource } from '../../catalog/index.ts';
import type { SsmDocument, SsmOutcome, SsmParameters } from '../../platform/aws/actions/ssm.aws.ts';
import type { Json } from '../plan.ts';
import { ActionRefused, type ActionVerdict } from './action.ts';
import type { ActionPorts } from './ports.ts';

/** What an SSM document is started with; complete, so that nothing is looked up again when it is applied. */
export type DocumentImage = {
  readonly document: string;
  /** The number that `$DEFAULT` meant when the plan was made: what was approved is what runs. */
  readonly version: string;
  readonly hash: string | null;
  readonly parameters: SsmParameters;
  /** How its execution ended; null before there is one. */
  readonly outcome: null;
};

type Params = Readonly<Record<string, Json>>;

/** Which of the settings of a resource say what `params` leave out; `parameters` as JSON there. */
export const documentSettings = ['document', 'documentVersion', 'parameters', 'undoDocument'] as const;

export const documentParams = (zod: typeof z): z.ZodType<Params> => {
  const value = zod.string().max(1000);
  const name = zod
    .string()
    .regex(/^[\w.:/-]{3,256}$/, 'must be the name or ARN of a document of Systems Manager');
  return zod.strictObject({
    document: name.exactOptional(),
    version: zod
      .string()
      .regex(/^[1-9]\d{0,5}$/, 'must be the number of a version')
      .exactOptional(),
    parameters: zod
      .record(zod.string().regex(/^\w[\w:]{0,99}$/), zod.union([value, zod.array(value).max(50)]))
      .exactOptional(),
    undoDocument: name.exactOptional(),
  });
};

const inLists = (parameters: unknown): SsmParameters => {
  if (typeof parameters !== 'object' || parameters === null || Array.isArray(parameters)) {
    throw new ActionRefused('the parameters of a document are a JSON object of names and values');
  }
  const lists = Object.entries(parameters).map(([name, value]) => {
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    return [name, values.map((one) => (typeof one === 'string' ? one : JSON.stringify(one)))] as const;
  });
  return Object.fromEntries(lists);
};

const parametersIn = (text: string): SsmParameters => {
  try {
    return inLists(JSON.parse(text));
  } catch (error) {
    if (error instanceof ActionRefused) throw error;
    throw new ActionRefused(`settings.parameters is not JSON: ${(error as Error).message}`);
  }
};

/** The document that the parameters or the settings name, of the type that the action can start. */
export const readDocument = async (
  ports: ActionPorts,
  { name, settings = {} }: DeploymentResource,
  params: Params,
  type: 'Automation' | 'Command',
): Promise<{ readonly image: DocumentImage; readonly found: SsmDocument }> => {
  const document = params.document ?? settings.document;
  if (typeof document !== 'string') {
    throw new ActionRefused(
      `${name}: say which document of Systems Manager, by params.document or settings.document`,
    );
  }
  const version = params.version ?? settings.documentVersion;
  const found = await (await ports.ssm()).document(
    document,
    typeof version === 'string' ? version : undefined,
  );
  if (!found) throw new ActionRefused(`there is no document ${document} in Systems Manager`);
  if (found.type !== type) {
    throw new ActionRefused(
      `${document} is a document of the type ${found.type}, and this action starts ${type}`,
    );
  }
  const parameters = {
    ...(settings.parameters !== undefined && parametersIn(settings.parameters)),
    ...(params.parameters !== undefined && inLists(params.parameters)),
  };
  const { version: number, hash = null } = found;
  return { image: { document, version: number, hash, parameters, outcome: null }, found };
};

/** Only where somebody said which document takes it back. */
export const undoOf = (
  kind: 'ssm-automation' | 'ssm-run-command',
  { parameters }: DocumentImage,
  { settings = {} }: DeploymentResource,
  params: Params,
) => {
  const document = params.undoDocument ?? settings.undoDocument;
  return typeof document === 'string'
    ? { kind, params: { document, parameters: parameters as unknown as Json } }
    : undefined;
};

/** SSM takes a UUID; the first half of the token is one in its shape. */
export const asUuid = (token: string): string =>
  [token.slice(0, 8), token.slice(8, 12), token.slice(12, 16), token.slice(16, 20), token.slice(20, 32)].join(
    '-',
  );

const over: Readonly<Record<string, 'verified' | 'failed'>> = {
  Success: 'verified',
  CompletedWithSuccess: 'verified',
  Failed: 'failed',
  TimedOut: 'failed',
  Cancelled: 'failed',
  Cancelling: 'failed',
  Rejected: 'failed',
  Exited: 'failed',
  CompletedWithFailure: 'failed',
  ChangeCalendarOverrideRejected: 'failed',
};

export const verdictOf = (what: string, outcome: SsmOutcome | undefined): ActionVerdict => {
  const { status, detail } = outcome ?? { status: 'not there yet', detail: '' };
  const state = Object.hasOwn(over, status) ? over[status] : undefined;
  const reason = `Systems Manager says ${what} is ${status}${detail === '' ? '' : ` (${detail})`}`;
  return { state: state ?? 'pending', reason, after: { outcome: status } };
};
