import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ApiClient, createClient } from '../shared/configuration/index.ts';
import { CommandError } from './failure.ts';

export type ConnectionOptions = { readonly url?: string; readonly token?: string };

/** Where the local host keeps the token of its administrator, readable by its owner only. */
const localTokenFile = (): string => join(process.env.HOMEOSTAT_DATA || '.homeostat', 'admin-token');

const defaultUrl = (): string => `http://127.0.0.1:${process.env.PORT || 3007}`;

/** The API to talk to: options before environment; for a host on this machine the token that the host keeps. */
export const connect = ({ url, token }: ConnectionOptions): ApiClient => {
  const address = url ?? (process.env.HOMEOSTAT_URL || defaultUrl());
  if (!/^https?:$/.test(URL.canParse(address) ? new URL(address).protocol : '')) {
    throw new CommandError(
      `«${address}» is no address of an API: give one such as http://127.0.0.1:3007 with --url or HOMEOSTAT_URL.`,
    );
  }
  const given = token ?? process.env.HOMEOSTAT_TOKEN;
  return createClient({ url: address, token: given || localToken(address) });
};

const localToken = (url: string): string => {
  const host = URL.canParse(url) ? new URL(url).hostname : '';
  if (!['127.0.0.1', 'localhost', '[::1]'].includes(host)) {
    throw new CommandError(
      `A token is needed for ${url}: set HOMEOSTAT_TOKEN, or give --token. The administrator makes one with «homeostat tokens create».`,
    );
  }
  try {
    return readFileSync(localTokenFile(), 'utf8').trim();
  } catch {
    throw new CommandError(
      `There is no token for ${url}: ${localTokenFile()} cannot be read. Start Homeostat here with «npm start», run this where you started it, or set HOMEOSTAT_TOKEN.`,
    );
  }
};
