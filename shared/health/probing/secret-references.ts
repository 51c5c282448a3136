import type { ProbePorts } from './ports.ts';

/** `${secret:NAME}`, anywhere in a text of a config. */
const reference = /\$\{secret:([A-Za-z0-9_.-]{1,64})\}/g;

/** The names of all the secrets that a config speaks of, however deep. */
export const secretNamesIn = (value: unknown): ReadonlySet<string> => {
  const names = new Set<string>();
  const look = (one: unknown): void => {
    if (typeof one === 'string') {
      // What looks cheaply first, for hardly any text names a secret.
      if (one.includes('${')) for (const [, name = ''] of one.matchAll(reference)) names.add(name);
    } else if (one !== null && typeof one === 'object') {
      for (const inner of Object.values(one)) look(inner);
    }
  };
  look(value);
  return names;
};

/** A text with the values in place of the references. `escaped` makes a value fit for the place it goes to. */
export const textWithSecrets = async (
  text: string,
  ports: Pick<ProbePorts, 'secret'>,
  escaped: (value: string, name: string) => string = (value) => value,
): Promise<string> => {
  if (!text.includes('${secret:')) return text;
  const values = new Map<string, string>();
  for (const name of secretNamesIn(text)) values.set(name, escaped(await ports.secret(name), name));
  // One pass: a value that itself looks like a reference stays what it is.
  return text.replace(reference, (whole, name: string) => values.get(name) ?? whole);
};

/**
 * A config as the probe needs it: every `${secret:NAME}` in its texts replaced by the secret's value. Names of fields
 * stay as they are. Throws `CannotTell` when a secret cannot be read.
 */
export const withSecrets = async <T>(value: T, ports: Pick<ProbePorts, 'secret'>): Promise<T> =>
  secretNamesIn(value).size === 0 ? value : ((await replaced(value, ports)) as T);

const replaced = async (value: unknown, ports: Pick<ProbePorts, 'secret'>): Promise<unknown> => {
  if (typeof value === 'string') return textWithSecrets(value, ports);
  if (Array.isArray(value)) return Promise.all(value.map((one) => replaced(one, ports)));
  if (value === null || typeof value !== 'object') return value;
  const entries = await Promise.all(
    Object.entries(value).map(async ([name, one]) => [name, await replaced(one, ports)] as const),
  );
  return Object.fromEntries(entries);
};
