import type { PlanShown } from './page.ts';
import { text } from './text.ts';

/** Names of resources and permissions may be long, and what is approved must be seen whole. */
const longestValue = 2000;

export const planHtml = ({ title, severity, status, facts, actions, attempts }: PlanShown): string =>
  `<section class="${text(severity)}">
<h2>${text(title)}</h2>
<p class="marks"><span class="severity">${text(severity)}</span> <span>${text(status)}</span></p>
${factsHtml(facts)}
</section>
<h2>${actions.length === 1 ? 'What is done' : `What is done, in this order (${actions.length})`}</h2>
${actions.map(actionHtml).join('\n')}
<p class="soft">${text(attempts)}</p>`;

const factsHtml = (facts: PlanShown['facts']): string => `<dl>
${facts.map(([name, value]) => `<dt>${text(name)}</dt><dd>${text(value, longestValue)}</dd>`).join('\n')}
</dl>`;

type Shown = PlanShown['actions'][number];

const actionHtml = ({
  summary,
  risk,
  facts,
  rows,
  others,
}: Shown): string => `<section class="risk-${text(risk)}">
<h3>${text(summary, longestValue)}</h3>
${factsHtml(facts)}
<div class="changes"><table>
<thead><tr><th scope="col">Value</th><th scope="col">Before</th><th scope="col">After</th></tr></thead>
<tbody>
${rows.map(rowHtml).join('\n')}
</tbody>
</table></div>
${others > 0 ? `<p class="soft">and ${others} more values, which GET /api/v1/monitoring/plans/… shows</p>` : ''}
</section>`;

const rowHtml = ({ name, before, after, isChanged }: Shown['rows'][number]): string =>
  `<tr${isChanged ? ' class="changed"' : ''}><th scope="row">${text(name)}</th><td>${text(before, longestValue)}</td><td>${text(after, longestValue)}</td></tr>`;
