import { createCipheriv, createDecipheriv, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { GatewayError } from '../errors.ts';
import { bilingual } from '../messages/index.ts';

/**
 * The outside of a backup file: `CGWBAK01`, 16 bytes of salt, 8 bytes that tell a wrong key from a damaged file, then
 * frames of 4 bytes (bit 31 = the last one, the rest its length), AES-256-GCM ciphertext and its tag. A frame's nonce is
 * its number, its associated data the head of the file and its own four bytes: frames cannot be changed, left out,
 * repeated, reordered, or taken from another file, and the end cannot be cut off. The salt makes every file's key its own,
 * so counting nonces never repeat.
 */
const MAGIC = Buffer.from('CGWBAK01', 'latin1');
const SALT_BYTES = 16;
const CHECK_BYTES = 8;
const HEAD_BYTES = MAGIC.length + SALT_BYTES + CHECK_BYTES;
const FRAME_BYTES = 1024 * 1024;
const WORD_BYTES = 4;
const TAG_BYTES = 16;
const LAST = 0x8000_0000;

interface Keys {
  readonly seal: Buffer;
  readonly check: Buffer;
}

function keysOf(key: string, salt: Buffer): Keys {
  const derive = (label: string, bytes: number) =>
    Buffer.from(hkdfSync('sha256', key, salt, `chengyun-gateway backup ${label}`, bytes));
  return { seal: derive('seal', 32), check: derive('check', CHECK_BYTES) };
}

function nonceOf(frame: number): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeBigUInt64BE(BigInt(frame), 4);
  return nonce;
}

function wordOf(length: number, last: boolean): Buffer {
  const word = Buffer.alloc(WORD_BYTES);
  word.writeUInt32BE(last ? length + LAST : length);
  return word;
}

/** Seals a stream of any chunks; holds one frame in memory. */
export async function* seal(key: string, source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const salt = randomBytes(SALT_BYTES);
  const keys = keysOf(key, salt);
  const head = Buffer.concat([MAGIC, salt, keys.check]);
  yield head;
  let number = 0;
  const frame = (plain: Buffer, last: boolean) => {
    const word = wordOf(plain.length, last);
    const cipher = createCipheriv('aes-256-gcm', keys.seal, nonceOf(number++));
    cipher.setAAD(Buffer.concat([head, word]));
    return Buffer.concat([word, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  };
  let waiting: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of source) {
    waiting.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length));
    bytes += chunk.length;
    if (bytes <= FRAME_BYTES) continue;
    let rest = Buffer.concat(waiting);
    for (; rest.length > FRAME_BYTES; rest = rest.subarray(FRAME_BYTES)) {
      yield frame(rest.subarray(0, FRAME_BYTES), false);
    }
    waiting = [rest];
    bytes = rest.length;
  }
  yield frame(Buffer.concat(waiting), true);
}

/** The plain bytes of a sealed file. Throws BACKUP_UNREADABLE: no backup, another key, damaged or cut off. */
export async function* unseal(key: string, path: string): AsyncGenerator<Buffer> {
  const take = reader(createReadStream(path, { highWaterMark: 256 * 1024 }));
  try {
    const head = await take.exactly(HEAD_BYTES);
    if (!head?.subarray(0, MAGIC.length).equals(MAGIC)) throw unreadable('backup.notOne', path);
    const keys = keysOf(key, head.subarray(MAGIC.length, MAGIC.length + SALT_BYTES));
    if (!timingSafeEqual(keys.check, head.subarray(HEAD_BYTES - CHECK_BYTES)))
      throw unreadable('backup.wrongKey', path);
    for (let number = 0; ; number++) {
      const word = await take.exactly(WORD_BYTES);
      if (!word) throw unreadable('backup.cutOff', path);
      const value = word.readUInt32BE();
      const last = value >= LAST;
      const length = last ? value - LAST : value;
      if (length > FRAME_BYTES) throw unreadable('backup.damaged', path);
      const body = await take.exactly(length + TAG_BYTES);
      if (!body) throw unreadable('backup.cutOff', path);
      const decipher = createDecipheriv('aes-256-gcm', keys.seal, nonceOf(number), { authTagLength: TAG_BYTES });
      decipher.setAAD(Buffer.concat([head, word]));
      decipher.setAuthTag(body.subarray(length));
      let plain: Buffer;
      try {
        plain = Buffer.concat([decipher.update(body.subarray(0, length)), decipher.final()]);
      } catch (cause) {
        throw unreadable('backup.damaged', path, cause);
      }
      if (!last) {
        yield plain;
        continue;
      }
      if (await take.exactly(1)) throw unreadable('backup.damaged', path);
      yield plain;
      return;
    }
  } finally {
    take.close();
  }
}

type Why = 'backup.noFile' | 'backup.notOne' | 'backup.wrongKey' | 'backup.cutOff' | 'backup.damaged';

export function unreadable(why: Why, path: string, cause?: unknown): GatewayError {
  return new GatewayError('BACKUP_UNREADABLE', bilingual(why, { path }), cause === undefined ? {} : { cause });
}

function reader(stream: ReturnType<typeof createReadStream>) {
  const chunks: AsyncIterator<Buffer> = stream[Symbol.asyncIterator]();
  let held: Buffer[] = [];
  let bytes = 0;
  return {
    /** undefined = the stream ended before. */
    async exactly(count: number): Promise<Buffer | undefined> {
      while (bytes < count) {
        const next = await chunks.next().catch((cause: NodeJS.ErrnoException) => {
          throw cause.code === 'ENOENT' ? unreadable('backup.noFile', String(stream.path), cause) : cause;
        });
        if (next.done) return undefined;
        held.push(next.value);
        bytes += next.value.length;
      }
      const all = Buffer.concat(held);
      held = [all.subarray(count)];
      bytes -= count;
      return all.subarray(0, count);
    },
    close: () => void stream.destroy(),
  };
}
