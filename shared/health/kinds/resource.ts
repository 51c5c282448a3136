import { CannotTell } from '../probing/outcome.ts';
import { type ResourceService, resourceServices } from '../probing/resource-services.ts';
import type { CheckKind } from './kind.ts';

type ResourceConfig = { readonly service: ResourceService };

const services = Object.keys(resourceServices) as [ResourceService, ...ResourceService[]];

/** How each service names its resources, and what to write. */
const names: Readonly<Record<ResourceService, { readonly pattern: RegExp; readonly example: string }>> = {
  'ec2-instance': {
    pattern: /^i-[0-9a-f]{8,17}$/,
    example: 'the id of an instance, such as i-0a1b2c3d4e5f60718',
  },
  'ecs-service': { pattern: /^[\w-]{1,255}\/[\w-]{1,255}$/, example: 'cluster/service, such as main/shop' },
  'auto-scaling-group': { pattern: /^[\x20-\x7e]{1,255}$/, example: 'the name of a group' },
  'rds-instance': {
    pattern: /^[A-Za-z][A-Za-z0-9-]{0,62}$/,
    example: 'the identifier of an instance, such as orders',
  },
  'docker-container': { pattern: /^[a-zA-Z0-9][\w.-]{0,127}$/, example: 'the name of a container' },
};

/** Healthy when the service that runs a resource says that it runs and is well. */
export const resource: CheckKind = {
  class: 'resource',
  placeholders: ['VALUE', 'RESPONSE_TIME'],
  definition: (z) => ({
    target: z
      .string()
      .regex(/^[\x20-\x7e]{1,511}$/, 'Give an id or name of at most 511 printable characters.')
      .meta({
        description:
          'An instance id, `cluster/service`, or the name of a group, database instance or container.',
      }),
    config: z.strictObject({
      service: z
        .enum(services, { error: `Give one of ${services.join(', ')}.` })
        .meta({ description: 'What the target names, and whom to ask about it.' }),
    }),
  }),

  async probe({ target, config, timeoutSeconds }, attempt) {
    const { service } = config as ResourceConfig;
    const name = names[service];
    if (!name.pattern.test(target)) {
      throw new CannotTell(`${target} names no ${service}: give ${name.example} as the target`);
    }
    const startedAt = performance.now();
    const asking = attempt.ports.describe(service, target, attempt.signal);
    const { isWell, says } = await beforeDeadline(asking, timeoutSeconds);
    attempt.measured('total', performance.now() - startedAt);
    return { status: isWell ? 'healthy' : 'unhealthy', reason: isWell ? null : says, facts: { VALUE: says } };
  },
};

/** The deadline of an attempt is a failure of its target; here it would be one of whom we ask about it. */
const beforeDeadline = async <T>(asking: Promise<T>, seconds: number): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const fail = () => reject(new CannotTell(`nobody told the state of it within ${seconds} s`));
    timer = setTimeout(fail, seconds * 1000 - earlierMs);
  });
  try {
    return await Promise.race([asking, late]);
  } finally {
    clearTimeout(timer);
  }
};
const earlierMs = 50;
