import { toIso } from '../../platform/clock.ts';
import { pathOf } from './frame-html.ts';
import { groupsNow, overallNow } from './page-html.ts';
import type { PublicIncident, PublicPage } from './page-model.ts';
import type { Summary } from './summary-schema.ts';
import { printable } from './text.ts';

const isoOrNull = (at: number | undefined): string | null => (at === undefined ? null : toIso(at));

const incidentOf = ({ id, title, state, startedAt, resolvedAt, components, updates }: PublicIncident) => ({
  id,
  title: printable(title),
  status: state,
  startedAt: toIso(startedAt),
  resolvedAt: isoOrNull(resolvedAt),
  components: components.map(printable),
  updates: updates.map((update) => ({
    at: toIso(update.at),
    status: update.state ?? null,
    text: printable(update.text),
  })),
});

/** The page for programs. */
export const summaryOf = (
  page: PublicPage,
  given: { publicUrl: string; now: number; isStale: boolean },
): Summary => {
  const { face, open, past, maintenance, readAt } = page;
  const { state, sentence } = overallNow(page, given.now, given.isStale);
  return {
    page: {
      slug: face.slug,
      name: printable(face.name),
      url: `${given.publicUrl}${pathOf(face)}`,
      timeZone: face.timeZone,
      updatedAt: toIso(readAt),
      isStale: given.isStale,
    },
    status: { state, description: sentence },
    components: groupsNow(page, given.now, given.isStale).flatMap((group) =>
      group.components.map((component) => ({
        name: printable(component.label),
        group: printable(group.name),
        status: component.state,
        uptimePercent90d: component.uptimePercent,
        coveragePercent90d: component.coveragePercent,
      })),
    ),
    incidents: [...open, ...past].map(incidentOf),
    maintenance: maintenance.map(({ startsAt, endsAt, isRunning, components }) => ({
      status: isRunning ? 'running' : 'scheduled',
      startsAt: toIso(startsAt),
      endsAt: isoOrNull(endsAt),
      components: components.map(printable),
    })),
  };
};
