import type * as Zod from 'zod';

export type HostPort = { readonly host: string; readonly port: number };

/**
 * `db.example.com:5432`, `10.0.0.5:22`, `[2001:db8::1]:443`, and without a port where there is a usual one; undefined
 * when it is no host with a port.
 */
export const parseHostPort = (target: string, usualPort?: number): HostPort | undefined => {
  const [, name = '', digits = usualPort] = /^(\[[^\]]+\]|[^\s/?#@\\:]+)(?::(\d{1,5}))?$/.exec(target) ?? [];
  const port = Number(digits ?? 0);
  if (port < 1 || port > 65_535) return undefined;
  // The WHATWG parser turns every spelling of an address (hex, octal, one number) into the address it means.
  const hostname = URL.parse(`http://${name}/`)?.hostname ?? '';
  return hostname === '' ? undefined : { host: hostname.replace(/^\[|\]$/g, ''), port };
};

/** The target of a kind that connects to a port. With a usual port people may leave it out. */
export const hostPortField = (z: typeof Zod, usualPort?: number) =>
  z
    .string()
    .max(300)
    .refine((target) => parseHostPort(target, usualPort) !== undefined, {
      error: 'Give host:port with a port from 1 to 65535, such as db.example.com:5432 or [2001:db8::1]:443.',
    })
    .meta({ description: usualPort === undefined ? '`host:port`' : '`host:port`, or a host alone' });
