import type { RawTemplate } from '../../infra/local/assembly.ts';

/** Changes to a synthesized template before it is hosted. Each throws when it finds nothing to change. */

type Patch = (template: RawTemplate) => void;
export type Statement = {
  readonly Sid: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
};
type Properties = Readonly<Record<string, unknown>>;

const serviceOf = (properties: Properties | undefined): unknown =>
  (properties?.Environment as { Variables?: Properties } | undefined)?.Variables?.POWERTOOLS_SERVICE_NAME;

export const list = <T>(value: T | readonly T[] | undefined): readonly T[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value as T];

/** Names of all deployed functions, as their contracts name them. */
export const functionNames = (template: RawTemplate): readonly string[] =>
  Object.values(template.Resources)
    .filter(({ Type }) => Type === 'AWS::Lambda::Function')
    .map(({ Properties: properties }) => String(serviceOf(properties)));

const functionNamed = (template: RawTemplate, name: string): Record<string, unknown> => {
  const found = Object.values(template.Resources).find(
    ({ Type, Properties: properties }) => Type === 'AWS::Lambda::Function' && serviceOf(properties) === name,
  );
  if (!found?.Properties) throw new Error(`the template has no function ${name}`);
  return found.Properties;
};

type Document = { Statement: Statement[] };

const documentsOf = (template: RawTemplate, functionName: string): readonly Document[] => {
  const role = functionNamed(template, functionName).Role as { 'Fn::GetAtt': readonly [string, string] };
  const policies = template.Resources[role['Fn::GetAtt'][0]]?.Properties?.Policies as
    | { PolicyDocument: Document }[]
    | undefined;
  return (policies ?? []).map(({ PolicyDocument }) => PolicyDocument);
};

/** The statements of a function's role. */
export const statementsOf = (template: RawTemplate, functionName: string): readonly Statement[] =>
  documentsOf(template, functionName).flatMap(({ Statement: statements }) => statements);

/** Takes an action out of a statement of a function's role, and the statement with its last action. */
export const withoutPermission =
  (functionName: string, sid: string, action: string): Patch =>
  (template) => {
    let found = false;
    for (const document of documentsOf(template, functionName)) {
      document.Statement = document.Statement.flatMap((statement) => {
        const actions = list(statement.Action);
        if (statement.Sid !== sid || !actions.includes(action)) return [statement];
        found = true;
        const left = actions.filter((one) => one !== action);
        return left.length > 0 ? [{ ...statement, Action: left }] : [];
      });
    }
    if (!found) throw new Error(`the role of ${functionName} does not allow ${action} in a statement ${sid}`);
  };

/** Nothing starts the function each minute any more. */
export const withoutSchedule =
  (functionName: string): Patch =>
  (template) => {
    const own = functionNamed(template, functionName);
    const [logicalId] =
      Object.entries(template.Resources).find(([, { Properties: properties }]) => properties === own) ?? [];
    const schedules = Object.entries(template.Resources).filter(
      ([, { Type, Properties: properties }]) =>
        Type === 'AWS::Scheduler::Schedule' && JSON.stringify(properties?.Target).includes(`"${logicalId}"`),
    );
    if (schedules.length !== 1) throw new Error(`${functionName} has ${schedules.length} schedules`);
    for (const [id] of schedules) delete template.Resources[id];
  };

export const withTimeout =
  (functionName: string, seconds: number): Patch =>
  (template) => {
    functionNamed(template, functionName).Timeout = seconds;
  };

/** An environment variable of a function, as the configuration of the stack would set it. */
export const withVariable =
  (functionName: string, name: string, value: string): Patch =>
  (template) => {
    const { Environment } = functionNamed(template, functionName) as {
      Environment: { Variables: Record<string, unknown> };
    };
    if (!(name in Environment.Variables)) throw new Error(`${functionName} has no variable ${name}`);
    Environment.Variables[name] = value;
  };

/** All of several changes. */
export const withAll =
  (...patches: readonly Patch[]): Patch =>
  (template) => {
    for (const patch of patches) patch(template);
  };

export const withDebugLogs: Patch = (template) => {
  for (const name of functionNames(template)) {
    const { LoggingConfig, Environment } = functionNamed(template, name) as {
      LoggingConfig: { ApplicationLogLevel: string };
      Environment: { Variables: Record<string, string> };
    };
    LoggingConfig.ApplicationLogLevel = 'DEBUG';
    Environment.Variables.LOG_LEVEL = 'debug';
  }
};
