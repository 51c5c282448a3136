import type { DeploymentResource } from '../../catalog/index.ts';
import type { Ec2Instance } from '../../platform/aws/actions/ec2.aws.ts';
import { ActionRefused, type ActionVerdict, type Image } from './action.ts';
import type { ActionPorts } from './ports.ts';

/** What the actions on one instance read of it. */
export type InstanceImage = {
  readonly state: string;
  /** The Auto Scaling group that keeps it; null: none. */
  readonly group: string | null;
  readonly isSpot: boolean;
  readonly isInstanceStore: boolean;
};

export const groupTag = 'aws:autoscaling:groupName';

export const instanceOf = async (ports: ActionPorts, id: string): Promise<Ec2Instance> => {
  const instance = await (await ports.ec2()).instance(id);
  if (!instance) throw new ActionRefused(`there is no EC2 instance ${id} in this account and region`);
  return instance;
};

/** `action` is the one IAM action of the change. */
export const readInstance = async (
  ports: ActionPorts,
  { id }: Pick<DeploymentResource, 'id'>,
  action: string,
): Promise<Image> => {
  const { state, isSpot, isInstanceStore, tags, arn } = await instanceOf(ports, id);
  const before: InstanceImage = { state, group: tags[groupTag] ?? null, isSpot, isInstanceStore };
  return { before, permissions: [{ actions: [action], resources: [arn] }], arn, tags };
};

/** Sentences for the states in which an instance can neither be stopped, started nor rebooted. */
export const inBetween = (id: string, state: string): string | undefined => {
  if (state === 'terminated' || state === 'shutting-down') return `${id} is terminated: it cannot come back`;
  if (state === 'pending' || state === 'stopping')
    return `${id} is ${state === 'pending' ? 'starting' : 'stopping'} just now: wait until that is over`;
  return undefined;
};

/** Runs, and none of EC2's own checks of it fails; a fresh instance is `initializing` for minutes. */
export const verifyRunning = async (ports: ActionPorts, id: string): Promise<ActionVerdict> => {
  const { state } = await instanceOf(ports, id);
  if (state === 'terminated' || state === 'shutting-down' || state === 'stopped')
    return { state: 'failed', reason: `EC2 says ${id} is ${state}`, after: { state } };
  if (state !== 'running')
    return { state: 'pending', reason: `EC2 says ${id} is ${state}`, after: { state } };
  const status = (await (await ports.ec2()).statusOf(id)) ?? 'insufficient-data';
  if (status === 'impaired')
    return { state: 'pending', reason: `EC2 says ${id} runs, but is impaired`, after: { state } };
  return { state: 'verified', reason: `EC2 says ${id} is running, status ${status}`, after: { state } };
};
