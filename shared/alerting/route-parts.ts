import * as z from 'zod';
import { eventIdPattern } from './list-events.ts';
import { ruleIdSchema } from './model.ts';

/** What the routes of alerts share. */

export const alertsPath = '/api/v1/monitoring/alerts';
export const eventsPath = `${alertsPath}/events`;

export const withRuleId = z.strictObject({ id: ruleIdSchema });
export const withEventId = z.strictObject({ id: z.string().regex(eventIdPattern) });
