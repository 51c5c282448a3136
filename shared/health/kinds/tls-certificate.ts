import { X509Certificate } from 'node:crypto';
import {
  checkServerIdentity,
  type DetailedPeerCertificate,
  type PeerCertificate,
  rootCertificates,
  type TLSSocket,
} from 'node:tls';

export const dayMs = 86_400_000;

/** A certificate as we judge it. Instants in epoch ms. */
export type Certificate = {
  readonly peer: PeerCertificate;
  readonly name: string;
  readonly validFrom: number;
  readonly expiresAt: number;
};

/** A chain is a handful; one that is longer, or goes in a circle, is not followed further. */
const longestChain = 10;

/**
 * The other side's certificate and those that vouch for it, without the root, which each machine keeps for itself.
 * `authorities`: PEM, what is trusted in place of the public ones.
 */
export const chainOf = (socket: TLSSocket, authorities?: string): readonly Certificate[] =>
  upToTrusted(sentBy(socket), socket.authorized, authorities);

const sentBy = (socket: TLSSocket): readonly Certificate[] => {
  const chain: Certificate[] = [];
  let next: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  while (next?.valid_to !== undefined && chain.length < longestChain) {
    const isRoot: boolean = next.issuerCertificate === undefined || next.issuerCertificate === next;
    if (!isRoot || chain.length === 0) {
      chain.push({
        peer: next,
        name: textOf(next.subject?.CN) ?? 'without a name',
        validFrom: Date.parse(next.valid_from),
        expiresAt: Date.parse(next.valid_to),
      });
    }
    next = isRoot ? undefined : next.issuerCertificate;
  }
  return chain;
};

/**
 * Without what a server sends above an authority that is trusted by itself. Old cross-signatures of such ones expire,
 * and no client looks at them; that something expires before the server's own certificate is rare enough to look closer.
 */
const upToTrusted = (
  chain: readonly Certificate[],
  isTrusted: boolean,
  authorities: string | undefined,
): readonly Certificate[] => {
  const [own, ...above] = chain;
  if (!isTrusted || !own || above.every(({ expiresAt }) => expiresAt >= own.expiresAt)) return chain;
  const trusted = authorities === undefined ? rootCertificates : (authorities.match(pemBlocks) ?? []);
  const roots = trusted.map((pem) => new X509Certificate(pem));
  const last = chain.findIndex(({ peer }) => {
    const one = new X509Certificate(peer.raw);
    return roots.some((root) => one.checkIssued(root) && one.verify(root.publicKey));
  });
  return last < 0 ? chain : chain.slice(0, last + 1);
};

const pemBlocks = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** What OpenSSL says, by what it means for whoever runs the server. */
const faults: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'the certificate was issued by an authority that is not trusted',
  UNABLE_TO_GET_ISSUER_CERT: 'the certificate was issued by an authority that is not trusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    'the certificate was issued by an authority that is not trusted, or the server leaves out an intermediate one',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'the certificate was issued by an authority that is not trusted, or the server leaves out an intermediate one',
  CERT_REVOKED: 'the certificate was revoked',
  CERT_HAS_EXPIRED: 'a certificate of the chain has expired',
  CERT_NOT_YET_VALID: 'a certificate of the chain is not valid yet',
};

/** A wrong name is told by ourselves. */
const wrongName = 'ERR_TLS_CERT_ALTNAME_INVALID';

/**
 * Why the chain is not to be trusted; undefined when it is. Dates are judged by the platform's clock, as the days that
 * are left are. OpenSSL judges them too, by this machine's own: it is asked for everything else, and what it holds
 * expired stays refused, for no client of the target would think otherwise.
 */
export const distrust = (
  socket: TLSSocket,
  chain: readonly Certificate[],
  host: string,
  now: number,
): string | undefined => {
  const [own] = chain;
  if (!own) return 'the server showed no certificate';
  for (const one of chain) {
    const which = nameIn(one, own);
    if (one.expiresAt <= now)
      return `${which} expired on ${day(one.expiresAt)}, ${ago(now - one.expiresAt)} ago`;
    if (one.validFrom > now) return `${which} is not valid before ${day(one.validFrom)}`;
  }
  // Not an error but its code, whatever the types say.
  const code = socket.authorizationError as unknown;
  if (typeof code === 'string' && code !== '' && code !== wrongName) {
    const issuer = textOf(own.peer.issuer?.CN ?? own.peer.issuer?.O);
    const by = code.includes('SELF_SIGNED') || issuer === undefined ? '' : ` (issuer: ${issuer})`;
    return `${faults[code] ?? `the certificate is not trusted: ${code}`}${by}`;
  }
  if (checkServerIdentity(host.replace(/\.$/, ''), own.peer)) {
    return `the certificate is for ${namesOf(own)} and not for ${host}`;
  }
  return undefined;
};

/** `the certificate expires in 9 days`. */
export const lasting = (one: Certificate, own: Certificate, now: number): string => {
  const days = Math.floor((one.expiresAt - now) / dayMs);
  return `${nameIn(one, own)} expires in ${days} ${days === 1 ? 'day' : 'days'}`;
};

const nameIn = (one: Certificate, own: Certificate): string =>
  one === own ? 'the certificate' : `the intermediate certificate ${one.name}`;

const day = (at: number): string => new Date(at).toISOString().slice(0, 10);
const ago = (milliseconds: number): string => {
  const days = Math.floor(milliseconds / dayMs);
  return `${days} ${days === 1 ? 'day' : 'days'}`;
};

const mostNames = 5;
const namesOf = ({ peer, name }: Certificate): string => {
  const names = (peer.subjectaltname ?? '')
    .split(', ')
    .flatMap((one) => /^(?:DNS|IP Address):(.+)$/.exec(one)?.[1] ?? []);
  if (names.length === 0) return name;
  return [...names.slice(0, mostNames), ...(names.length > mostNames ? ['others'] : [])].join(', ');
};

/** A field that appears twice is a list. */
const textOf = (field: unknown): string | undefined => {
  const text = Array.isArray(field) ? field.join(', ') : field;
  return typeof text === 'string' && text !== '' ? text : undefined;
};
