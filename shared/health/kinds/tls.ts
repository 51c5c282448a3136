import type { TLSSocket } from 'node:tls';
import type { Attempt } from '../probing/attempt.ts';
import { CannotTell, TargetFailed } from '../probing/outcome.ts';
import { type HostPort, hostPortField, parseHostPort } from './host-port.ts';
import { type CheckKind, ofConnections } from './kind.ts';
import { chainOf, dayMs, distrust, lasting } from './tls-certificate.ts';
import { type TlsFields, tlsFields, tlsOptionsOf } from './tls-fields.ts';
import { agreeOnTls, type StartTlsProtocol, startTlsProtocols, usualPorts } from './tls-start.ts';

type TlsConfig = TlsFields & {
  readonly startTls?: StartTlsProtocol;
  readonly minimumDays: number;
  readonly warnDays?: number;
  readonly minimumVersion: '1.2' | '1.3';
};

const defaults = { minimumDays: 14, minimumVersion: '1.2' } as const;

/**
 * Healthy when the other side proves who it is with certificates that last for a while. Below `minimumDays` it is
 * unhealthy, below `warnDays` degraded.
 */
export const tls: CheckKind = {
  placeholders: ['TLS_VERSION', ...ofConnections],
  definition: (z) => ({
    target: hostPortField(z, usualPorts.tls),
    config: z
      .strictObject({
        startTls: z.enum(startTlsProtocols).optional().meta({
          description: 'Begin in the clear, as mail servers do. The usual ports are then 587, 143 and 110.',
        }),
        minimumDays: z
          .int()
          .min(0)
          .max(1000)
          .default(defaults.minimumDays)
          .meta({ description: 'Unhealthy when a certificate expires sooner.' }),
        warnDays: z
          .int()
          .min(1)
          .max(1000)
          .optional()
          .meta({ description: 'Degraded when a certificate expires sooner.' }),
        minimumVersion: z
          .union([z.literal(['1.2', '1.3']), z.literal([1.2, 1.3])], { error: 'Give 1.2 or 1.3.' })
          .transform(String)
          .default(defaults.minimumVersion)
          .meta({
            description: 'What must be agreed on at least; older versions than 1.2 are never offered.',
          }),
        ...tlsFields(z),
      })
      .refine(({ minimumDays, warnDays }) => warnDays === undefined || warnDays > minimumDays, {
        error: 'Give more days than minimumDays.',
        path: ['warnDays'],
      }),
  }),

  async probe({ target, config: given }, attempt) {
    const config: TlsConfig = { ...defaults, ...given };
    const endpoint = parseHostPort(target, usualPorts[config.startTls ?? 'tls']);
    if (!endpoint) throw new CannotTell(`${target} is no host:port`);
    const startedAt = performance.now();
    const socket = await handshake(endpoint, config, attempt);
    attempt.measured('total', performance.now() - startedAt);
    try {
      return judge(socket, endpoint, config, attempt);
    } finally {
      socket.destroy();
    }
  },
};

/** Unverified: a chain that OpenSSL refuses ends the handshake before anyone can say what is wrong with it. */
const handshake = async (endpoint: HostPort, config: TlsConfig, attempt: Attempt): Promise<TLSSocket> => {
  const options = { ...tlsOptionsOf(config), verify: false };
  if (config.startTls === undefined) {
    return (await attempt.connect({ ...endpoint, tls: options })) as TLSSocket;
  }
  const socket = await attempt.connect(endpoint);
  await agreeOnTls(socket, config.startTls, attempt);
  return attempt.upgrade(socket, endpoint.host, options);
};

const judge = (socket: TLSSocket, { host }: HostPort, config: TlsConfig, attempt: Attempt) => {
  const chain = chainOf(socket, config.certificateAuthorities);
  const [own] = chain;
  if (!own) throw new TargetFailed('the server showed no certificate');
  attempt.noticed.certificateExpiresAt = own.expiresAt;
  const now = attempt.now();
  if (config.verifyTls !== false) {
    const why = distrust(socket, chain, config.serverName ?? host, now);
    if (why !== undefined) throw new TargetFailed(why);
  }
  const version = Number(/^TLSv(1\.\d)$/.exec(socket.getProtocol() ?? '')?.[1]);
  if (version < Number(config.minimumVersion)) {
    throw new TargetFailed(`TLS ${version} was agreed on, at least ${config.minimumVersion} is expected`);
  }
  const facts = { TLS_VERSION: version };
  // Of a chain the first to expire breaks it.
  const soonest = chain.reduce((first, one) => (one.expiresAt < first.expiresAt ? one : first));
  const left = soonest.expiresAt - now;
  if (left < config.minimumDays * dayMs) {
    throw new TargetFailed(`${lasting(soonest, own, now)}, at least ${config.minimumDays} are expected`);
  }
  if (config.warnDays !== undefined && left < config.warnDays * dayMs) {
    const reason = `${lasting(soonest, own, now)}, degraded below ${config.warnDays}`;
    return { status: 'degraded', reason, facts } as const;
  }
  return { status: 'healthy', reason: null, facts } as const;
};
