import type { Socket } from 'node:net';
import type { Attempt } from '../probing/attempt.ts';
import { fromSocketError } from '../probing/outcome.ts';
import type { ProbePorts } from '../probing/ports.ts';
import { textWithSecrets } from '../probing/secret-references.ts';

/** What a target may say before we stop listening. */
export const heardBytes = 64 * 1024;

const named: Readonly<Record<string, number>> = { r: 13, n: 10, t: 9, 0: 0, '\\': 92 };

/**
 * The bytes that a text of a config means: `\r`, `\n`, `\t`, `\0`, `\\` and `\xHH` are one byte each, the rest is UTF-8.
 * References to secrets are replaced outside of those, so that a value's own backslashes stay what they are.
 */
export const bytesOf = async (text: string, ports: Pick<ProbePorts, 'secret'>): Promise<Buffer> => {
  const parts: Buffer[] = [];
  for (const part of text.split(/(\\(?:[rnt0\\]|x[0-9a-fA-F]{2}))/)) {
    const [, name = '', hex] = /^\\(?:([rnt0\\])|x([0-9a-fA-F]{2}))$/.exec(part) ?? [];
    const byte = hex === undefined ? named[name] : Number.parseInt(hex, 16);
    parts.push(byte === undefined ? Buffer.from(await textWithSecrets(part, ports)) : Buffer.from([byte]));
  }
  return Buffer.concat(parts);
};

/** When we have heard enough. */
export type Wanted = {
  /** `heard` is everything that came so far, `at` where the newest piece begins. */
  isMet(heard: Buffer, at: number): boolean;
  /** Ask when the target pauses, not at each piece: asking is dear. */
  readonly inPauses?: boolean;
};

/** A piece that is followed by another within this time is not the end of an answer. */
const pauseMs = 20;
/** Times as long as the last look for a pattern took: a target that drips must not keep the process busy (fault 32). */
const restsFor = 4;

/**
 * Listens until it is enough, the other side ends, or there is no more room. `heard` gives what came so far at any
 * time, `all` what had come when it ended. Throws `TargetFailed` when the connection breaks.
 */
export const listen = (socket: Socket, attempt: Attempt, wanted: Wanted) => {
  const startedAt = performance.now();
  let room = Buffer.allocUnsafe(1024);
  let size = 0;
  let pause: NodeJS.Timeout | undefined;
  let waitMs = pauseMs;
  const heard = (): Buffer => room.subarray(0, size);
  const take = (chunk: Buffer): void => {
    const taken = Math.min(chunk.length, heardBytes - size);
    // Doubled, for a target that sends byte by byte must not make us copy it all each time.
    if (size + taken > room.length) {
      const larger = Buffer.allocUnsafe(Math.min(heardBytes, Math.max(room.length * 2, size + taken)));
      heard().copy(larger);
      room = larger;
    }
    chunk.copy(room, size, 0, taken);
    size += taken;
  };
  const all = new Promise<Buffer>((resolve, reject) => {
    const end = (): void => resolve(heard());
    const lookInPause = (): void => {
      const lookedAt = performance.now();
      if (wanted.isMet(heard(), 0)) end();
      else waitMs = Math.max(pauseMs, restsFor * (performance.now() - lookedAt));
    };
    socket.on('data', (chunk: Buffer) => {
      if (size === 0) attempt.measured('firstByte', performance.now() - startedAt);
      const at = size;
      take(chunk);
      clearTimeout(pause);
      if (size === heardBytes) return end();
      if (wanted.inPauses) pause = setTimeout(lookInPause, waitMs);
      else if (wanted.isMet(heard(), at)) end();
    });
    socket.once('end', end);
    socket.once('close', () => {
      clearTimeout(pause);
      end();
    });
    socket.once('error', (error) => reject(fromSocketError(error, 'answer')));
  });
  return { all, heard };
};
