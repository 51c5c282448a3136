export type Environment = Readonly<Record<string, string | undefined>>;

const reference = /\$?\$\{env:([^}]*)\}/g;
const wellFormed = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s;

/**
 * Puts environment variables into a text value: `${env:NAME:-default}` gives NAME, or the default where NAME is
 * unset or empty; `$${env:…}` stands for itself. What comes out is always text. It is not meant for secrets: the
 * value goes into the definition, which the API shows.
 */
export const substitute = (
  text: string,
  environment: Environment,
): { readonly value: string } | { readonly fault: string } => {
  let fault: string | undefined;
  const value = text.replaceAll(reference, (whole, inside: string) => {
    if (whole.startsWith('$$')) return whole.slice(1);
    const [, name, fallback] = wellFormed.exec(inside) ?? [];
    if (name === undefined) {
      fault ??= `Write \${env:NAME} or \${env:NAME:-default}: ${whole} is neither.`;
      return '';
    }
    const found = environment[name];
    if (found !== undefined && found !== '') return found;
    if (fallback === undefined) {
      fault ??= `Set the environment variable ${name}, or give a default: \${env:${name}:-default}.`;
    }
    return fallback ?? '';
  });
  return fault === undefined ? { value } : { fault };
};

/** The text that `substitute` gives back unchanged; what an export writes. */
export const escapeSubstitution = (text: string): string =>
  text.replaceAll(/\$\{env:[^}]*\}/g, (reference) => `$${reference}`);
