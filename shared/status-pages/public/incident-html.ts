import type { IncidentState, PublicIncident, PublicMaintenance } from './page-model.ts';
import { text } from './text.ts';
import { clockTime, day, instant, timeTag } from './times.ts';

export const incidentWords: Readonly<Record<IncidentState, string>> = {
  investigating: 'Investigating',
  identified: 'Identified',
  resolved: 'Resolved',
};

const updateHtml = ({ at, state, text: said }: PublicIncident['updates'][number], timeZone: string): string =>
  `<li><b>${state === undefined ? 'Update' : incidentWords[state]}</b> <span class="soft">${timeTag(at, timeZone)}</span><div class="said">${text(said)}</div></li>`;

/** From one instant to another; of the same day the second is told by its time alone. */
const spanHtml = (from: number, to: number, timeZone: string): string =>
  `${timeTag(from, timeZone)} to ${timeTag(to, timeZone, day(from, timeZone) === day(to, timeZone) ? clockTime : instant)}`;

export const incidentHtml = (incident: PublicIncident, timeZone: string): string => {
  const { id, title, state, startedAt, resolvedAt, components, updates } = incident;
  const span =
    resolvedAt === undefined
      ? `since ${timeTag(startedAt, timeZone)}`
      : spanHtml(startedAt, resolvedAt, timeZone);
  const affects =
    components.length > 1 ? `<p class="soft">Affected: ${text(components.join(', '))}</p>\n` : '';
  return `<article class="card incident ${resolvedAt === undefined ? 'is-open' : 'is-over'}" id="i-${id}">
<div class="top"><h3>${text(title)}</h3><span class="state">${incidentWords[state]}</span></div>
<p class="soft">${span}</p>
${affects}<ol class="updates" reversed>
${updates.map((update) => updateHtml(update, timeZone)).join('\n')}
</ol>
</article>`;
};

export const maintenanceHtml = (planned: PublicMaintenance, timeZone: string): string => {
  const { startsAt, endsAt, isRunning, components } = planned;
  const span =
    endsAt === undefined
      ? `${timeTag(startsAt, timeZone)} until further notice`
      : spanHtml(startsAt, endsAt, timeZone);
  return `<article class="card planned">
<div class="top"><h3>${isRunning ? 'Maintenance: ' : ''}${text(components.join(', '))}</h3></div>
<p class="soft">${span}</p>
</article>`;
};

/** Under a heading for each day on which one began. */
export const incidentsByDay = (
  incidents: readonly PublicIncident[],
  timeZone: string,
  level: 'h2' | 'h3',
): string =>
  [...Map.groupBy(incidents, ({ startedAt }) => day(startedAt, timeZone))]
    .map(
      ([name, some]) =>
        `<${level} class="day">${name}</${level}>\n${some.map((one) => incidentHtml(one, timeZone)).join('\n')}`,
    )
    .join('\n');
