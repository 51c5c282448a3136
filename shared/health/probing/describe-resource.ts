import type { AwsService, AwsStates } from '../../platform/aws/aws-states.aws.ts';
import { describeContainer, dockerSocket } from './docker.ts';
import { CannotTell } from './outcome.ts';
import type { ProbePorts } from './ports.ts';
import { type ResourceService, resourceServices } from './resource-services.ts';

export type DescribeOptions = {
  /** Left out where no service was opted in at deploy. */
  readonly awsResources?: AwsStates | undefined;
  readonly insideLambda: boolean;
  /** Where Docker listens; `/var/run/docker.sock` when left out. */
  readonly dockerSocketPath?: string;
};

/** Asks AWS or Docker for the state of a resource; `CannotTell` says what to do when they may not or do not say. */
export const describeResource =
  ({
    awsResources,
    insideLambda,
    dockerSocketPath = dockerSocket,
  }: DescribeOptions): ProbePorts['describe'] =>
  async (service, id, signal) => {
    if (service === 'docker-container') {
      if (insideLambda) {
        throw new CannotTell(
          'Docker runs on no machine of a deployed stack: watch its HTTP or TCP port instead',
        );
      }
      return describeContainer(id, signal, dockerSocketPath);
    }
    const aws = Object.hasOwn(resourceServices, service)
      ? resourceServices[service as ResourceService]
      : undefined;
    if (!aws) throw new CannotTell(`no service tells the state of ${service}`);
    if (!awsResources?.services.includes(aws)) {
      throw new CannotTell(
        `this stack may not ask AWS about it: list ${aws} in awsServices of the stack's configuration, and deploy again`,
      );
    }
    try {
      return await awsResources.describe(aws, id, signal);
    } catch (error) {
      throw new CannotTell(whyNot(aws, error as Error & { Code?: string }));
    }
  };

/** AWS's own words: they name the missing permission, the expired credentials or the throttled call. */
const whyNot = (service: AwsService, { name, message }: Error): string =>
  `AWS did not tell (${service}, ${name}): ${message}`;
