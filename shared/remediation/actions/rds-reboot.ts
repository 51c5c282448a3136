import type { DatabaseInstance } from '../../platform/aws/actions/rds.aws.ts';
import { type Action, ActionRefused } from './action.ts';
import type { ActionPorts } from './ports.ts';

type Before = { readonly status: string; readonly isMultiAz: boolean; readonly cluster: string | null };

const databaseOf = async (ports: ActionPorts, id: string): Promise<DatabaseInstance> => {
  const found = await (await ports.rds()).instance(id);
  if (!found) throw new ActionRefused(`there is no RDS instance ${id} in this account and region`);
  return found;
};

/** RDS refuses to reboot in any other state. */
const rebootable: readonly string[] = ['available', 'storage-optimization'];

/** Reboots a database; with `forceFailover` it comes back in another zone. */
export const rdsReboot: Action = {
  resourceTypes: ['rds-instance'],
  verbs: ['restart'],
  params: (z) => z.strictObject({ forceFailover: z.boolean().exactOptional() }),
  read: async (ports, { id }) => {
    const { status, isMultiAz, cluster, arn, tags } = await databaseOf(ports, id);
    const before: Before = { status, isMultiAz, cluster: cluster ?? null };
    return { before, permissions: [{ actions: ['rds:RebootDBInstance'], resources: [arn] }], arn, tags };
  },
  propose: (image, { id }, { forceFailover }) => {
    const { status, isMultiAz, cluster } = image as Before;
    if (status === 'rebooting') return { unchanged: `the database ${id} is rebooting already` };
    if (!rebootable.includes(status))
      return { refused: `the database ${id} is ${status}: it can be rebooted only while it is available` };
    if (forceFailover === true && cluster !== null)
      return {
        refused: `the database ${id} belongs to the cluster ${cluster}: fail the cluster over instead`,
      };
    if (forceFailover === true && !isMultiAz)
      return { refused: `the database ${id} is in a single zone: there is no standby to fail over to` };
    const how = forceFailover === true ? 'with a failover to its standby in another zone' : 'in its zone';
    return {
      expected: { status: 'available' },
      summary: `Reboot the database ${id} ${how}. Its connections break for a minute or more; there is nothing to take back.`,
      risk: isMultiAz ? 'medium' : 'high',
    };
  },
  apply: async (ports, { resource, params }) =>
    (await ports.rds()).reboot(resource.id, params.forceFailover === true),
  verify: async (ports, { resource: { id } }) => {
    const { status } = await databaseOf(ports, id);
    const isThere = rebootable.includes(status);
    const reason = `RDS says the database ${id} is ${status}`;
    return { state: isThere ? 'verified' : 'pending', reason, after: { status } };
  },
};
