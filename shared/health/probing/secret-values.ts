import type { Judged } from './judge-look.ts';
import type { ProbePorts } from './ports.ts';

/** Shorter values would blot out ordinary words, and are no secrets. */
const shortestHidden = 4;
export const hiddenValue = '[secret]';

/** Values that are to stand in no text that is kept, in whichever form somebody sends them back (fault 29). */
export const hiddenValues = (): { remember(value: string): void; hide(text: string): string } => {
  let values: Set<string> | undefined;
  // Made when there is something to tell: most looks tell nothing.
  let forms: readonly string[] | undefined;
  return {
    remember: (value) => {
      values ??= new Set();
      values.add(value);
      forms = undefined;
    },
    hide: (text) => {
      if (!values) return text;
      forms ??= allForms(values);
      return forms.reduce((hidden, form) => hidden.replaceAll(form, hiddenValue), text);
    },
  };
};

/**
 * Ports that remember which secrets were read, and a way to take those values out of what is kept: a target may send
 * back whatever it was sent.
 */
export const hidingSecrets = (
  ports: ProbePorts,
): {
  portsOf(): ProbePorts;
  /** One more value to take out. */
  remember(value: string): void;
  hide(text: string): string;
  hideIn(judged: Judged): Judged;
} => {
  const { remember, hide } = hiddenValues();
  return {
    portsOf: () => ({
      ...ports,
      secret: async (name) => {
        const value = await ports.secret(name);
        remember(value);
        return value;
      },
    }),
    remember,
    hide,
    hideIn: (judged) => ({ ...judged, reason: judged.reason && hide(judged.reason) }),
  };
};

/** Longest first, for one may stand inside another. */
const allForms = (values: ReadonlySet<string>): readonly string[] =>
  [...new Set([...values].flatMap(formsOf))]
    .filter((form) => form.length >= shortestHidden)
    .sort((left, right) => right.length - left.length);

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** How a server may write what it was sent: in addresses, pages, JSON, and dumps of headers. */
const formsOf = (value: string): readonly string[] => {
  const bytes = Buffer.from(value);
  const coded = encodeURIComponent(value.toWellFormed());
  const percent = [
    coded,
    // URLs write the apostrophe of a query so, and strict encoders five signs more.
    coded.replaceAll("'", '%27'),
    coded.replace(/[!'()*]/g, percentOf),
    new URLSearchParams([['', value]]).toString().slice(1),
  ];
  return [
    value,
    value.trim(),
    JSON.stringify(value).slice(1, -1),
    value.replace(/[&<>"']/g, (sign) => entities[sign] ?? sign),
    ...percent,
    ...percent.map((text) => text.replace(/%../g, (one) => one.toLowerCase())),
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
    bytes.toString('hex'),
  ];
};

const percentOf = (sign: string): string => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`;
