import {
  DescribeDocumentCommand,
  DescribeInstanceInformationCommand,
  GetAutomationExecutionCommand,
  GetCommandInvocationCommand,
  SendCommandCommand,
  SSMClient,
  StartAutomationExecutionCommand,
} from '@aws-sdk/client-ssm';
import { type ClientWorld, clientOptions, noted, partitionOf } from './clients.ts';
import { isNamed } from './outcome.ts';

export type SsmDocument = {
  readonly name: string;
  /** Command, Automation … */
  readonly type: string;
  /** What `$DEFAULT` means now. */
  readonly version: string;
  /** SHA-256 of its content; undefined where SSM tells none. */
  readonly hash: string | undefined;
  /** Its ARN, as StartAutomationExecution and SendCommand know it. */
  readonly arn: string;
};

/** `Parameters` of a document: each a list. */
export type SsmParameters = Readonly<Record<string, readonly string[]>>;

/** What became of an execution; undefined: there is none of this id (yet). */
export type SsmOutcome = { readonly status: string; readonly detail: string };

export interface SsmPort {
  document(name: string, version?: string): Promise<SsmDocument | undefined>;
  /** Online, ConnectionLost, Inactive; undefined: SSM does not manage it. */
  nodeStatus(instanceId: string): Promise<string | undefined>;
  /** The same token gives the same execution. Returns its id. */
  startAutomation(wanted: {
    readonly document: string;
    readonly version: string;
    readonly parameters: SsmParameters;
    /** A UUID. */
    readonly clientToken: string;
  }): Promise<string>;
  automation(id: string): Promise<SsmOutcome | undefined>;
  /** Returns the command's id. */
  sendCommand(wanted: {
    readonly document: string;
    readonly version: string;
    readonly hash?: string | undefined;
    readonly instanceId: string;
    readonly parameters: SsmParameters;
    /** At most 100 characters. */
    readonly comment: string;
    /** Not begun after so long: it never runs. 30 or more. */
    readonly timeoutSeconds: number;
  }): Promise<string>;
  commandInvocation(commandId: string, instanceId: string): Promise<SsmOutcome | undefined>;
  /** `arn:…:ec2:…:instance/i-…`, or of a managed node (`mi-…`) that of SSM. */
  nodeArn(instanceId: string): Promise<string>;
}

/** Of a command's output, for the record. */
const mostOutput = 300;

const writable = (parameters: SsmParameters): Record<string, string[]> =>
  Object.fromEntries(Object.entries(parameters).map(([name, values]) => [name, [...values]]));

export const openSsm = (world: ClientWorld): SsmPort => {
  const reader = noted(new SSMClient(clientOptions(world, 'read')), world, 'ssm', 'read');
  const changer = noted(new SSMClient(clientOptions(world, 'change')), world, 'ssm', 'change');
  const options = { abortSignal: world.calls.signal };
  const arnOf = async (service: string, resource: string, account: string): Promise<string> => {
    const region = await reader.config.region();
    return `arn:${partitionOf(region)}:${service}:${region}:${account}:${resource}`;
  };
  const absent = async <T>(answer: Promise<T>, ...names: readonly string[]): Promise<T | undefined> =>
    answer.catch((error: unknown) => {
      if (isNamed(error, ...names)) return undefined;
      throw error;
    });

  return {
    document: async (name, version) => {
      const request = new DescribeDocumentCommand({
        Name: name,
        ...(version !== undefined && { DocumentVersion: version }),
      });
      const answer = await absent(reader.send(request, options), 'InvalidDocument');
      const found = answer?.Document;
      if (!found) return undefined;
      const type = found.DocumentType ?? 'unknown';
      // Documents of Amazon itself belong to no account, those of others to theirs.
      const owner = /^\d{12}$/.test(found.Owner ?? '')
        ? `${found.Owner}`
        : found.Owner === 'Amazon'
          ? ''
          : '*';
      const plain = name.startsWith('arn:') ? (name.split('/')[1] ?? name) : name;
      return {
        name,
        type,
        version: version ?? found.DefaultVersion ?? '$DEFAULT',
        hash: found.HashType === 'Sha256' || found.HashType === undefined ? found.Hash : undefined,
        arn:
          type === 'Automation'
            ? await arnOf('ssm', `automation-definition/${plain}:*`, owner || '*')
            : await arnOf('ssm', `document/${plain}`, owner),
      };
    },
    nodeStatus: async (instanceId) => {
      const { InstanceInformationList = [] } = await reader.send(
        new DescribeInstanceInformationCommand({ Filters: [{ Key: 'InstanceIds', Values: [instanceId] }] }),
        options,
      );
      return InstanceInformationList[0]?.PingStatus;
    },
    startAutomation: async ({ document, version, parameters, clientToken }) => {
      const { AutomationExecutionId } = await changer.send(
        new StartAutomationExecutionCommand({
          DocumentName: document,
          DocumentVersion: version,
          Parameters: writable(parameters),
          ClientToken: clientToken,
        }),
        options,
      );
      if (AutomationExecutionId === undefined) throw new Error('SSM answered without an execution');
      return AutomationExecutionId;
    },
    automation: async (id) => {
      const answer = await absent(
        reader.send(new GetAutomationExecutionCommand({ AutomationExecutionId: id }), options),
        'AutomationExecutionNotFoundException',
      );
      const found = answer?.AutomationExecution;
      return (
        found && {
          status: found.AutomationExecutionStatus ?? 'Pending',
          detail: (found.FailureMessage ?? '').slice(0, mostOutput),
        }
      );
    },
    sendCommand: async ({ document, version, hash, instanceId, parameters, comment, timeoutSeconds }) => {
      const { Command } = await changer.send(
        new SendCommandCommand({
          DocumentName: document,
          DocumentVersion: version,
          ...(hash !== undefined && { DocumentHash: hash, DocumentHashType: 'Sha256' }),
          InstanceIds: [instanceId],
          Parameters: writable(parameters),
          Comment: comment,
          TimeoutSeconds: timeoutSeconds,
        }),
        options,
      );
      if (Command?.CommandId === undefined) throw new Error('SSM answered without a command');
      return Command.CommandId;
    },
    commandInvocation: async (commandId, instanceId) => {
      const found = await absent(
        reader.send(
          new GetCommandInvocationCommand({ CommandId: commandId, InstanceId: instanceId }),
          options,
        ),
        'InvocationDoesNotExist',
      );
      if (!found) return undefined;
      const said = found.StandardErrorContent || found.StandardOutputContent || '';
      const code =
        found.ResponseCode === undefined || found.ResponseCode < 0 ? '' : `code ${found.ResponseCode}`;
      return {
        status: found.Status ?? 'Pending',
        detail: [code, said.trim().slice(-mostOutput)].filter(Boolean).join(': '),
      };
    },
    nodeArn: (instanceId) =>
      instanceId.startsWith('mi-')
        ? arnOf('ssm', `managed-instance/${instanceId}`, '*')
        : arnOf('ec2', `instance/${instanceId}`, '*'),
  };
};
