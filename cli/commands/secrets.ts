import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { readSecrets, removeSecret, writeSecret } from '../../infra/local/secrets/check-secrets.ts';
import { CommandError } from '../failure.ts';
import { say, sayAside } from '../output.ts';

export type SecretOptions = { readonly stack?: string; readonly region?: string };

/** Where secrets are kept: in SSM for a deployed stack, in a file that only its owner reads for the host here. */
type Keeper = {
  readonly where: string;
  set(name: string, value: string): Promise<void>;
  list(): Promise<readonly string[]>;
  /** Whether there was one. */
  remove(name: string): Promise<boolean>;
};

const namePattern = /^[A-Za-z0-9_.-]{1,64}$/;

const keeperOf = async ({ stack, region }: SecretOptions): Promise<Keeper> => {
  if (stack !== undefined) return (await import('../stack-secrets.aws.ts')).stackSecrets(stack, region);
  const url = process.env.HOMEOSTAT_URL;
  if (url && !/^https?:\/\/(127\.0\.0\.1|localhost|\[::1\])[:/]?/.test(url)) {
    throw new CommandError(
      `HOMEOSTAT_URL names a deployed stack: say which with --stack, as CloudFormation calls it (Homeostat when nothing else was configured).`,
    );
  }
  const folder = process.env.HOMEOSTAT_DATA || '.homeostat';
  return {
    where: `for the host on this machine (${folder})`,
    set: async (name, value) => writeSecret(folder, name, value),
    list: async () => [...readSecrets(folder).keys()].sort(),
    remove: async (name) => removeSecret(folder, name),
  };
};

const requireName = (name: string): void => {
  if (namePattern.test(name)) return;
  throw new CommandError(`«${name}» is no name for a secret: use 1 to 64 letters, digits, _ . or -`);
};

/** Asked for without echo on a terminal, else the whole standard input without the line's end. Never an argument: those stay in the shell's history. */
const readValue = async (name: string): Promise<string> => {
  if (!process.stdin.isTTY) return (await text(process.stdin)).replace(/\r?\n$/, '');
  process.stderr.write(`Value of ${name} (not shown): `);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true });
  try {
    return await lines.question('');
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
};

export const setSecret = async (name: string, options: SecretOptions): Promise<void> => {
  requireName(name);
  const keeper = await keeperOf(options);
  const value = await readValue(name);
  if (value === '')
    throw new CommandError(`Nothing was given: echo the value into «homeostat secrets set ${name}».`);
  await keeper.set(name, value);
  say(`Secret ${name} is set ${keeper.where}. Checks say \${secret:${name}}.`);
  if (options.stack !== undefined) {
    sayAside(
      'The runner reads only secrets that are listed at deploy: see «secrets» in docs/configuration.md.',
    );
  }
};

/** Names only: a value is never shown again. */
export const listSecrets = async (options: SecretOptions): Promise<void> => {
  const keeper = await keeperOf(options);
  const names = await keeper.list();
  if (names.length === 0) sayAside(`There are no secrets ${keeper.where}.`);
  for (const name of names) say(name);
};

export const deleteSecret = async (name: string, options: SecretOptions): Promise<void> => {
  requireName(name);
  const keeper = await keeperOf(options);
  if (!(await keeper.remove(name))) throw new CommandError(`There is no secret ${name} ${keeper.where}.`);
  say(
    `Secret ${name} is removed ${keeper.where}. Checks that say \${secret:${name}} are unknown until it is set again.`,
  );
};
