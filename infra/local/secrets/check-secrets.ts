import { join } from 'node:path';
import { inFile, mostValueBytes } from './parameter-file.ts';

/** The file under the data folder that stands for SSM on one machine: what checks mean by `${secret:NAME}`. */
export const checkSecretsFile = 'check-secrets.json';

/** Under it the secrets of checks are kept, as in a deployed stack of this name. */
const path = '/homeostat/Homeostat/';

const namePattern = /^[A-Za-z0-9_.-]{1,64}$/;

/** The secrets of checks on this machine, values by name. `dir` is the data folder (`.homeostat`). */
export const readSecrets = (dir: string): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(inFile(join(dir, checkSecretsFile)).read()).flatMap(([name, { Value }]) =>
      name.startsWith(path) ? [[name.slice(path.length), Value] as const] : [],
    ),
  );

/**
 * Sets a secret for the checks on this machine; a running host sees it with the next look. Throws a sentence when
 * SSM would not take name or value either.
 */
export const writeSecret = (dir: string, name: string, value: string): void => {
  if (!namePattern.test(name))
    throw new Error(`${name} is no name for a secret: use 1 to 64 letters, digits, _ . or -`);
  const bytes = Buffer.byteLength(value);
  if (bytes === 0 || bytes > mostValueBytes)
    throw new Error(`a secret has 1 to ${mostValueBytes} bytes, this one has ${bytes}`);
  inFile(join(dir, checkSecretsFile)).change((stored) => {
    const Version = (stored[path + name]?.Version ?? 0) + 1;
    stored[path + name] = {
      Type: 'SecureString',
      Value: value,
      Version,
      LastModifiedDate: Date.now() / 1000,
    };
  });
};

/** Whether there was one of this name. */
export const removeSecret = (dir: string, name: string): boolean =>
  inFile(join(dir, checkSecretsFile)).change((stored) => {
    const wasThere = stored[path + name] !== undefined;
    delete stored[path + name];
    return wasThere;
  });
