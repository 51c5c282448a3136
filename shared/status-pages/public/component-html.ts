import type { DayBar } from '../../health/index.ts';
import { mark } from './frame-html.ts';
import { barDays, type Component, type ComponentGroup } from './page-model.ts';
import { stateWords } from './states.ts';
import { text } from './text.ts';
import { utcDay } from './times.ts';

/** Two decimals, cut: 99.999 % of a year is five minutes of downtime and no 100 %. */
export const percentText = (percent: number): string => `${Math.floor(percent * 100) / 100} %`;

const daySeconds = 86_400;

/** `12 min`, `1 h 5 min`, `40 s` */
export const lengthText = (seconds: number): string => {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (hours === 0) return `${minutes} min`;
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
};

/** With at least a tenth of the known time down, a day was a bad one. */
const badPercent = 90;
/** A day of which less is known is drawn with a gap. */
const wellKnown = 0.9;

type Drawn = { readonly shape: '' | 'p' | 'd' | 'm' | 'n' | 'h'; readonly words: string };

/** How a day is drawn and told. `lengthSeconds`: of the day so far. */
export const drawnDay = (bar: DayBar, lengthSeconds: number): Drawn => {
  const { uptimePercent, downtimeSeconds, knownSeconds, maintenanceSeconds } = bar;
  const maintained = maintenanceSeconds > 0 ? `, ${lengthText(maintenanceSeconds)} of maintenance` : '';
  if (uptimePercent === null || knownSeconds === 0) {
    return maintenanceSeconds > 0 ? { shape: 'm', words: 'maintenance' } : { shape: 'n', words: 'no data' };
  }
  const share = (knownSeconds + maintenanceSeconds) / Math.max(1, lengthSeconds);
  const partly = share < wellKnown ? `, ${Math.floor(share * 100)} % of the day known` : '';
  if (downtimeSeconds > 0) {
    const words = `${lengthText(downtimeSeconds)} of downtime${maintained}${partly}`;
    return { shape: uptimePercent < badPercent ? 'd' : 'p', words };
  }
  return { shape: partly === '' ? '' : 'h', words: `no downtime${maintained}${partly}` };
};

const lengthOf = ({ dayAt }: DayBar, now: number): number =>
  Math.min(daySeconds, Math.max(0, (now - dayAt) / 1000));

const uptimeText = ({ uptimePercent, coveragePercent }: Component): string => {
  if (uptimePercent === null) return 'no data yet';
  const coverage =
    coveragePercent !== null && coveragePercent < 99
      ? `, ${percentText(coveragePercent)} of the time known`
      : '';
  return `${percentText(uptimePercent)} uptime${coverage}`;
};

const countText = (count: number, one: string, many: string): string =>
  `${count} ${count === 1 ? one : many}`;

const barsHtml = (component: Component, now: number): string => {
  const days = component.bars.map((bar) => ({ bar, ...drawnDay(bar, lengthOf(bar, now)) }));
  const bad = days.filter(({ shape }) => shape === 'p' || shape === 'd').length;
  const empty = days.filter(({ shape }) => shape === 'n').length;
  const label = [
    `${barDays} days: ${uptimeText(component)}`,
    countText(bad, 'day with downtime', 'days with downtime'),
    ...(empty > 0 ? [countText(empty, 'day without data', 'days without data')] : []),
  ].join(', ');
  const bars = days
    .map(
      ({ bar, shape, words }) =>
        `<i${shape ? ` class="${shape}"` : ''} title="${utcDay(bar.dayAt)}: ${words}"></i>`,
    )
    .join('');
  const rows = days
    .filter(({ shape, bar }) => (shape !== '' && shape !== 'n') || bar.maintenanceSeconds > 0)
    .reverse()
    .map(({ bar, words }) => `<tr><th scope="row">${utcDay(bar.dayAt)}</th><td>${words}</td></tr>`);
  return `<div class="bars" role="img" aria-label="${text(label)}">${bars}</div>
<p class="ends"><span><span class="many">90 days ago</span><span class="few">30 days ago</span></span><span>${text(uptimeText(component))}${component.uptimePercent === null ? '' : '<span class="few"> in 90 days</span>'}</span><span>today</span></p>
${rows.length === 0 ? '' : daysTable(rows, component.label)}`;
};

/** The bars in words: readable without style, and by those who hear the page. */
const daysTable = (rows: readonly string[], label: string): string => `<details>
<summary>${countText(rows.length, 'day', 'days')} with downtime, maintenance or gaps</summary>
<div class="scroll"><table><caption class="soft">${text(label)}: days (UTC) that are not listed had no downtime, or no data</caption>
<thead><tr><th scope="col">Day</th><th scope="col">What happened</th></tr></thead>
<tbody>${rows.join('\n')}</tbody></table></div>
</details>`;

const componentHtml = (component: Component, now: number): string => `<li>
<div class="top"><h3>${text(component.label)}</h3><span class="state ${component.state}">${mark(component.state)} ${stateWords[component.state]}</span></div>
${barsHtml(component, now)}</li>`;

export const groupHtml = ({ name, description, components }: ComponentGroup, now: number): string =>
  components.length === 0
    ? ''
    : `<section>
<h2>${text(name)}</h2>
${description === undefined ? '' : `<p class="soft">${text(description)}</p>\n`}<ul class="list">
${components.map((component) => componentHtml(component, now)).join('\n')}
</ul>
</section>`;
