import { isIP } from 'node:net';
import { CannotTell, TargetFailed } from './outcome.ts';

/** Loaded when first used, for literals need none of it. */
const dns = () => process.getBuiltinModule('node:dns/promises');

/** All addresses of a host. Throws `TargetFailed` when the name does not resolve, `CannotTell` when nobody answered us. */
export type Resolve = (host: string) => Promise<readonly string[]>;

/**
 * How this machine resolves, with its hosts file and search domains. It uses a thread a look-up, and there are four:
 * right on a laptop, whose names are its own.
 */
export const systemResolve: Resolve = async (host) => {
  try {
    return (await dns().lookup(host, { all: true })).map((found) => found.address);
  } catch (error) {
    throw failed(host, [error]);
  }
};

/**
 * Asks the name servers directly, without threads: names whose servers hang must not hold up the names of others.
 * `servers` replaces the machine's own.
 */
export const directResolve = (servers?: readonly string[]): Resolve => {
  const resolver = new (dns().Resolver)({ timeout: 2000, tries: 2 });
  if (servers) resolver.setServers(servers);
  return async (host) => {
    if (!host.includes('.')) return systemResolve(host);
    const answers = await bothFamilies(resolver.resolve4(host), resolver.resolve6(host));
    const addresses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    if (addresses.length > 0) return addresses;
    throw failed(
      host,
      answers.map((answer) => (answer.status === 'rejected' ? answer.reason : undefined)),
    );
  };
};

/**
 * Some name servers leave questions for IPv6 unanswered, and the resolver then waits for longer than a check may take.
 * Once there are IPv4 addresses, the others have so long (RFC 8305 §3 waits for 50 ms).
 */
const otherFamilyMs = 500;

type Answered = PromiseSettledResult<readonly string[]>;

const bothFamilies = (
  four: Promise<readonly string[]>,
  six: Promise<readonly string[]>,
): Promise<readonly Answered[]> =>
  new Promise((resolve) => {
    const answers: Answered[] = [];
    let timer: NodeJS.Timeout | undefined;
    const end = (): void => {
      clearTimeout(timer);
      resolve(answers);
    };
    const take = (answer: Answered): void => {
      if (answers.push(answer) === 2) end();
    };
    const fail = (reason: unknown): void => take({ status: 'rejected', reason });
    four.then((value) => {
      timer = setTimeout(end, otherFamilyMs);
      take({ status: 'fulfilled', value });
    }, fail);
    six.then((value) => take({ status: 'fulfilled', value }), fail);
  });

/** Each name once a run, whatever number of checks asks for it. Literals are their own address; a failure is asked again. */
export const resolveOnce = (resolve: Resolve): Resolve => {
  const asked = new Map<string, Promise<readonly string[]>>();
  return (host) => {
    if (isIP(host)) return Promise.resolve([host]);
    const earlier = asked.get(host);
    if (earlier) return earlier;
    const asking = resolve(host);
    asked.set(host, asking);
    asking.catch(() => asked.delete(host));
    return asking;
  };
};

/** No name server answered us: that says nothing about the target. */
const unansweredCodes = new Set([
  'ECONNREFUSED',
  'EAI_AGAIN',
  'ENOMEM',
  'EMFILE',
  'ECANCELLED',
  'EDESTRUCTION',
]);

/** Those of them that tell of the network, not of this process. */
const nameServerCodes = new Set(['ECONNREFUSED', 'EAI_AGAIN']);

const failed = (host: string, reasons: readonly unknown[]): Error => {
  const codes = reasons.map((reason) => (reason as { code?: string } | undefined)?.code ?? 'no address');
  // A name may lack one family; what the other family says is what went wrong.
  const code = codes.find((one) => one !== 'ENODATA') ?? 'ENODATA';
  return unansweredCodes.has(code)
    ? new CannotTell(`no name server answered for ${host} (${code})`, { isWayOut: nameServerCodes.has(code) })
    : new TargetFailed(`the name ${host} does not resolve (${code})`, 'network');
};
