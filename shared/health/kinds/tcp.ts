import { CannotTell } from '../probing/outcome.ts';
import type { CheckKind } from './kind.ts';

export type HostPort = { readonly host: string; readonly port: number };

/** `db.example.com:5432`, `10.0.0.5:22`, `[2001:db8::1]:443`; undefined when it is no host with a port. */
export const parseHostPort = (target: string): HostPort | undefined => {
  const [, name = '', digits = ''] = /^(\[[^\]]+\]|[^\s/?#@\\:]+):(\d{1,5})$/.exec(target) ?? [];
  const port = Number(digits);
  const url = `http://${name}/`;
  // The WHATWG parser turns every spelling of an address (hex, octal, one number) into the address it means.
  if (port < 1 || port > 65_535 || !URL.canParse(url)) return undefined;
  const { hostname } = new URL(url);
  return hostname === '' ? undefined : { host: hostname.replace(/^\[|\]$/g, ''), port };
};

/** Healthy when a TCP connection comes about. */
export const tcp: CheckKind = {
  definition: (z) => ({
    target: z
      .string()
      .max(300)
      .refine((target) => parseHostPort(target) !== undefined, {
        error:
          'Give host:port with a port from 1 to 65535, such as db.example.com:5432 or [2001:db8::1]:443.',
      })
      .meta({ description: '`host:port`' }),
    config: z.strictObject({}),
  }),

  async probe({ target }, attempt) {
    const endpoint = parseHostPort(target);
    if (!endpoint) throw new CannotTell(`${target} is no host:port`);
    const startedAt = performance.now();
    const socket = await attempt.connect(endpoint);
    attempt.measured('total', performance.now() - startedAt);
    socket.destroy();
    return { status: 'healthy', reason: null };
  },
};
