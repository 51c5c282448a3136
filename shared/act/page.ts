import { createHash } from 'node:crypto';
import type { ApiReply } from '../platform/api/route.ts';
import { planHtml } from './plan-html.ts';
import { style } from './style.ts';
import { text } from './text.ts';

/** What one page shows. All of it is text: it comes from people and from hostile targets. */
export type Page = {
  readonly status?: number;
  readonly title: string;
  /** Paragraphs. */
  readonly text: readonly string[];
  readonly incident?: IncidentShown | undefined;
  readonly plan?: PlanShown | undefined;
  readonly forms?: readonly Form[] | undefined;
};

export type IncidentShown = {
  readonly title: string;
  readonly severity: string;
  readonly status: string;
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly alerts: readonly { readonly subject: string; readonly reason: string }[];
  /** How many more there are. */
  readonly others: number;
};

export type PlanShown = Pick<IncidentShown, 'title' | 'severity' | 'status' | 'facts'> & {
  readonly actions: readonly {
    readonly summary: string;
    readonly risk: string;
    readonly facts: readonly (readonly [name: string, value: string])[];
    /** What is, and what will be; `isChanged` is what the action is about. */
    readonly rows: readonly {
      readonly name: string;
      readonly before: string;
      readonly after: string;
      readonly isChanged: boolean;
    }[];
    /** How many more values there are. */
    readonly others: number;
  }[];
  readonly attempts: string;
};

export type Form = {
  /** New for each page: sending it twice acts once, and only for what the page asked. */
  readonly once: string;
  /** What stands before the buttons. */
  readonly asks?: string;
  readonly buttons: readonly {
    readonly label: string;
    readonly duration?: string;
    readonly decision?: string;
  }[];
  /** Their name counts: of several people who must agree, say. */
  readonly needsName?: boolean | undefined;
};

/**
 * No script, nothing from elsewhere, in nobody's frame; a form may go only where the page came from. The address is
 * itself the right to act, so that no referrer and no cache may keep it.
 */
const policy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

/** A page as the route answers it. */
export const replyWith = (page: Page): ApiReply => ({
  ...(page.status !== undefined && { status: page.status }),
  body: htmlOf(page),
  contentSecurityPolicy: policy,
});

const htmlOf = ({ title, text: paragraphs, incident, plan, forms = [] }: Page): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<meta name="referrer" content="no-referrer">
<title>${text(title)} · Homeostat</title>
<style>${style}</style>
</head>
<body>
<main>
<p class="brand">Homeostat</p>
<h1>${text(title)}</h1>
${paragraphs.map((one) => `<p>${text(one)}</p>`).join('\n')}
${incident ? incidentHtml(incident) : ''}
${plan ? planHtml(plan) : ''}
${forms.map(formHtml).join('\n')}
</main>
</body>
</html>
`;

const incidentHtml = ({ title, severity, status, facts, alerts, others }: IncidentShown): string =>
  `<section class="${text(severity)}">
<h2>${text(title)}</h2>
<p class="marks"><span class="severity">${text(severity)}</span> <span>${text(status)}</span></p>
<dl>
${facts.map(([name, value]) => `<dt>${text(name)}</dt><dd>${text(value)}</dd>`).join('\n')}
</dl>
${alerts.length > 0 ? `<ul>\n${alerts.map(alertHtml).join('\n')}\n</ul>` : ''}
${others > 0 ? `<p class="soft">and ${others} more</p>` : ''}
</section>`;

const alertHtml = ({ subject, reason }: { readonly subject: string; readonly reason: string }): string =>
  `<li><b>${text(subject)}</b> <span>${text(reason)}</span></li>`;

const formHtml = (
  { once, asks, buttons, needsName = false }: Form,
  index: number,
): string => `<form method="post">
<input type="hidden" name="once" value="${text(once)}">
<label for="name${index}">Your name <span class="soft">(${needsName ? '' : 'optional; '}others see it)</span></label>
<input id="name${index}" name="name" maxlength="60" autocomplete="name"${needsName ? ' required' : ''}>
${asks === undefined ? '' : `<p class="asks" id="asks${index}">${text(asks)}</p>`}
<div class="buttons"${asks === undefined ? '' : ` role="group" aria-labelledby="asks${index}"`}>
${buttons
  .map(({ label, duration, decision }) => {
    if (duration !== undefined)
      return `<button name="duration" value="${text(duration)}">${text(label)}</button>`;
    if (decision === undefined) return `<button>${text(label)}</button>`;
    return `<button name="decision" value="${text(decision)}" class="${text(decision)}">${text(label)}</button>`;
  })
  .join('\n')}
</div>
</form>`;
