import type * as Zod from 'zod';
import { hidden, hideSecrets } from '../../health/index.ts';
import type { FieldFault } from '../../platform/errors.ts';
import { templateFault } from '../template.ts';

/** Fields of configs that several types of channels share. They get zod as an argument, as the types do. */

const referenceHint =
  `Write \${secret:NAME} and set the value with homeostat secrets set NAME: ` +
  'the value itself is never stored in a channel.';

/** A value that is itself secret: nothing but a reference. */
export const secretField = (z: typeof Zod) =>
  z.string({ error: referenceHint }).regex(/^\$\{secret:[A-Za-z0-9_.-]{1,64}\}$/, referenceHint);

const forged = /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

const template = (z: typeof Zod, most: number, isMultiline: boolean) =>
  z
    .string()
    .min(1, 'Give at least one character.')
    .max(most, `Give at most ${most} characters.`)
    .refine(
      (text) => !forged.test(isMultiline ? text.replaceAll('\n', '') : text),
      'Leave out control characters.',
    )
    .superRefine((text, context) => {
      const message = templateFault(text);
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    });

/** What people may say in their own words. */
export const templateFields = (z: typeof Zod) => ({
  title: template(z, 200, false)
    .optional()
    .meta({ description: 'In place of the usual title, such as `{{labels.team}}: {{title}}`.' }),
  text: template(z, 2000, true)
    .optional()
    .meta({ description: 'In place of the usual text, such as `{{reason}} ({{deployment}})`.' }),
});

const reference = /\$\{secret:[A-Za-z0-9_.-]{1,64}\}/g;
const addressHint = `Give an https:// URL, or \${secret:NAME} where the whole URL is secret.`;

/** A whole reference, or a URL in whose path and query references may stand: whoever receives is written out. */
export const addressField = (z: typeof Zod) =>
  z
    .string({ error: addressHint })
    .max(2000)
    .superRefine((text, context) => {
      const message = addressFault(text);
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    })
    .meta({ description: 'Where to send it. Private addresses only when the stack allows their range.' });

const addressFault = (text: string): string | undefined => {
  if (text.replace(reference, '') === '' && text.match(reference)?.length === 1) return undefined;
  if (/[\s\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u.test(text))
    return 'Leave out blanks, line breaks and invisible characters.';
  const [one, other] = ['a', 'b'].map((value) => URL.parse(text.replace(reference, value)));
  if (!one || !other || (one.protocol !== 'https:' && one.protocol !== 'http:')) {
    return addressHint;
  }
  if (one.origin !== other.origin)
    return 'Write scheme, host and port out: secrets may stand in the path and in the query.';
  if (one.username !== '' || one.password !== '')
    return 'Leave user and password out of the URL; send an authorization header instead.';
  return undefined;
};

export const authoritiesField = (z: typeof Zod) =>
  z
    .string()
    .max(12_000, 'Give at most 12000 characters.')
    .regex(
      /-----BEGIN CERTIFICATE-----/,
      'Give certificates in PEM: they begin with -----BEGIN CERTIFICATE-----.',
    )
    .meta({ description: 'PEM: the certificates to trust in place of the public ones.' });

/** Those that frame the message or tell whose it is are ours. */
const ownHeaders =
  /^(host|content-length|content-type|transfer-encoding|connection|upgrade|te|trailer|expect|x-homeostat-.*)$/i;

const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/;

export const headersField = (z: typeof Zod) =>
  z
    .record(z.string(), z.string().max(2000))
    .superRefine((headers, context) => {
      for (const fault of headerFaults(headers)) {
        context.addIssue({ code: 'custom', message: fault.message, path: [fault.path] });
      }
    })
    .meta({
      description:
        'At most 20; those that look secret take nothing but references, after a scheme such as `Bearer`.',
    });

const headerFaults = (headers: Readonly<Record<string, string>>): FieldFault[] => {
  const names = Object.keys(headers);
  if (names.length > 20) return [{ path: '', message: 'Give at most 20 headers.' }];
  const shown = hideSecrets(headers);
  return names.flatMap((path): FieldFault[] => {
    if (!headerName.test(path)) return [{ path, message: 'Name a header with letters, digits and hyphens.' }];
    if (ownHeaders.test(path)) return [{ path, message: 'Leave it out: Homeostat sets it itself.' }];
    if (!/^[\t\x20-\x7e]*$/.test(headers[path] ?? ''))
      return [{ path, message: 'Leave out control characters and what is not ASCII.' }];
    return shown[path] === hidden ? [{ path, message: referenceHint }] : [];
  });
};

/** Where the API of a service is, when it is not at the usual place. */
export const apiUrlField = (z: typeof Zod, example: string) =>
  z
    .url({ protocol: /^https?$/, error: `Give a URL such as ${example}.` })
    .max(500)
    .regex(/^[^?#@\s]*\/$/, 'End it with a slash, without user, query and fragment.');
