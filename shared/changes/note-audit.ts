import type { Table } from '../storage/table.ts';
import { noteChange } from './note.ts';
import type { Topic } from './topics.ts';

/** What shows the things that the audit knows by these kinds. */
const topicOfKind: Readonly<Record<string, Topic>> = {
  check: 'checks',
  deployment: 'deployments',
  rule: 'rules',
  channel: 'channels',
  silence: 'mutes',
  maintenance: 'mutes',
  policy: 'policies',
  scaler: 'scaling',
  'status-page': 'statusPages',
  settings: 'settings',
  token: 'settings',
  incident: 'incidents',
  plan: 'remediations',
  remediation: 'stop',
  notification: 'notifications',
};

/** Tells that what people write was written, once the audit keeps it: a second or two after the write. */
export const noteAudit = async (
  state: Pick<Table, 'put'>,
  { kind, id }: { readonly kind: string; readonly id: string },
): Promise<void> => {
  const topic = Object.hasOwn(topicOfKind, kind) ? topicOfKind[kind] : undefined;
  if (topic !== undefined) await noteChange(state, topic, id);
};
