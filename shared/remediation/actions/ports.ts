import type { AutoScalingPort } from '../../platform/aws/actions/autoscaling.aws.ts';
import type { CloudControlPort } from '../../platform/aws/actions/cloudcontrol.aws.ts';
import type { CloudFormationPort } from '../../platform/aws/actions/cloudformation.aws.ts';
import type { CodeDeployPort } from '../../platform/aws/actions/codedeploy.aws.ts';
import type { Ec2Port } from '../../platform/aws/actions/ec2.aws.ts';
import type { EcsPort } from '../../platform/aws/actions/ecs.aws.ts';
import type { LambdaPort } from '../../platform/aws/actions/lambda.aws.ts';
import type { RdsPort } from '../../platform/aws/actions/rds.aws.ts';
import type { SsmPort } from '../../platform/aws/actions/ssm.aws.ts';
import type { Clock } from '../../platform/clock.ts';
import type { CallMade } from '../remediation.ts';
import type { DockerPort } from './docker-engine.ts';
import type { OrchestratorPort } from './orchestrator.ts';
import type { ProbesPort } from './probes.ts';
import type { ProcessPort } from './processes.ts';

/**
 * What actions reach the world by. Each service is opened when first used; with `credentials` of an assumed role for
 * `apply`, with the function's own for reading. The openers stand in `shared/platform/aws/actions/*.aws.ts`.
 */
export type ActionPorts = {
  readonly clock: Clock;
  /** Ends what hangs. */
  readonly signal: AbortSignal;
  /**
   * The same for each repetition of one action of one attempt of one plan, and for no other: services that know such
   * tokens then make the change once. Undefined while only reading.
   */
  readonly idempotencyToken: string | undefined;
  ec2(): Promise<Ec2Port>;
  autoscaling(): Promise<AutoScalingPort>;
  ecs(): Promise<EcsPort>;
  rds(): Promise<RdsPort>;
  lambda(): Promise<LambdaPort>;
  ssm(): Promise<SsmPort>;
  codedeploy(): Promise<CodeDeployPort>;
  cloudformation(): Promise<CloudFormationPort>;
  cloudcontrol(): Promise<CloudControlPort>;
  docker(): Promise<DockerPort>;
  processes(): Promise<ProcessPort>;
  orchestrator(): Promise<OrchestratorPort>;
  probes(): Promise<ProbesPort>;
};

/** Takes note of each call, in order. */
export type OnCall = (call: CallMade) => void;
