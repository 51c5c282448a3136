import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'vitest';
import type { Stack } from './stack.ts';

/** As the schemas' `date-time`: in UTC, to the millisecond. */
const isoInstant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** The events that the stack's bus took and the schemas that the stack publishes do not describe, each with why. */
export const unpublished = async (stack: Stack): Promise<readonly string[]> => {
  const { status, body } = await stack.api('GET', '/event-schemas.json', { token: null });
  expect(status).toBe(200);
  const ajv = new Ajv2020({ strict: true, allErrors: true, formats: { 'date-time': isoInstant } });
  const validate = ajv.compile(body);
  return stack
    .events()
    .filter(({ source }) => source === 'homeostat')
    .flatMap((event) =>
      validate(event) ? [] : [`${JSON.stringify(event)}: ${ajv.errorsText(validate.errors)}`],
    );
};

/** What tells of definitions and of who wrote them; of these every story has some. */
const ofDefinitions: readonly string[] = ['check.changed', 'rule.changed', 'audit.recorded'];

/** How often each type of event was taken, those that tell of definitions left out. */
export const told = (stack: Stack): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const { 'detail-type': type } of stack.events()) {
    if (!ofDefinitions.includes(type)) counts[type] = (counts[type] ?? 0) + 1;
  }
  return counts;
};
