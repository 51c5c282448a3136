import * as z from 'zod';
import { line } from '../platform/api/fields.ts';
import { defineRoute } from '../platform/api/route.ts';
import { actOn, askedPage, durations } from './act.ts';
import { decisions } from './decide-plan.ts';
import { replyWith } from './page.ts';

const facts = {
  function: 'api',
  path: '/api/v1/monitoring/act/{token}',
  scope: 'public',
  params: z.strictObject({
    token: z
      .string()
      .max(1000)
      .regex(/^[\w.-]+$/)
      .meta({
        description:
          'What a link in a notification ends with: signed, and valid for a week, or for as long as a plan may be approved.',
      }),
  }),
  success: { status: 200, contentType: 'text/html; charset=utf-8' },
  errors: ['NOT_FOUND'],
} as const;

export const showActionRoute = defineRoute({
  ...facts,
  id: 'showAction',
  method: 'GET',
  summary: 'What a link in a notification asks',
  description:
    'A page that shows the incident, or the plan that waits for people, and what can be done about it; it changes nothing, for mail scanners open links, too. An expired link answers with a page and 410, a forged one with 403.',
  run: async ({ params }, world) => replyWith(await askedPage(world, params.token)),
});

export const actRoute = defineRoute({
  ...facts,
  id: 'act',
  method: 'POST',
  summary: 'Do what a link in a notification is for',
  description:
    'The form of that page: acknowledges the incident, silences its alerts, or approves or rejects the plan. The same form twice acts once. Who did it is the channel that the link was told to, with the name that was given.',
  form: true,
  body: z.strictObject({
    once: z.string().regex(/^[0-9a-f]{24}$/, 'Send the form of the page.'),
    name: z.union([z.literal(''), line(60)]).default(''),
    duration: z.enum(durations as [string, ...string[]]).optional(),
    decision: z.enum(decisions).optional(),
  }),
  async run({ params, body }, world) {
    const { once, name, decision } = body;
    const duration = durations.find((one) => one === body.duration);
    return replyWith(await actOn(world, params.token, { once, name, duration, decision }));
  },
});

export const actRoutes = [showActionRoute, actRoute];
