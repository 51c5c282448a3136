import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { stateMachines } from '../../../infra/workflows/index.ts';
import type { Script, Step } from './workflow-scenarios.ts';

/**
 * Steps of the workflows that answer as a script says: functions that ask a server of the test, so that it sees what each
 * was told, in whatever engine they run.
 */

/** What a step was told. */
type Told = {
  readonly planHash: string;
  readonly attempt: number;
  readonly execution: string;
  readonly phase?: string;
  readonly taskToken?: string;
  readonly failure?: { readonly Error?: string; readonly Cause?: string };
};
export type Call = { readonly step: Step; readonly told: Told };

const functions = ['Gate', 'Approval', 'Apply', 'Verify', 'Close'] as const;

/** The handler, for `index.mjs`, or for a function whose code stands in its template. */
const handler = `async (event) => {
  const answer = await fetch(process.env.STEPS, { method: 'POST', body: JSON.stringify(event) });
  if (!answer.ok) throw new Error(await answer.text());
  const said = await answer.json();
  if (said.fails) throw Object.assign(new Error('as the scenario says'), { name: said.fails });
  return said;
};
`;
export const stepModule = `export const handler = ${handler}`;
export const stepCommonJs = `exports.handler = ${handler}`;

const arnOf = (logicalId: string) => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });
export const roleFor = (Service: string, Statement: readonly object[]) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service } }],
    },
    Policies: [{ PolicyName: 'Own', PolicyDocument: { Version: '2012-10-17', Statement } }],
  },
});

/** The five state machines, each by the name of its workflow, and their steps. */
export const workflowResources = (url: string, functionResource: object, properties: object) => ({
  MachineRole: roleFor('states.amazonaws.com', [
    { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: functions.map(arnOf) },
  ]),
  ...Object.fromEntries(
    functions.map((name) => [
      name,
      {
        ...functionResource,
        Type: 'AWS::Lambda::Function',
        Properties: {
          ...properties,
          Environment: { Variables: { POWERTOOLS_SERVICE_NAME: name, STEPS: `${url}/${name}` } },
        },
      },
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(stateMachines).map(([workflow, machine]) => [
      `Machine${workflow}`,
      {
        Type: 'AWS::StepFunctions::StateMachine',
        Properties: {
          StateMachineName: workflow,
          RoleArn: arnOf('MachineRole'),
          DefinitionString: JSON.stringify(machine),
          DefinitionSubstitutions: {
            ...Object.fromEntries(functions.map((name) => [name, arnOf(name)])),
            CallAndWait: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
          },
        },
      },
    ]),
  ),
});

const textOf = async (request: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
};

export const openSteps = async () => {
  const scripts = new Map<string, Script>();
  const calls = new Map<string, Call[]>();
  let people: (taskToken: string, output: string) => Promise<unknown> = () => Promise.resolve();

  const answer = async (step: Step, told: Told): Promise<object> => {
    const known = calls.get(told.planHash) ?? [];
    calls.set(told.planHash, [...known, { step, told }]);
    const nth = known.filter((call) => call.step === step).length;
    // A release that no scenario speaks of is not well, so that what follows from that can be told.
    const unsaid = step === 'Watch' ? { next: 'apply' } : {};
    const script = scripts.get(told.planHash)?.[step] ?? [unsaid];
    const said: { people?: object } = script[Math.min(nth, script.length - 1)] ?? {};
    if (said.people) await people(told.taskToken ?? '', JSON.stringify(said.people));
    return said;
  };
  const server = createServer((request, response) => {
    response.setHeader('connection', 'close');
    void textOf(request)
      .then((text) => {
        const told = JSON.parse(text) as Told;
        const step = told.phase === 'release' ? 'Watch' : ((request.url ?? '').slice(1) as Step);
        return answer(step, told);
      })
      .then(
        (said) => response.end(JSON.stringify(said)),
        (error: Error) => response.writeHead(500).end(error.message),
      );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    play: (planHash: string, script: Script) => void scripts.set(planHash, script),
    /** How people answer a token. */
    peopleAnswer: (how: typeof people) => {
      people = how;
    },
    callsOf: (planHash: string): readonly Call[] => calls.get(planHash) ?? [],
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
};
export type Steps = Awaited<ReturnType<typeof openSteps>>;

/** `Apply/2`: the step, and the number of the attempt when it is not the first. */
export const inShort = (calls: readonly Call[]): string =>
  calls.map(({ step, told: { attempt } }) => (attempt === 1 ? step : `${step}/${attempt}`)).join(' ');
