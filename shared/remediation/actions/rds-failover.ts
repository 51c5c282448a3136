import type { DatabaseCluster } from '../../platform/aws/actions/rds.aws.ts';
import { type Action, ActionRefused } from './action.ts';
import type { ActionPorts } from './ports.ts';

type Before = {
  readonly status: string;
  readonly writer: string | null;
  /** Those that would be promoted first stand first. */
  readonly readers: readonly string[];
};

const clusterOf = async (ports: ActionPorts, id: string): Promise<DatabaseCluster> => {
  const found = await (await ports.rds()).cluster(id);
  if (!found) throw new ActionRefused(`there is no RDS cluster ${id} in this account and region`);
  return found;
};
const writerOf = ({ members }: DatabaseCluster): string | null =>
  members.find(({ isWriter }) => isWriter)?.id ?? null;

/** Makes a reader of a cluster its writer; `target` names which. */
export const rdsFailover: Action = {
  resourceTypes: ['rds-cluster'],
  verbs: ['replace'],
  params: (z) => z.strictObject({ target: z.string().min(1).max(63).exactOptional() }),
  read: async (ports, { id }) => {
    const cluster = await clusterOf(ports, id);
    const { status, members, arn, tags } = cluster;
    const readers = members.filter(({ isWriter }) => !isWriter).sort(byPromotion);
    const before: Before = { status, writer: writerOf(cluster), readers: readers.map((one) => one.id) };
    // With a target named, IAM asks for the reader too.
    const instances = readers.map((one) => arn.replace(`:cluster:${id}`, `:db:${one.id}`));
    const permissions = [{ actions: ['rds:FailoverDBCluster'], resources: [arn, ...instances] }];
    return { before, permissions, arn, tags };
  },
  propose: (image, { id }, { target }) => {
    const { status, writer, readers } = image as Before;
    if (status !== 'available')
      return { refused: `the cluster ${id} is ${status}: it can fail over only while it is available` };
    if (writer !== null && target === writer)
      return { unchanged: `${writer} is the writer of the cluster ${id} already` };
    const [first] = readers;
    if (first === undefined)
      return { refused: `the cluster ${id} has no reader that could become its writer` };
    const next = typeof target === 'string' ? target : first;
    if (!readers.includes(next)) return { refused: `${next} is no reader of the cluster ${id}` };
    return {
      expected: { writer: next },
      ...(writer !== null && { undo: { kind: 'rds-failover', params: { target: writer } } as const }),
      summary: `Make ${next} the writer of the cluster ${id}${writer === null ? '' : ` in place of ${writer}`}. Connections to the writer break for about half a minute.`,
      risk: 'high',
    };
  },
  apply: async (ports, { resource, expected }) =>
    (await ports.rds()).failover(resource.id, (expected as { writer: string }).writer),
  verify: async (ports, { resource: { id }, expected }) => {
    const cluster = await clusterOf(ports, id);
    const after = { status: cluster.status, writer: writerOf(cluster) };
    const isThere =
      after.writer === (expected as { writer: string }).writer && cluster.status === 'available';
    const reason = `RDS says the cluster ${id} is ${after.status}, its writer ${after.writer ?? 'nobody'}`;
    return { state: isThere ? 'verified' : 'pending', reason, after };
  },
};

const byPromotion = (one: DatabaseCluster['members'][number], other: typeof one): number =>
  one.promotionTier - other.promotionTier || one.id.localeCompare(other.id, 'en');
