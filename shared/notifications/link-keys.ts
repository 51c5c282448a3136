import type { Secret } from '../platform/aws/secret.aws.ts';
import type { Clock } from '../platform/clock.ts';

/** A key that was replaced is used for no longer than this; until then it costs one read a function. */
const keptMs = 5 * 60_000;
/** As many bits as the hash has; a shorter key could be guessed offline from one link. */
const shortestKey = 32;

/**
 * The keys in the secret, the one that signs first: a text is one key, a JSON list several, `{"keys": [...]}` the same.
 * To replace a key, put the new one before the old one, and take the old one out a week later.
 */
export const linkKeysIn = (text: string): readonly string[] => {
  const keys = listIn(text.trim());
  if (keys.length === 0 || keys.some((key) => typeof key !== 'string' || key.length < shortestKey)) {
    throw new Error(`the secret that signs links must hold keys of at least ${shortestKey} characters`);
  }
  return keys as readonly string[];
};

const listIn = (text: string): readonly unknown[] => {
  if (!/^[[{]/.test(text)) return [text];
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // A generated key may begin with a bracket.
    return [text];
  }
  if (Array.isArray(parsed)) return parsed;
  const { keys } = parsed as { readonly keys?: unknown };
  return Array.isArray(keys) ? keys : [];
};

/** Reads the keys when they are first needed, and again when they are five minutes old. */
export const openLinkKeys = (
  secret: Pick<Secret, 'read'>,
  clock: Clock,
): (() => Promise<readonly string[]>) => {
  let kept: { readonly keys: Promise<readonly string[]>; readonly until: number } | undefined;
  return () => {
    if (!kept || kept.until <= clock()) {
      const keys = secret.read().then(linkKeysIn);
      kept = { keys, until: clock() + keptMs };
      keys.catch(() => {
        kept = undefined;
      });
    }
    return kept.keys;
  };
};
