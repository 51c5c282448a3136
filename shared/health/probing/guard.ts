import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Range = readonly [Address, number];

/** By numbers: reading the ranges below as text took as long as a tenth of a runner's whole initialisation. */
function ipv4(...bytes: readonly number[]): Address {
  return new ipaddr.IPv4([...bytes]);
}
/** The first groups of an address, the others being zero. */
function ipv6(...groups: readonly number[]): Address {
  return new ipaddr.IPv6([...groups, ...Array<number>(8 - groups.length).fill(0)]);
}

/** Which addresses probes may reach, and from where. */
export type NetworkPolicy = {
  /** CIDR ranges that may be reached although they are not public. */
  readonly allowedPrivateRanges: readonly Range[];
  /** Deployed in AWS Lambda: loopback is the runtime's own API there and stays closed. */
  readonly insideLambda: boolean;
  /** Outside a VPC Lambda has no IPv6 and no port 25. */
  readonly insideVpc: boolean;
};

/** Comma-separated CIDR ranges, as the setting gives them. Throws on a range that is none. */
export const parseRanges = (text: string): readonly Range[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)
    .map((part) => {
      if (!ipaddr.isValidCIDR(part)) {
        throw new Error(`allowedPrivateRanges: ${part} is not a range such as 10.0.0.0/8 or fd00::/8`);
      }
      return ipaddr.parseCIDR(part);
    });

/**
 * Where clouds hand out credentials and configuration. No setting opens them: AWS (instance, container, EKS
 * identities and the resolver), Azure's wire server, Google's and Alibaba's metadata.
 */
const metadataRanges: readonly Range[] = [
  [ipv4(169, 254, 0, 0), 16],
  [ipv6(0xfe80), 10],
  [ipv6(0xfd00, 0xec2), 32],
  [ipv6(0xfd20, 0xce), 32],
  [ipv4(168, 63, 129, 16), 32],
  [ipv4(100, 100, 100, 200), 32],
  [ipv4(192, 0, 0, 192), 32],
];

/** Kinds of addresses that `allowedPrivateRanges` may open. All others that are not public stay closed. */
const openable: Readonly<Record<string, string>> = {
  loopback: 'a loopback address',
  private: 'a private address',
  carrierGradeNat: 'a shared address of a provider network',
  uniqueLocal: 'a private address',
  reserved: 'a reserved address',
  benchmarking: 'a reserved address',
};

/** By policy. Judging an address costs more than sending a request to it, and most are judged each minute. */
const judged = new WeakMap<NetworkPolicy, Map<string, string | undefined>>();
const mostJudged = 5000;

/**
 * Why a probe must not connect to this address; undefined when it may. Only ordinary public unicast passes by
 * itself. An IPv6 form that carries an IPv4 address is judged by what it carries.
 */
export const refusalOf = (text: string, policy: NetworkPolicy): string | undefined => {
  const known = judged.get(policy) ?? new Map<string, string | undefined>();
  if (known.has(text)) return known.get(text);
  const refusal = freshRefusalOf(text, policy);
  if (known.size >= mostJudged) known.clear();
  judged.set(policy, known.set(text, refusal));
  return refusal;
};

const freshRefusalOf = (text: string, policy: NetworkPolicy): string | undefined => {
  if (!ipaddr.isValid(text)) return `${text} is not an address`;
  const address = carried(ipaddr.parse(text));
  if (metadataRanges.some((range) => contains(range, address))) {
    return `${text} is a link-local or metadata address: probes never go there`;
  }
  const kind = kindOf(address);
  if (kind === 'unicast') return undefined;
  const what = openable[kind];
  if (what === undefined) return `${text} is no ordinary address (${kind}): probes never go there`;
  if (kind === 'loopback' && policy.insideLambda) {
    return `${text} is a loopback address: inside Lambda that is Lambda itself`;
  }
  return policy.allowedPrivateRanges.some((range) => contains(range, address))
    ? undefined
    : `${text} is ${what}: list its range in allowedPrivateRanges to allow it`;
};

/** The IANA's name for what an address is for; `unicast` for ordinary ones only. */
const kindOf = (address: Address): string => {
  if (isCompatible(address)) return 'carries an IPv4 address in an obsolete way';
  // The prefix of a network's own translators (RFC 8215), whose shapes put the IPv4 address in different places.
  if (contains(localTranslators, address)) return 'for translation inside a network';
  const range = address.range();
  return range === 'unicast' && address.kind() === 'ipv6' && !contains(globalUnicast, address)
    ? 'not assigned'
    : range;
};

const localTranslators: Range = [ipv6(0x64, 0xff9b, 1), 48];
/** All the IPv6 that is given out (RFC 4291 §2.4 and the IANA's registry). */
const globalUnicast: Range = [ipv6(0x2000), 3];

/** The IPv4 address inside `::ffff:a.b.c.d` and the NAT64 prefix; the address itself otherwise. */
const carried = (address: Address): Address => {
  if (address.kind() === 'ipv4') return address;
  const bytes = address.toByteArray();
  const isCarrier =
    ['ipv4Mapped', 'rfc6052', 'rfc6145'].includes(address.range()) && !contains(localTranslators, address);
  return isCarrier ? ipaddr.fromByteArray(bytes.slice(12)) : address;
};

/** `::a.b.c.d`, given up in RFC 4291, still means IPv4 to some stacks; `::` and `::1` are known by their range. */
const isCompatible = (address: Address): boolean =>
  address.kind() === 'ipv6' &&
  address.range() === 'unicast' &&
  address
    .toByteArray()
    .slice(0, 12)
    .every((byte) => byte === 0);

const contains = ([network, bits]: Range, address: Address): boolean =>
  network.kind() === address.kind() && address.match(network, bits);

const nothingAllowed: NetworkPolicy = { allowedPrivateRanges: [], insideLambda: false, insideVpc: true };

/** Whether the way to an address leads over the public internet. */
export const isPublicAddress = (address: string): boolean => refusalOf(address, nothingAllowed) === undefined;

/** Names of home and company networks, which say nothing about our way to the internet when they do not resolve. */
const privateNames =
  /(^[^.]+|\.(local|localhost|internal|intranet|lan|home|corp|private|test|home\.arpa))\.?$/i;

/** What can be said of a name before it is resolved. */
export const isPublicName = (host: string): boolean =>
  isIP(host) !== 0 || ipaddr.isValid(host) ? isPublicAddress(host) : !privateNames.test(host);

/** Addresses a probe may try, in order; or why there is none. Any single refused address refuses the name. */
export const judgeAddresses = (
  host: string,
  port: number,
  addresses: readonly string[],
  policy: NetworkPolicy,
): { readonly usable: readonly string[] } | { readonly refusal: string } => {
  for (const address of addresses) {
    const refusal = refusalOf(address, policy);
    if (refusal) return { refusal: address === host ? refusal : `${host}: ${refusal}` };
  }
  const withFour = addresses.filter((address) => !address.includes(':'));
  const isBare = policy.insideLambda && !policy.insideVpc;
  if (isBare && port === 25) {
    return { refusal: 'port 25 is closed for Lambda outside a VPC: use another port, or network: vpc' };
  }
  if (isBare && withFour.length === 0) {
    return {
      refusal: `${host} has only IPv6 addresses, which Lambda outside a VPC cannot reach: use network: vpc`,
    };
  }
  const withSix = isBare ? [] : addresses.filter((address) => address.includes(':'));
  return { usable: [...withFour, ...withSix] };
};
