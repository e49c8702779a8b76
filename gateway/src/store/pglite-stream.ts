import { Duplex } from 'node:stream';

/** AuthenticationOk and ReadyForQuery(idle): PGlite has one session that is always logged in. */
const WELCOME = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49]);
const TERMINATE = 0x58;

/**
 * Lets `pg` talk to a PostgreSQL that is a function instead of a server: bytes in, bytes out. One client, one
 * implementation of value types and errors for both engines.
 */
export class ProtocolStream extends Duplex {
  readonly #execute: (message: Uint8Array) => Promise<Uint8Array>;
  #started = false;

  constructor(execute: (message: Uint8Array) => Promise<Uint8Array>) {
    super();
    this.#execute = execute;
  }

  connect(): this {
    setImmediate(() => this.emit('connect'));
    return this;
  }
  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }

  override _read(): void {
    // Answers are pushed as they come; there is nothing to ask for.
  }

  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this.#send(chunks.length === 1 && chunks[0] ? chunks[0].chunk : Buffer.concat(chunks.map((c) => c.chunk)), done);
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#send(chunk, done);
  }

  #send(message: Buffer, done: (error?: Error | null) => void): void {
    if (!this.#started) {
      this.#started = true;
      this.push(WELCOME);
      done();
      return;
    }
    if (message[0] === TERMINATE) {
      this.push(null);
      done();
      return;
    }
    this.#execute(message).then(
      (answer) => {
        this.push(Buffer.from(answer.buffer, answer.byteOffset, answer.byteLength));
        done();
      },
      (error: unknown) => done(error instanceof Error ? error : new Error(String(error))),
    );
  }
}
