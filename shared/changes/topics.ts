/** What may have changed, as whoever shows it groups it. */
export const topics = [
  'checks',
  'incidents',
  'remediations',
  'stop',
  'findings',
  'rules',
  'channels',
  'mutes',
  'policies',
  'scaling',
  'deployments',
  'statusPages',
  'settings',
  'notifications',
] as const;
export type Topic = (typeof topics)[number];
