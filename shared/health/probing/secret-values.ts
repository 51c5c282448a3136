import type { Judged } from './judge-look.ts';
import type { ProbePorts } from './ports.ts';

/** Shorter values would blot out ordinary words, and are no secrets. */
const shortestHidden = 4;
export const hiddenValue = '[secret]';

/**
 * Ports that remember which secrets were read, and a way to take those values out of what is kept: a target may send
 * back whatever it was sent (fault 29).
 */
export const hidingSecrets = (
  ports: ProbePorts,
): {
  readonly ports: ProbePorts;
  /** One more value to take out. */
  remember(value: string): void;
  hide(text: string): string;
  hideIn(judged: Judged): Judged;
} => {
  const values = new Set<string>();
  const remember = (value: string): void => {
    for (const form of [
      value,
      encodeURIComponent(value),
      Buffer.from(value).toString('base64'),
      JSON.stringify(value).slice(1, -1),
    ]) {
      if (form.length >= shortestHidden) values.add(form);
    }
  };
  // Longest first, for one may stand inside another.
  const hide = (text: string): string =>
    [...values]
      .sort((left, right) => right.length - left.length)
      .reduce((hidden, value) => hidden.replaceAll(value, hiddenValue), text);
  return {
    ports: {
      ...ports,
      secret: async (name) => {
        const value = await ports.secret(name);
        remember(value);
        return value;
      },
    },
    remember,
    hide,
    hideIn: (judged) => ({ ...judged, reason: judged.reason && hide(judged.reason) }),
  };
};
