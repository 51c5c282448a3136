import type { AutoScalingGroup } from '../../platform/aws/actions/autoscaling.aws.ts';
import { ActionRefused } from './action.ts';
import type { ActionPorts } from './ports.ts';

export const groupNamed = async (ports: ActionPorts, name: string): Promise<AutoScalingGroup> => {
  const group = await (await ports.autoscaling()).group(name);
  if (!group) throw new ActionRefused(`there is no Auto Scaling group ${name} in this account and region`);
  return group;
};

/** In service and healthy. */
export const wellIn = ({ members }: AutoScalingGroup): number =>
  members.filter(({ lifecycle, isHealthy }) => lifecycle === 'InService' && isHealthy).length;

/** A sentence when a suspended process keeps the group from doing what is asked. */
export const suspendedFor = (
  name: string,
  suspended: readonly string[],
  needed: readonly string[],
): string | undefined => {
  const missing = needed.filter((process) => suspended.includes(process));
  if (missing.length === 0) return undefined;
  const which = missing.length === 1 ? `process ${missing[0]}` : `processes ${missing.join(', ')}`;
  return `somebody suspended the ${which} of the group ${name}: resume ${missing.length === 1 ? 'it' : 'them'} first`;
};
