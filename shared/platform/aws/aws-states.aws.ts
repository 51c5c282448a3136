/** What a service of AWS says of one of its resources. */
export type AwsState = {
  /** Running and well. */
  readonly isWell: boolean;
  /** A sentence with what the service said. */
  readonly says: string;
};

export const awsServices = ['ec2', 'ecs', 'autoscaling', 'rds'] as const;
export type AwsService = (typeof awsServices)[number];

/** Asks the services that were opted in at deploy. */
export interface AwsStates {
  readonly services: readonly AwsService[];
  /**
   * `id` is an instance id for `ec2`, `cluster/service` for `ecs`, a group's name for `autoscaling`, an instance's
   * identifier for `rds`. A resource that is not there is not well. Throws what the SDK throws when the service does
   * not answer or refuses to.
   */
  describe(service: AwsService, id: string, signal: AbortSignal): Promise<AwsState>;
}

/** `address` is the comma-separated list of services that were opted in. What asks them, and their SDK clients, are loaded when first used. */
export const openAwsStates = (address: string): AwsStates => {
  const listed = address.split(',').map((name) => name.trim());
  return {
    services: awsServices.filter((service) => listed.includes(service)),
    describe: async (service, id, signal) => {
      const { describers } = await import('./aws-descriptions.aws.ts');
      return describers[service](id, signal);
    },
  };
};
