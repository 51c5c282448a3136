import { recorded } from '../audit/index.ts';
import type { Place } from '../platform/environment.ts';
import type { AuditAction, HomeostatEvent } from '../platform/events.ts';
import type { Incident } from './incident.ts';

/** What a person did to an incident, for the audit. */
export type Said = {
  readonly action: AuditAction;
  readonly by: string;
  readonly text?: string | undefined;
  readonly alertId?: string | undefined;
};

export const commandAudit = (
  before: Incident,
  after: Incident,
  said: Said,
  { at, place }: { readonly at: number; readonly place: Place },
): HomeostatEvent =>
  recorded(
    {
      by: said.by,
      action: said.action,
      kind: 'incident',
      subjectId: after.id,
      name: after.title,
      deploymentId: after.deploymentId,
      before: sideOf(before),
      after: {
        ...sideOf(after),
        ...(said.text !== undefined && { text: said.text }),
        ...(said.alertId !== undefined && { alertId: said.alertId }),
      },
    },
    { id: `audit:incident:${after.id}@${after.version}`, at, place },
  );

/** What a command can change; the rest of an incident is Homeostat's own doing, and stands on its timeline. */
const sideOf = ({ status, acknowledgedBy, resolvedBy, escalationStep }: Incident) => ({
  status,
  acknowledgedBy: acknowledgedBy ?? null,
  resolvedBy: resolvedBy ?? null,
  escalationStep,
});
