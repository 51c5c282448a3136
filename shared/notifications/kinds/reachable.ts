import { isIP } from 'node:net';
import { refusalOf } from '../../health/index.ts';
import type { FieldFault } from '../../platform/errors.ts';
import type { ChannelSettings } from './kind.ts';

/**
 * A receiver named by an address that nothing may be sent to is refused when it is saved; names are judged each time
 * something is sent.
 */
export const addressFaults = (
  host: string,
  path: string,
  { allowedPrivateRanges, insideLambda = false, isWithoutStack }: ChannelSettings,
): readonly FieldFault[] => {
  // Only URLs turn every spelling of an address (hex, octal, one number) into the address it means.
  const url = URL.parse(`http://${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}/`);
  const address = url?.hostname.replace(/^\[|\]$/g, '') ?? '';
  if (isWithoutStack || isIP(address) === 0) return [];
  const refusal = refusalOf(address, { allowedPrivateRanges, insideLambda, insideVpc: false });
  return refusal === undefined ? [] : [{ path, message: `${refusal}.` }];
};

/** The same for the URL of a field. */
export const urlFaults = (url: unknown, path: string, settings: ChannelSettings): readonly FieldFault[] => {
  const host = typeof url === 'string' ? URL.parse(url)?.hostname : undefined;
  return host === undefined ? [] : addressFaults(host, path, settings);
};
