import type { IncidentWake, SendWake } from '../alerting/index.ts';

const textIn = (body: Readonly<Record<string, unknown>>, name: string): string => {
  const value = body[name];
  if (typeof value !== 'string' || value === '' || value.length > 1000) {
    throw new Error(`the message has no ${name}`);
  }
  return value;
};

/** What the queue of incidents carries; throws where it is neither. */
export const parseIncidentMessage = (body: unknown): IncidentWake | SendWake => {
  if (typeof body !== 'object' || body === null) throw new Error('the message is no object');
  const fields = body as Readonly<Record<string, unknown>>;
  const incidentId = textIn(fields, 'incidentId');
  return fields.kind === 'send'
    ? { kind: 'send', channelId: textIn(fields, 'channelId'), incidentId }
    : { incidentId, groupKey: textIn(fields, 'groupKey') };
};
