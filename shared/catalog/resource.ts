/**
 * What a deployment consists of, as far as actions can reach it. Each type is named as its service names it; `id` says
 * which: `i-0a1b…`, `cluster/service`, a group's name, a database's identifier, `function:alias`, a container, a process
 * of this machine, the name of a team's own webhook. `probe-concurrency` is how many checks Homeostat itself looks at
 * side by side, under any id.
 */
export const resourceTypes = [
  'ec2-instance',
  'ecs-service',
  'auto-scaling-group',
  'rds-instance',
  'rds-cluster',
  'lambda-alias',
  'ebs-volume',
  'cloudformation-stack',
  'codedeploy-group',
  'cloudcontrol-resource',
  'ssm-managed-node',
  'docker-container',
  'process',
  'orchestrator',
  'probe-concurrency',
] as const;
export type ResourceType = (typeof resourceTypes)[number];

/** A part of a deployment. */
export type DeploymentResource = {
  /** Within the deployment: what people and policies call it. */
  readonly name: string;
  readonly type: ResourceType;
  readonly id: string;
  /** Names of the checks that tell whether it is well; left out in a deployment of one resource: all of them. */
  readonly checks?: readonly string[] | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** What its actions need to know beside the id: the ARN of a launch template, a document's name. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
};
