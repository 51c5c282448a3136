import type * as Zod from 'zod';
import { placeholdersIn } from '../conditions/condition.ts';
import { type ConditionParser, conditionField, sourceField } from '../conditions/schema.ts';
import { httpDefaults, httpMethods, stepUrlFault, urlFault, valuePlace } from './http-config.ts';
import type { CheckKind } from './kind.ts';
import { tlsFields } from './tls-fields.ts';

/** What the conditions of a step may speak of. */
const knownToSteps = new Set(['STATUS', 'BODY', 'HEADER', 'RESPONSE_TIME']);
const longestBody = 10_000;
const secretPlace = '$'.concat('{secret:NAME}');
const stepPlace = '$'.concat('{step:NAME}');

export const httpSchema: CheckKind['definition'] = (z, parser) => ({
  target: z
    .string()
    .max(2000)
    .superRefine((target, context) => {
      const message = urlFault(target);
      if (message) context.addIssue({ code: 'custom', message });
    })
    .meta({
      description: 'An http:// or https:// URL without user and password.',
      examples: ['https://example.com/'],
    }),
  config: z
    .strictObject({
      ...requestFields(z),
      auth: authField(z).optional(),
      followRedirects: z
        .int()
        .min(0)
        .max(10)
        .default(httpDefaults.followRedirects)
        .meta({ description: 'How many redirects to follow; 0 judges the first answer.' }),
      verifyTls: z.boolean().default(httpDefaults.verifyTls),
      certificateAuthorities: tlsFields(z).certificateAuthorities,
      httpVersion: z
        .union([z.enum(['1.1', '2']), z.literal([1.1, 2])], "Give '1.1' or '2'.")
        .transform((version) => (String(version) === '2' ? ('2' as const) : ('1.1' as const)))
        .optional()
        .meta({ description: "'1.1' (the default) or '2', which is then spoken from the first byte." }),
      steps: z.array(stepField(z, parser)).min(1).max(10).optional().meta({
        description:
          'Several requests in one session instead of the one to the target, which their URLs are read against.',
      }),
    })
    .superRefine((config, context) => {
      for (const { path, message } of configFaults(config))
        context.addIssue({ code: 'custom', path, message });
    }),
});

type Fault = { readonly path: (string | number)[]; readonly message: string };

const requestFields = (z: typeof Zod) => ({
  method: z.enum(httpMethods).default(httpDefaults.method),
  headers: headersField(z).default({}),
  body: z.string().max(longestBody).optional(),
  expectedStatus: z
    .array(
      z.union([z.int().min(200).max(599), z.string().refine(isStatusRange, { error: statusShape })], {
        error: statusShape,
      }),
    )
    .min(1)
    .max(20)
    .optional()
    .meta({
      description:
        "Statuses and ranges: `[200, '300-308']`. Left out: 200 to 299, or any where a condition speaks of `[STATUS]`.",
    }),
});

const headersField = (z: typeof Zod) =>
  z
    .record(
      z.string(),
      z
        .string()
        .max(4000)
        .regex(/^[\t\x20-\x7e\x80-\xff]*$/, 'Remove line breaks and other control characters.'),
    )
    .superRefine((headers, context) => {
      for (const name of Object.keys(headers)) {
        const message = headerFault(name);
        if (message) context.addIssue({ code: 'custom', path: [name], message });
      }
    })
    .refine((headers) => Object.keys(headers).length <= 50, { error: 'Give at most 50 headers.' });

const credential = /^[^\p{Cc}]*$/u;

const authField = (z: typeof Zod) => {
  const text = z.string().min(1).max(2000).regex(credential, 'Remove control characters.');
  return z
    .union(
      [
        z.strictObject({
          basic: z.strictObject({
            username: text.refine((name) => !name.includes(':'), 'A user name has no colon.'),
            password: z.string().max(2000).regex(credential, 'Remove control characters.'),
          }),
        }),
        z.strictObject({ bearer: text }),
      ],
      `Give {basic: {username, password}} or {bearer: "${secretPlace}"}.`,
    )
    .meta({ description: `Sent to the origin of the target only. Write secrets as \`${secretPlace}\`.` });
};

const stepField = (z: typeof Zod, parser: ConditionParser) =>
  z.strictObject({
    name: z
      .string()
      .min(1)
      .max(60)
      .regex(/^[^\p{Cc}]*$/u, 'Remove control characters.')
      .optional(),
    ...requestFields(z),
    url: z
      .string()
      .max(2000)
      .superRefine((url, context) => {
        const message = stepUrlFault(url);
        if (message) context.addIssue({ code: 'custom', message });
      })
      .meta({ description: 'A path such as `/login`, read against the target, or a whole URL.' }),
    conditions: z
      .array(
        conditionField(z, parser).refine(
          (condition) => [...placeholdersIn([condition])].every((one) => knownToSteps.has(one)),
          'A step knows [STATUS], [BODY], [HEADER] and [RESPONSE_TIME].',
        ),
      )
      .max(20)
      .optional(),
    capture: z
      .record(
        z.string().regex(/^[A-Za-z0-9_-]{1,40}$/, 'Use letters, digits, _ and - for the name of a value.'),
        sourceField(z, parser).refine(
          ({ of }) => of === 'BODY' || of === 'HEADER',
          'Values are captured from [BODY] or [HEADER].',
        ),
      )
      .refine((capture) => Object.keys(capture).length <= 10, { error: 'Capture at most 10 values.' })
      .optional()
      .meta({
        description: `Values that later steps write as \`${stepPlace}\`: \`{token: "[BODY].token"}\`.`,
      }),
  });

type Request = {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly expectedStatus?: unknown;
};
type Step = Request & {
  readonly url: string;
  readonly capture?: Readonly<Record<string, unknown>> | undefined;
};

const configFaults = (
  config: Request & { readonly auth?: unknown; readonly steps?: readonly Step[] | undefined },
): readonly Fault[] => [
  ...bodyFaults(config, []),
  ...(config.auth === undefined
    ? []
    : Object.keys(config.headers)
        .filter((name) => name.toLowerCase() === 'authorization')
        .map((name) => ({ path: ['headers', name], message: 'Leave this header out: auth sets it.' }))),
  ...captureFaults(config, [], new Set()),
  ...(config.steps ? sessionFaults(config, config.steps) : []),
];

const bodyFaults = ({ method, body }: Request, path: Fault['path']): readonly Fault[] =>
  body !== undefined && ['GET', 'HEAD'].includes(method)
    ? [{ path: [...path, 'body'], message: 'Give a method such as POST, or leave the body out.' }]
    : [];

const sessionFaults = (config: Request, steps: readonly Step[]): readonly Fault[] => {
  const faults: Fault[] = [];
  const message = 'Write it in the steps: with steps, nothing is asked of the target itself.';
  if (config.method !== httpDefaults.method) faults.push({ path: ['method'], message });
  if (config.body !== undefined) faults.push({ path: ['body'], message });
  if (config.expectedStatus !== undefined) faults.push({ path: ['expectedStatus'], message });
  const captured = new Set<string>();
  for (const [at, step] of steps.entries()) {
    faults.push(...bodyFaults(step, ['steps', at]), ...captureFaults(step, ['steps', at], captured));
    for (const name of Object.keys(step.capture ?? {})) captured.add(name);
  }
  return faults;
};

/** A value can only be used after it was captured. */
const captureFaults = (
  { headers, body = '', ...rest }: Request & { readonly url?: string },
  path: Fault['path'],
  captured: ReadonlySet<string>,
): readonly Fault[] => {
  const texts: [Fault['path'], string][] = [
    [['url'], rest.url ?? ''],
    [['body'], body],
    ...Object.entries(headers).map(([name, value]): [Fault['path'], string] => [['headers', name], value]),
  ];
  return texts.flatMap(([field, text]) =>
    [...text.matchAll(valuePlace)]
      .filter(([, kind, name = '']) => kind === 'step' && !captured.has(name))
      .map(([place]) => ({ path: [...path, ...field], message: `No earlier step captures ${place}.` })),
  );
};

/** Fields that frame the message or belong to the connection are the prober's own. */
const ownHeaders = new Set([
  'connection',
  'content-length',
  'expect',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

const headerFault = (name: string): string | undefined => {
  if (!/^[!#$%&'*+.^_`|~\w-]{1,100}$/.test(name))
    return 'Use letters, digits and hyphens for the name of a header.';
  return ownHeaders.has(name.toLowerCase()) ? 'Leave this header out: the prober sets it.' : undefined;
};

const statusShape = "Give a status such as 204 or a range such as '200-299'.";

const isStatusRange = (text: string): boolean => {
  const [, from, to = from] = /^([2-5]\d\d)(?:-([2-5]\d\d))?$/.exec(text) ?? [];
  return from !== undefined && to !== undefined && from <= to;
};
