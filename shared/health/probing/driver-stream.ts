import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { TargetFailed } from './outcome.ts';

/** More than an answer of one value ever has; a hostile server must not fill our memory. */
export const largestAnswer = 256 * 1024;

export const tooLarge = () =>
  new TargetFailed(`the server sent more than ${largestAnswer / 1024} KiB: ask for less in the query`);

/** Takes what the server sent and gives on what a driver may see of it; throws at what no honest server sends. */
export type Gate = (chunk: Buffer) => Buffer;

export type DriverStreamOptions = {
  /** The protocol's name, for reasons. */
  readonly protocol: string;
  readonly gate?: Gate;
};

/**
 * A guarded socket as a database driver wants its own: already connected, and still saying so when it is asked to
 * connect. It stands between driver and server because drivers trust their server: it ends at 256 KiB received, and
 * what a driver throws at a message it cannot read ends the connection instead of the process.
 */
export class DriverStream extends Duplex {
  #socket: Socket;
  #received = 0;
  readonly #protocol: string;
  readonly #gate: Gate;

  constructor(socket: Socket, { protocol, gate = (chunk) => chunk }: DriverStreamOptions) {
    super({ allowHalfOpen: false });
    this.#socket = socket;
    this.#protocol = protocol;
    this.#gate = gate;
    this.#listen();
  }

  /** What drivers call on a socket of their own. This one goes nowhere else. */
  connect(): this {
    process.nextTick(() => this.emit('connect'));
    return this;
  }
  setNoDelay(): this {
    this.#socket.setNoDelay(true);
    return this;
  }
  setKeepAlive(): this {
    return this;
  }

  /** Goes on with a connection that `upgrade` made of the present one, such as TLS over it. */
  async replace(upgrade: (socket: Socket) => Promise<Socket>): Promise<void> {
    const plain = this.#socket;
    plain.off('data', this.#take);
    plain.off('end', this.#end);
    plain.pause();
    this.#socket = await upgrade(plain);
    this.#listen();
  }

  #listen(): void {
    this.#socket.on('data', this.#take);
    this.#socket.on('end', this.#end);
    this.#socket.on('error', (error) => this.destroy(error));
    this.#socket.on('close', () => this.destroy());
  }

  readonly #take = (chunk: Buffer): void => {
    this.#received += chunk.length;
    if (this.#received > largestAnswer) {
      this.destroy(tooLarge());
      return;
    }
    try {
      const passed = this.#gate(chunk);
      if (passed.length > 0) this.push(passed);
    } catch (error) {
      this.#refuse(error);
    }
  };

  readonly #end = (): void => {
    this.push(null);
  };

  #refuse(error: unknown): void {
    const why = error instanceof Error ? error.message : String(error);
    const failure =
      error instanceof TargetFailed
        ? error
        : new TargetFailed(`the server's answer is not ${this.#protocol}: ${why}`);
    this.destroy(failure);
  }

  /** Drivers read messages in their `data` listeners, and some throw there. */
  override emit(event: string | symbol, ...values: unknown[]): boolean {
    if (event !== 'data') return super.emit(event, ...values);
    try {
      return super.emit(event, ...values);
    } catch (error) {
      this.#refuse(error);
      return true;
    }
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#socket.writable) this.#socket.write(chunk, done);
    else done(new TargetFailed('the server closed the connection'));
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.end(() => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }
}

/**
 * Codes of errors whose words tell of the connection, of who may do what, or of the query itself. Those of others may
 * hold a value: `invalid input syntax for type integer: "…"`. SQLSTATE classes, names of MySQL's errors, Node's own.
 */
const tellsNoValue =
  /^(?:E[A-Z]+|(?:08|0A|28|3D|3F|42|53|57)\w{3}|PROTOCOL_\w+|HANDSHAKE_\w+|ER_(?:\w*ACCESS_DENIED|BAD_DB|BAD_FIELD|NO_SUCH_TABLE|PARSE|HOST_|CON_COUNT|NOT_SUPPORTED_AUTH)\w*)$/;

/**
 * What went wrong between driver and server, as a reason: their own words, with the code where there is one; without
 * `showBodies` the code alone where the words may hold a value.
 */
export const saidBy = (
  protocol: string,
  error: unknown,
  { showBodies }: { readonly showBodies: boolean },
): Error => {
  if (error instanceof TargetFailed) return error;
  const { message, code } = error as Error & { code?: unknown };
  if (!showBodies && typeof code === 'string' && !tellsNoValue.test(code)) {
    return new TargetFailed(`${protocol}: the query failed (${code})`);
  }
  const suffix = typeof code === 'string' && code !== '' && !message.includes(code) ? ` (${code})` : '';
  return new TargetFailed(`${protocol}: ${message}${suffix}`);
};
