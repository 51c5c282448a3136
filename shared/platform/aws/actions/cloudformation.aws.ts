import {
  CancelUpdateStackCommand,
  CloudFormationClient,
  ContinueUpdateRollbackCommand,
  DescribeStacksCommand,
  RollbackStackCommand,
} from '@aws-sdk/client-cloudformation';
import { type ClientWorld, clientOptions, noted } from './clients.ts';
import { isNamed } from './outcome.ts';

export type CloudFormationStack = {
  /** Its ARN, which unlike its name is never used again. */
  readonly id: string;
  readonly name: string;
  /** UPDATE_ROLLBACK_FAILED and the like. */
  readonly status: string;
  readonly statusReason: string;
  /** With which CloudFormation changes what is in it; undefined: with the permissions of whoever asks. */
  readonly roleArn: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
};

export interface CloudFormationPort {
  /** By name or ARN. */
  stack(nameOrArn: string): Promise<CloudFormationStack | undefined>;
  /** `skip`: logical ids that are left as they are. The same token is one request. */
  continueRollback(stackId: string, skip: readonly string[], clientToken: string): Promise<void>;
  cancelUpdate(stackId: string, clientToken: string): Promise<void>;
  rollBack(stackId: string, clientToken: string): Promise<void>;
}

export const openCloudFormation = (world: ClientWorld): CloudFormationPort => {
  const open = (kind: 'read' | 'change') =>
    noted(new CloudFormationClient(clientOptions(world, kind)), world, 'cloudformation', kind);
  const [reader, changer] = [open('read'), open('change')];
  const options = { abortSignal: world.calls.signal };
  return {
    stack: async (nameOrArn) => {
      try {
        const { Stacks } = await reader.send(new DescribeStacksCommand({ StackName: nameOrArn }), options);
        const found = Stacks?.[0];
        return (
          found && {
            id: found.StackId ?? nameOrArn,
            name: found.StackName ?? nameOrArn,
            status: found.StackStatus ?? 'unknown',
            statusReason: found.StackStatusReason ?? '',
            roleArn: found.RoleARN,
            tags: Object.fromEntries((found.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value])),
          }
        );
      } catch (error) {
        // «Stack with id … does not exist» has no code of its own.
        if (isNamed(error, 'ValidationError') && /does not exist/.test((error as Error).message)) {
          return undefined;
        }
        throw error;
      }
    },
    continueRollback: async (stackId, skip, clientToken) => {
      await changer.send(
        new ContinueUpdateRollbackCommand({
          StackName: stackId,
          ClientRequestToken: clientToken,
          ...(skip.length > 0 && { ResourcesToSkip: [...skip] }),
        }),
        options,
      );
    },
    cancelUpdate: async (stackId, clientToken) => {
      await changer.send(
        new CancelUpdateStackCommand({ StackName: stackId, ClientRequestToken: clientToken }),
        options,
      );
    },
    rollBack: async (stackId, clientToken) => {
      await changer.send(
        new RollbackStackCommand({ StackName: stackId, ClientRequestToken: clientToken }),
        options,
      );
    },
  };
};
