import type { Group } from './aws-autoscaling.ts';
import type { Properties } from './aws-cloudcontrol.ts';
import type { Instance } from './aws-ec2.ts';
import type { EcsService } from './aws-ecs.ts';

/** What the account of a story holds, and what its services share. */

export const accountId = '111122223333';
export const region = 'eu-central-1';
export const arnOf = (service: string, resource: string): string =>
  `arn:aws:${service}:${region}:${accountId}:${resource}`;

/** What every resource of a story that may be changed carries. */
export const optedIn = { homeostat: 'heal' } as const;
export type Tags = Readonly<Record<string, string>>;

export type AwsRequest = {
  readonly service: string;
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** Epoch ms of the story. */
  readonly at: number;
};

/** Everything that the account holds; a story may change it by hand. */
export type AwsState = {
  /** By `cluster/service`. */
  readonly services: Map<string, EcsService>;
  /** ARNs of all task definitions that are active. */
  readonly taskDefinitions: string[];
  readonly instances: Map<string, Instance>;
  readonly groups: Map<string, Group>;
  /** By `<type> <identifier>`. */
  readonly resources: Map<string, Properties>;
  /** Requests of Cloud Control by their token. */
  readonly requests: Map<string, { readonly status: string; readonly message: string }>;
  /** Who wrote what, as CloudTrail keeps it. */
  readonly trail: { resource: string; arn: string; eventName: string; at: number }[];
};

/** Thrown by a service: what the SDK makes an exception of. */
export class Refused extends Error {
  readonly code: string;
  readonly status: number;
  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** One parameter of the query protocol, or those of a list: `InstanceId.1`, `Filters.member.1.Values.member.1`. */
export const listed = (input: AwsRequest['input'], name: string): readonly string[] =>
  Object.entries(input)
    .filter(([key]) => key.startsWith(`${name}.`) && /^\d+$/.test(key.slice(name.length + 1)))
    .map(([, value]) => String(value));

export const xml = (operation: string, inner: string): string =>
  `<${operation}Response>${inner}<requestId>req-1</requestId></${operation}Response>`;
export const elements = (name: string, inners: readonly string[]): string =>
  inners.map((inner) => `<${name}>${inner}</${name}>`).join('');
