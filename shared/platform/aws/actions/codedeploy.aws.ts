import {
  CodeDeployClient,
  type DeploymentStatus,
  GetDeploymentCommand,
  ListDeploymentsCommand,
  StopDeploymentCommand,
} from '@aws-sdk/client-codedeploy';
import { type ClientWorld, clientOptions, noted, partitionOf } from './clients.ts';
import { isNamed } from './outcome.ts';

export type CodeDeployDeployment = {
  readonly id: string;
  /** Created, Queued, InProgress, Baking, Ready, Succeeded, Failed, Stopped. */
  readonly status: string;
  /** Why it failed or was stopped. */
  readonly detail: string;
  /** The deployment that takes this one back, once there is one. */
  readonly rollbackId: string | undefined;
  /** Why there is no rollback, in the words of CodeDeploy. */
  readonly rollbackMessage: string | undefined;
};

export interface CodeDeployPort {
  /** Those of a deployment group that are not over yet, newest first; undefined: there is no such group. */
  underWay(application: string, group: string): Promise<readonly string[] | undefined>;
  deployment(id: string): Promise<CodeDeployDeployment | undefined>;
  /** Stops it and deploys the last good revision again. */
  stopAndRollBack(id: string): Promise<void>;
  groupArn(application: string, group: string): Promise<string>;
}

const notOver: DeploymentStatus[] = ['Created', 'Queued', 'InProgress', 'Baking', 'Ready'];

export const openCodeDeploy = (world: ClientWorld): CodeDeployPort => {
  const reader = noted(new CodeDeployClient(clientOptions(world, 'read')), world, 'codedeploy', 'read');
  const changer = noted(new CodeDeployClient(clientOptions(world, 'change')), world, 'codedeploy', 'change');
  const options = { abortSignal: world.calls.signal };
  return {
    underWay: async (application, group) => {
      try {
        const { deployments = [] } = await reader.send(
          new ListDeploymentsCommand({
            applicationName: application,
            deploymentGroupName: group,
            includeOnlyStatuses: notOver,
          }),
          options,
        );
        return deployments;
      } catch (error) {
        const absent = ['ApplicationDoesNotExistException', 'DeploymentGroupDoesNotExistException'];
        if (isNamed(error, ...absent)) return undefined;
        throw error;
      }
    },
    deployment: async (id) => {
      try {
        const { deploymentInfo } = await reader.send(new GetDeploymentCommand({ deploymentId: id }), options);
        return (
          deploymentInfo && {
            id,
            status: deploymentInfo.status ?? 'unknown',
            detail: deploymentInfo.errorInformation?.message ?? '',
            rollbackId: deploymentInfo.rollbackInfo?.rollbackDeploymentId,
            rollbackMessage: deploymentInfo.rollbackInfo?.rollbackMessage,
          }
        );
      } catch (error) {
        if (isNamed(error, 'DeploymentDoesNotExistException')) return undefined;
        throw error;
      }
    },
    stopAndRollBack: async (id) => {
      await changer.send(new StopDeploymentCommand({ deploymentId: id, autoRollbackEnabled: true }), options);
    },
    groupArn: async (application, group) => {
      const region = await reader.config.region();
      return `arn:${partitionOf(region)}:codedeploy:${region}:*:deploymentgroup:${application}/${group}`;
    },
  };
};
