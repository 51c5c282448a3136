import * as z from 'zod';
import { deploymentIdField, isoInstant, line, owners, timeZoneField } from '../platform/api/fields.ts';
import { DomainError, type FieldFault } from '../platform/errors.ts';
import { logoFault, mostLogoBytes } from './logo.ts';
import type { StatusPageDefinition } from './page.ts';

const mostGroups = 50;
/** Of all groups together: a page is read whole, by everybody, and its item holds at most 400 KB. */
const mostNamed = 200;

/** In base64, with what stands before it. */
const mostLogoCharacters = Math.ceil(mostLogoBytes / 3) * 4 + 40;

const link = (protocols: readonly string[], message: string) =>
  line(2000).refine((given) => {
    const url = URL.parse(given);
    return url !== null && protocols.includes(url.protocol) && url.username === '' && url.password === '';
  }, message);

export const slugField = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'Give 1 to 40 small letters, digits or hyphens, no hyphen first.')
  .meta({ description: 'The page is at /status/<slug>. Unique in the stack.', examples: ['web-shop'] });

const shownCheckField = z.strictObject({
  deploymentId: deploymentIdField.default('default'),
  name: line(200).meta({ description: 'Of a check.' }),
  label: line(100)
    .optional()
    .meta({
      description: 'What the public reads; the name of the check when left out.',
      examples: ['Checkout'],
    }),
});

const groupFields = {
  name: line(100).meta({ description: 'The heading.', examples: ['Shop'] }),
  description: line(500).optional(),
  checks: z
    .array(shownCheckField)
    .min(1, 'Name at least one check, or leave it out.')
    .max(mostNamed, `Give at most ${mostNamed}.`)
    .optional()
    .meta({ description: 'Shown first, in this order.' }),
  deploymentId: deploymentIdField.optional().meta({ description: 'All public checks of this deployment.' }),
  tag: line(300)
    .optional()
    .meta({
      description:
        'All public checks with this tag, of `deploymentId` where that is given: `name:value`, or `name` for any value.',
      examples: ['team:shop'],
    }),
};

const shape = {
  slug: slugField,
  name: line(100).meta({ description: 'The title of the page.', examples: ['Shop status'] }),
  description: line(500).optional(),
  logoUrl: z
    .string()
    .min(1)
    .max(mostLogoCharacters, `Give an image of at most ${mostLogoBytes} bytes, or an https: address.`)
    .superRefine((given, context) => {
      const message = logoFault(given);
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    })
    .optional()
    .meta({
      description: `An https: address, or an image as data:image/png, svg+xml, webp or jpeg in base64, at most ${mostLogoBytes} bytes. Used as the src of an <img> only, where scripts of an SVG do not run.`,
    }),
  homeUrl: link(['https:', 'http:'], 'Give an http:// or https:// address without a password.')
    .optional()
    .meta({ description: 'Where the logo leads to.' }),
  supportUrl: link(
    ['https:', 'http:', 'mailto:'],
    'Give an http://, https:// or mailto: address without a password.',
  )
    .optional()
    .meta({ description: 'Where people who need help go.', examples: ['mailto:help@shop.example'] }),
  accentColor: z
    .string()
    .regex(/^#[0-9A-Fa-f]{6}$/, 'Give a colour such as #0a7d5c.')
    .transform((colour) => colour.toLowerCase())
    .optional(),
  timeZone: timeZoneField.default('UTC'),
  isPublished: z
    .boolean()
    .default(true)
    .meta({ description: 'false: nobody sees it without a token, as if it were not there.' }),
  groups: z
    .array(z.strictObject(groupFields))
    .min(1, 'Give at least one group.')
    .max(mostGroups, `Give at most ${mostGroups}.`)
    .meta({ description: 'Each takes checks by name, of a deployment, with a tag; at least one of these.' }),
};

/** A status page as people write it, over the API and in `homeostat.yaml` alike. */
export const statusPageDefinitionSchema = z.strictObject(shape).meta({ id: 'StatusPage' });
export const statusPageReplacementSchema = z.strictObject({ ...shape, slug: slugField.optional() });
export type StatusPageInput = z.output<typeof statusPageDefinitionSchema>;

const hiddenCheckSchema = z.strictObject({
  deploymentId: z.string(),
  name: z.string(),
  why: z.enum(['not public', 'not there']),
});

const viewFields = {
  id: z.string(),
  slug: z.string(),
  name: z.string(),
  description: z.string().optional(),
  logoUrl: z.string().optional(),
  homeUrl: z.string().optional(),
  supportUrl: z.string().optional(),
  accentColor: z.string().optional(),
  timeZone: z.string(),
  isPublished: z.boolean(),
};
/** A page as answers show it: every default filled in, and what of it the public does not see. */
export const statusPageViewSchema = z
  .strictObject({
    ...viewFields,
    groups: z.array(
      z.strictObject({
        name: z.string(),
        description: z.string().optional(),
        checks: z
          .array(z.strictObject({ deploymentId: z.string(), name: z.string(), label: z.string().optional() }))
          .optional(),
        deploymentId: z.string().optional(),
        tag: z.string().optional(),
        shown: z.int().meta({ description: 'How many checks the public sees in it now.' }),
        hidden: z.array(hiddenCheckSchema).meta({
          description: 'Checks that it names and nobody sees: they do not say `isPublic`, or are gone.',
        }),
      }),
    ),
    managedBy: owners,
    revision: z.int(),
    createdAt: isoInstant,
    updatedAt: isoInstant,
  })
  .meta({ id: 'StatusPageView' });

const faultsOf = ({ groups }: StatusPageInput): FieldFault[] => {
  const faults: FieldFault[] = [];
  const named = groups.reduce((sum, { checks = [] }) => sum + checks.length, 0);
  if (named > mostNamed)
    faults.push({ path: 'groups', message: `Name at most ${mostNamed} checks; these are ${named}.` });
  for (const [at, { name, checks, deploymentId, tag }] of groups.entries()) {
    if (groups.findIndex((other) => other.name === name) < at)
      faults.push({
        path: `groups[${at}].name`,
        message: 'Another group is called so: give it another name.',
      });
    if (checks === undefined && deploymentId === undefined && tag === undefined)
      faults.push({ path: `groups[${at}].checks`, message: 'Give checks, a deploymentId or a tag.' });
    const keys = (checks ?? []).map((check) => `${check.deploymentId}\n${check.name}`);
    for (const [index, key] of keys.entries()) {
      if (keys.indexOf(key) < index)
        faults.push({
          path: `groups[${at}].checks[${index}].name`,
          message: 'Name each check once in a group.',
        });
    }
  }
  return faults;
};

/** The definition that is kept. Throws VALIDATION_ERROR with the fields at fault. */
export const resolveStatusPage = (written: StatusPageInput): StatusPageDefinition => {
  const faults = faultsOf(written);
  if (faults.length > 0)
    throw new DomainError('VALIDATION_ERROR', 'The status page cannot be as it is defined.', faults);
  return written;
};
