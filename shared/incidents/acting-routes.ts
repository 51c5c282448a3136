import * as z from 'zod';
import { eventsPath, requireEvent, withEventId } from '../alerting/api.ts';
import { line } from '../platform/api/fields.ts';
import { type ApiRoute, defineRoute } from '../platform/api/route.ts';
import { DomainError } from '../platform/errors.ts';
import { commandWorldOf } from './command-world.ts';
import { acknowledge, comment, escalate, resolveByHand, unacknowledge } from './commands.ts';
import { incidentsPath, requireIncident, withIncidentId } from './route-parts.ts';
import { incidentViewSchema, viewOfIncident } from './views.ts';

/** What people do to an incident, by its own id or by that of one of its events. */

type Given = { readonly text?: string | undefined; readonly isPublic?: boolean | undefined };

const withText: z.ZodType<Given> = z.strictObject({
  text: line(2000).optional().meta({ description: 'Why; it stands on the timeline.' }),
});
const withComment: z.ZodType<Given> = z.strictObject({
  text: line(2000).meta({ description: 'What to keep on the timeline.', examples: ['The disk was full.'] }),
  isPublic: z.boolean().default(false).meta({
    description:
      'true: an update for everybody. The status pages that show the incident show these words, which cannot be taken back.',
  }),
});

type Acting = {
  /** The end of the path, and the beginning of the operation's id. */
  readonly name: 'acknowledge' | 'unacknowledge' | 'comment' | 'resolve' | 'escalate';
  readonly act: typeof acknowledge;
  readonly summary: string;
  readonly description: string;
};

const actings: readonly Acting[] = [
  {
    name: 'acknowledge',
    act: acknowledge,
    summary: 'Acknowledge an incident',
    description:
      'Reminders and escalation stop until it is resolved; channels are told who has it. Twice changes nothing.',
  },
  {
    name: 'unacknowledge',
    act: unacknowledge,
    summary: 'Give an incident back',
    description: 'Reminders and escalation begin anew.',
  },
  {
    name: 'comment',
    act: comment,
    summary: 'Comment on an incident',
    description:
      'Keeps a note on its timeline; no channel is told. With `isPublic` it stands there as `published`, and the status pages that show the incident show it; no other text of an incident is ever public.',
  },
  {
    name: 'resolve',
    act: resolveByHand,
    summary: 'Resolve an incident by hand',
    description:
      'All its alerts within reach of the token count as resolved, and channels are told. An alert fires again only after its condition was clear once.',
  },
  {
    name: 'escalate',
    act: escalate,
    summary: 'Escalate an incident now',
    description: 'Takes the next step of its escalation at once.',
  },
];

const factsOf = ({ name }: Acting) =>
  ({
    function: 'api',
    method: 'POST',
    scope: 'operate',
    success: { status: 200, schema: incidentViewSchema },
    ...(name === 'comment' ? { body: withComment } : { body: withText, optionalBody: true as const }),
    errors: ['NOT_FOUND', 'CONFLICT'],
  }) as const;

const capitalized = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

const onIncident = (acting: Acting): ApiRoute =>
  defineRoute({
    ...factsOf(acting),
    id: `${acting.name}Incident`,
    path: `${incidentsPath}/{id}/${acting.name}`,
    summary: acting.summary,
    description: acting.description,
    params: withIncidentId,
    async run({ params, body, caller }, world) {
      const { id } = params;
      await requireIncident(world.state, id, caller.deployments);
      const given = { by: caller.principal, reach: caller.deployments, ...body };
      return { body: viewOfIncident(await acting.act(commandWorldOf(world), id, given)) };
    },
  });

/** Escalation is of the whole incident only. */
const eventActings = actings.filter(({ name }) => name !== 'escalate');

const eventDescriptions: Readonly<Record<string, string>> = {
  resolve:
    'This alert alone counts as resolved; it fires again only after its condition was clear once. When it was the last one, its incident is resolved.',
};

const onEvent = (acting: Acting): ApiRoute =>
  defineRoute({
    ...factsOf(acting),
    id: `${acting.name}AlertEvent`,
    path: `${eventsPath}/{id}/${acting.name}`,
    summary: `${capitalized(acting.name)}${acting.name === 'comment' ? ' on' : ''} the incident of an event`,
    description: `${eventDescriptions[acting.name] ?? acting.description} Answers with the incident that the event belongs to.`,
    params: withEventId,
    async run({ params, body, caller }, world) {
      const event = await requireEvent(world.state, params.id, caller.deployments);
      const { incidentId, alertId } = event;
      if (incidentId === undefined) {
        throw new DomainError(
          'CONFLICT',
          'The event belongs to no incident yet. It joins one within seconds: try again.',
        );
      }
      await requireIncident(world.state, incidentId, caller.deployments);
      const given = { by: caller.principal, reach: caller.deployments, ...body, alertId };
      return { body: viewOfIncident(await acting.act(commandWorldOf(world), incidentId, given)) };
    },
  });

export const actingRoutes = [...actings.map(onIncident), ...eventActings.map(onEvent)];
