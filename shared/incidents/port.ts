import type { Alert, IncidentWake, RuleRecord } from '../alerting/index.ts';
import type { Queue } from '../platform/aws/queue.aws.ts';
import type { Clock } from '../platform/clock.ts';
import type { NewId } from '../platform/ids.ts';
import type { Table } from '../storage/index.ts';
import { groupKeyOf } from './group.ts';
import type { IncidentMember } from './incident.ts';
import { type Joining, joinIncident, putMember } from './join.ts';
import { groupOfParent } from './parent.ts';
import { wakeMessage } from './wake-due.ts';

export type PortTools = {
  readonly state: Pick<Table, 'get' | 'query' | 'put' | 'update'>;
  readonly incidents: Pick<Queue, 'send'>;
  readonly clock: Clock;
  readonly newId: NewId;
};

/** What alerts need of incidents. Every call may be made again and changes nothing then. */
export const incidentsPort = (tools: PortTools) => ({
  async groupOf(rule: RuleRecord, alert: Alert): Promise<string> {
    const { parentCheckId } = alert.subject;
    const parentGroup =
      parentCheckId === undefined ? undefined : await groupOfParent(tools.state, parentCheckId);
    return groupKeyOf(rule, alert, parentGroup);
  },
  join: (joining: Joining): Promise<string> => joinIncident(tools, joining),
  putMember: (incidentId: string, member: IncidentMember): Promise<void> =>
    putMember(tools.state, incidentId, member),
  wake: (wakes: readonly IncidentWake[]): Promise<void> => tools.incidents.send(wakes.map(wakeMessage)),
});
