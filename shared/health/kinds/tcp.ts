import type { ConditionParser } from '../conditions/schema.ts';
import type { Attempt } from '../probing/attempt.ts';
import { CannotTell, TargetFailed } from '../probing/outcome.ts';
import { hostPortField, parseHostPort } from './host-port.ts';
import { type CheckKind, ofConnections } from './kind.ts';
import { bytesOf, heardBytes, listen, type Wanted } from './tcp-talk.ts';
import { requireTls, type TlsFields, tlsFields, tlsOptionsOf } from './tls-fields.ts';

type Expectation = string | { readonly matches: string };

type TcpConfig = TlsFields & {
  readonly tls?: boolean;
  readonly send?: string;
  readonly expect?: Expectation;
};

/** Healthy when a TCP connection comes about and, where something is expected, the target says it. */
export const tcp: CheckKind = {
  placeholders: ['BODY', ...ofConnections],
  secretFields: ['send', 'expect'],
  definition: (z, { parseCondition }) => ({
    target: hostPortField(z),
    config: z
      .strictObject({
        tls: z.boolean().optional().meta({ description: 'Speak TLS from the first byte.' }),
        send: z.string().min(1, 'Give at least one character.').max(4000).optional().meta({
          description:
            'What to send first. `\\r`, `\\n`, `\\t`, `\\0`, `\\\\` and `\\xHH` are one byte each.',
        }),
        expect: z
          .union([
            z.string().min(1, 'Give at least one character.').max(1000),
            z.strictObject({
              matches: z
                .string()
                .min(1, 'Give at least one character.')
                .max(400)
                .superRefine((pattern, context) => {
                  const message = patternFault(pattern, parseCondition);
                  if (message !== undefined) context.addIssue({ code: 'custom', message });
                }),
            }),
          ])
          .optional()
          .meta({
            description:
              'Text that must come, escaped as in `send`, or `{matches: pattern}` with an RE2 pattern.',
          }),
        ...tlsFields(z),
      })
      .superRefine(requireTls),
  }),

  async probe({ target, config: given }, attempt) {
    const endpoint = parseHostPort(target);
    if (!endpoint) throw new CannotTell(`${target} is no host:port`);
    const config: TcpConfig = given;
    // Secrets and patterns first: what cannot be read must not be blamed on the target's time.
    const sent = config.send === undefined ? undefined : await bytesOf(config.send, attempt.ports);
    const expected = config.expect === undefined ? undefined : await expectation(config.expect, attempt);
    const startedAt = performance.now();
    const socket = await attempt.connect({ ...endpoint, ...(config.tls && { tls: tlsOptionsOf(config) }) });
    try {
      if (sent) socket.write(sent);
      const isHeard = expected !== undefined || attempt.wants('BODY');
      const { all, heard } = isHeard ? listen(socket, attempt, expected ?? anything) : nothing;
      if (expected) attempt.onDeadline((seconds) => `${expected.unmet(heard())} within ${seconds} s`);
      const answer = await all;
      attempt.measured('total', performance.now() - startedAt);
      if (expected && !expected.isIn(answer)) throw new TargetFailed(expected.unmet(answer));
      return { status: 'healthy', reason: null, ...(isHeard && { facts: { BODY: answer.toString() } }) };
    } finally {
      socket.destroy();
    }
  },
};

/** What the parser of conditions says of the pattern, for it knows RE2 and we may not load that here. */
const patternFault = (pattern: string, parse: ConditionParser['parseCondition']): string | undefined => {
  try {
    parse(`[BODY] matches ${JSON.stringify(pattern)}`);
    return undefined;
  } catch (error) {
    return `Give an RE2 pattern: ${(error as Error).message}.`;
  }
};

const anything: Wanted = { isMet: () => true };
const nothing = { all: Promise.resolve(Buffer.alloc(0)), heard: () => Buffer.alloc(0) };

type Expected = Wanted & {
  isIn(heard: Buffer): boolean;
  /** `expected "+PONG", got "-ERR"`. */
  unmet(heard: Buffer): string;
};

const expectation = async (expect: Expectation, attempt: Attempt): Promise<Expected> => {
  const unmet = (wanted: string) => (heard: Buffer) => {
    const more = heard.length === heardBytes ? ` and ${heardBytes / 1024} KiB of more` : '';
    return `expected ${wanted}, got ${attempt.shown(heard.toString())}${more}`;
  };
  if (typeof expect === 'string') {
    const wanted = await bytesOf(expect, attempt.ports);
    const isIn = (heard: Buffer): boolean => heard.includes(wanted);
    // What began in the piece before the newest one is looked for too.
    const isMet = (heard: Buffer, at: number): boolean =>
      heard.indexOf(wanted, Math.max(0, at - wanted.length + 1)) >= 0;
    return { isMet, isIn, unmet: unmet(JSON.stringify(expect)) };
  }
  const { patternOf } = await import('../conditions/pattern.ts');
  const pattern = patternOf(expect.matches);
  const isIn = (heard: Buffer): boolean => pattern.isIn(heard.toString());
  // A pattern reads all that came, so what comes byte by byte is looked at in the pauses only.
  return { isMet: isIn, isIn, unmet: unmet(`a match of ${expect.matches}`), inPauses: true };
};
