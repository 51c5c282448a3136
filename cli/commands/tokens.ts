import { ApiError } from '../../shared/configuration/index.ts';
import { scopes } from '../../shared/platform/api/caller.ts';
import { type ConnectionOptions, connect } from '../connection.ts';
import { CommandError } from '../failure.ts';
import { printable, say, sayAside, sayJson, table } from '../output.ts';

const tokensPath = '/api/v1/monitoring/tokens';

type TokenView = {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly deployments: '*' | readonly string[];
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly lastUsedAt: string | null;
  readonly revokedAt: string | null;
};

export type CreateOptions = ConnectionOptions & {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly deployments?: readonly string[];
  readonly expiresInDays: string;
  readonly json?: boolean;
};

/** The token alone goes to the standard output, so that a script can keep it without it being shown. */
export const createToken = async (options: CreateOptions): Promise<void> => {
  const unknown = options.scopes.filter((scope) => !(scopes as readonly string[]).includes(scope));
  if (unknown.length > 0) {
    throw new CommandError(`There is no scope ${unknown.join(', ')}. Give some of ${scopes.join(', ')}.`);
  }
  const body = {
    name: options.name,
    scopes: options.scopes,
    deployments: options.deployments?.includes('*') === false ? options.deployments : '*',
    expiresInDays: options.expiresInDays === 'never' ? null : daysFrom(options.expiresInDays),
  };
  const made = await connect(options).request<TokenView & { token: string }>('POST', tokensPath, {
    body,
    once: true,
  });
  if (options.json) sayJson(made);
  else {
    sayAside(`Token ${made.id} (${validity(made)}). It is shown only now:`);
    say(made.token);
  }
};

const daysFrom = (text: string): number => {
  if (!/^\d{1,4}$/.test(text)) throw new CommandError('Give --expires-in-days a number of days, or never.');
  return Number(text);
};

export const listTokens = async (options: ConnectionOptions & { readonly json?: boolean }): Promise<void> => {
  const tokens = await connect(options).list<TokenView>(tokensPath);
  if (options.json) return sayJson(tokens);
  const headings = ['ID', 'NAME', 'SCOPES', 'DEPLOYMENTS', 'LAST USED', 'VALID'];
  const rows = tokens.map((token) => [
    { text: token.id },
    { text: printable(token.name) },
    { text: token.scopes.join(',') },
    { text: token.deployments === '*' ? 'all' : token.deployments.join(',') },
    { text: token.lastUsedAt ?? 'never' },
    { text: validity(token), ...(token.revokedAt !== null && { colour: 'grey' as const }) },
  ]);
  return say(
    tokens.length > 0 ? table(headings, rows) : 'There are no tokens beside the first administrator’s.',
  );
};

const validity = ({ expiresAt, revokedAt }: TokenView): string => {
  if (revokedAt !== null) return `revoked ${revokedAt}`;
  return expiresAt === null ? 'never expires' : `until ${expiresAt}`;
};

export const revokeToken = async (id: string, options: ConnectionOptions): Promise<void> => {
  try {
    await connect(options).request('DELETE', `${tokensPath}/${encodeURIComponent(id)}`);
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 404) throw error;
    throw new CommandError(`There is no token ${id}. «homeostat tokens list» shows the id of each.`);
  }
  say(`Token ${printable(id)} is revoked; within a minute it opens nothing any more.`);
};
