import type { AwsService } from '../../platform/aws/aws-states.aws.ts';

/** What a check of the kind `resource` may look at, and which service of AWS knows of it. */
export const resourceServices = {
  'ec2-instance': 'ec2',
  'ecs-service': 'ecs',
  'auto-scaling-group': 'autoscaling',
  'rds-instance': 'rds',
  'docker-container': undefined,
} as const satisfies Record<string, AwsService | undefined>;
export type ResourceService = keyof typeof resourceServices;
