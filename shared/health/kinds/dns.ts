import type { Resolver } from 'node:dns/promises';
import type { Attempt } from '../probing/attempt.ts';
import { isPublicName } from '../probing/guard.ts';
import { CannotTell, TargetFailed } from '../probing/outcome.ts';
import { ask, isRecord, parseDnsName, parseResolver, type RecordType, recordTypes } from './dns-answer.ts';
import type { CheckKind, Verdict } from './kind.ts';

const matches = ['all', 'any', 'exactly'] as const;
const noSuchName = 'NXDOMAIN';

type DnsConfig = {
  readonly recordType: RecordType;
  readonly expected?: readonly string[] | typeof noSuchName;
  readonly match: (typeof matches)[number];
  readonly resolver?: string;
};

const defaults = { recordType: 'A', match: 'all' } as const;

const resolverShape =
  'Give the address of a name server, such as 1.1.1.1, 10.0.0.2:5353 or [2606:4700:4700::1111]:53.';

/** Healthy when a name has records of a type and, where some are expected, these. */
export const dns: CheckKind = {
  placeholders: ['DNS_ANSWER', 'RESPONSE_TIME'],
  definition: (z) => ({
    target: z
      .string()
      .max(300)
      .refine((target) => parseDnsName(target) !== undefined, {
        error:
          'Give a name to ask for, such as example.com or _dmarc.example.com, without scheme, port or path.',
      })
      .meta({ description: 'The name to ask for.' }),
    config: z.strictObject({
      recordType: z.enum(recordTypes).default(defaults.recordType),
      expected: z
        .union([z.literal(noSuchName), z.array(z.string().min(1).max(1000)).min(1).max(50)], {
          error: `Give a list of values, or ${noSuchName} when the name must not exist.`,
        })
        .optional()
        .meta({
          description:
            'Values as in a zone file, such as `10 mail.example.com`; of MX and SRV the host alone will do, of SOA the name server.',
        }),
      match: z
        .enum(matches)
        .default(defaults.match)
        .meta({ description: 'Whether all, any, or exactly the expected values must be in the answer.' }),
      resolver: z
        .string()
        .max(100)
        .refine((resolver) => parseResolver(resolver) !== undefined, { error: resolverShape })
        .optional()
        .meta({
          description:
            "Whom to ask: an address, with a port if it is not 53. The machine's own resolver when left out.",
        }),
    }),
  }),

  async probe({ target, config: given }, attempt) {
    const name = parseDnsName(target);
    if (name === undefined) throw new CannotTell(`${target} is no name to ask for`);
    const config: DnsConfig = { ...defaults, ...given };
    const resolver = resolverFor(name, config, attempt);
    const startedAt = performance.now();
    const told = await ask(resolver, name, config.recordType).catch((error: NodeJS.ErrnoException) => error);
    const passed = performance.now() - startedAt;
    const answer = answerOf(told, name, config);
    attempt.measured('dns', passed);
    attempt.measured('total', passed);
    return judge(answer, name, config);
  },
};

/** Made anew for each look: c-ares keeps answers, and what is kept says nothing about now. */
const resolverFor = (name: string, config: DnsConfig, attempt: Attempt): Resolver => {
  const resolver = new (process.getBuiltinModule('node:dns/promises').Resolver)();
  if (config.resolver === undefined) {
    attempt.noticed.isPublic = isPublicName(name);
  } else {
    const server = parseResolver(config.resolver);
    if (!server) throw new CannotTell(`${config.resolver} is no name server: ${resolverShape}`);
    attempt.admit(server.address, server.port);
    const host = server.address.includes(':') ? `[${server.address}]` : server.address;
    resolver.setServers([`${host}:${server.port}`]);
  }
  const stop = (): void => resolver.cancel();
  attempt.signal.addEventListener('abort', stop, { once: true });
  return resolver;
};

/** The records; `NXDOMAIN` when there is no such name. Throws when nobody, or not the name itself, answered. */
const answerOf = (
  told: readonly string[] | NodeJS.ErrnoException,
  name: string,
  { recordType, resolver }: DnsConfig,
): readonly string[] | typeof noSuchName => {
  if (!(told instanceof Error)) return told;
  const who = resolver === undefined ? 'the name server' : `the name server ${resolver}`;
  switch (told.code) {
    case 'ENOTFOUND':
      return noSuchName;
    case 'ENODATA':
      return [];
    case 'ESERVFAIL':
    case 'EREFUSED':
    case 'EFORMERR':
    case 'ENOTIMP': {
      // Behind the machine's own resolver lies our own way out; one that people chose is what they watch.
      const how = resolver === undefined ? 'network' : 'answer';
      throw new TargetFailed(`${who} answered ${told.code.slice(1)} for ${name} ${recordType}`, how);
    }
    case 'EBADRESP':
      throw new TargetFailed(`${who} sent a malformed answer`);
    case 'ETIMEOUT':
      throw new TargetFailed(`${who} did not answer`, 'network');
    case 'ECONNREFUSED':
      if (resolver !== undefined) throw new TargetFailed(`${who} refused the connection`, 'network');
      throw new CannotTell(`no name server answered for ${name} (ECONNREFUSED)`, { isWayOut: true });
    default:
      throw new CannotTell(`${name} could not be asked for: ${told.message}`);
  }
};

const judge = (
  answer: readonly string[] | typeof noSuchName,
  name: string,
  { recordType, expected, match }: DnsConfig,
): Verdict => {
  const records = answer === noSuchName ? [] : answer;
  const facts = { DNS_ANSWER: records };
  const healthy: Verdict = { status: 'healthy', reason: null, facts };
  if (expected === noSuchName) {
    if (answer === noSuchName) return healthy;
    throw new TargetFailed(`${name} exists, expected that it does not: ${listed(records, recordType)}`);
  }
  if (answer === noSuchName) throw new TargetFailed(`${name} does not exist (${noSuchName})`);
  if (records.length === 0) throw new TargetFailed(`${name} has no ${recordType} record`);
  if (expected === undefined) return healthy;
  const isThere = (value: string): boolean => records.some((record) => isRecord(recordType, record, value));
  const isWanted = (record: string): boolean => expected.some((value) => isRecord(recordType, record, value));
  const isMet =
    match === 'any'
      ? expected.some(isThere)
      : expected.every(isThere) && (match === 'all' || records.every(isWanted));
  if (isMet) return healthy;
  const what = { all: 'all of', any: 'any of', exactly: 'exactly' }[match];
  throw new TargetFailed(`expected ${what} ${expected.join(', ')}, got ${listed(records, recordType)}`);
};

const listed = (records: readonly string[], recordType: RecordType): string =>
  records.length === 0 ? `no ${recordType} record` : records.join(', ');
