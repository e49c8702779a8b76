import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  hkdfSync,
  randomBytes,
  scrypt,
  timingSafeEqual,
} from 'node:crypto';
import { GatewayError } from '../errors.ts';

/** Seals what must be read back (camera passwords), hashes what must only be compared (device secrets, tokens). */
export interface Secrets {
  /** Four bytes of the sealing key's fingerprint, as hex; stands in every sealed text. */
  readonly keyId: string;
  /** AES-256-GCM, base64. `context` (e.g. `device:d1:connection`) must be the same when opening. */
  seal(plain: string, context: string): string;
  /** Throws INTERNAL when the text was sealed by another key, for another context, or was changed. */
  open(sealed: string, context: string): string;
  /** HMAC-SHA-256 of a machine's secret (≥ 128 random bits), base64. */
  hash(secret: string): string;
  /** Constant-time comparison with {@link hash}; a missing hash takes as long and is never equal. */
  matches(secret: string, hash: string | null | undefined): boolean;
  /** HMAC-SHA-256 over what must be proven to be ours later: `keyId.base64`. */
  sign(text: string): string;
  /** `otherKey` = signed with a key that is not here. */
  check(text: string, signature: string): 'valid' | 'forged' | 'otherKey';
}

const VERSION = 1;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 5;

/** `previous` keys still open what they sealed, so a key can be changed without losing anything. */
export function createSecrets(master: string, previous: readonly string[] = []): Secrets {
  const derive = (key: string, label: string) => Buffer.from(hkdfSync('sha256', key, 'chengyun-gateway', label, 32));
  const idOf = (key: string) => createHash('sha256').update(derive(key, 'key id')).digest().subarray(0, 4);
  const keys = new Map([...previous, master].map((key) => [idOf(key).toString('hex'), derive(key, 'seal')]));
  const signKeys = new Map([...previous, master].map((key) => [idOf(key).toString('hex'), derive(key, 'sign')]));
  const keyId = idOf(master);
  const signature = (id: string, text: string) => {
    const key = signKeys.get(id);
    return key && createHmac('sha256', key).update(text).digest();
  };
  const sealKey = derive(master, 'seal');
  const hashKey = derive(master, 'hash');
  const digest = (secret: string) => createHmac('sha256', hashKey).update(secret).digest();
  const nothing = randomBytes(32);

  return {
    keyId: keyId.toString('hex'),
    seal(plain, context) {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv('aes-256-gcm', sealKey, iv, { authTagLength: TAG_BYTES });
      cipher.setAAD(Buffer.from(context));
      const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      return Buffer.concat([Buffer.from([VERSION]), keyId, iv, cipher.getAuthTag(), body]).toString('base64');
    },
    open(sealed, context) {
      const bytes = Buffer.from(sealed, 'base64');
      const key = keys.get(bytes.subarray(1, HEADER_BYTES).toString('hex'));
      if (bytes[0] !== VERSION || !key) throw new GatewayError('INTERNAL', 'a secret was sealed by another key');
      const ivEnd = HEADER_BYTES + IV_BYTES;
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(HEADER_BYTES, ivEnd), {
          authTagLength: TAG_BYTES,
        });
        decipher.setAAD(Buffer.from(context));
        decipher.setAuthTag(bytes.subarray(ivEnd, ivEnd + TAG_BYTES));
        return Buffer.concat([decipher.update(bytes.subarray(ivEnd + TAG_BYTES)), decipher.final()]).toString('utf8');
      } catch (cause) {
        throw new GatewayError('INTERNAL', 'a sealed secret was changed or belongs elsewhere', { cause });
      }
    },
    hash: (secret) => digest(secret).toString('base64'),
    matches(secret, hash) {
      const stored = hash ? Buffer.from(hash, 'base64') : nothing;
      const equal = timingSafeEqual(digest(secret), stored.length === 32 ? stored : nothing);
      return equal && Boolean(hash);
    },
    sign: (text) => `${keyId.toString('hex')}.${signature(keyId.toString('hex'), text)?.toString('base64') ?? ''}`,
    check(text, signed) {
      const [id = '', digits = ''] = signed.split('.');
      const right = signature(id, text);
      if (!right) return /^[0-9a-f]{8}$/.test(id) ? 'otherKey' : 'forged';
      const given = Buffer.from(digits, 'base64');
      return given.length === right.length && timingSafeEqual(given, right) ? 'valid' : 'forged';
    },
  };
}

/** A secret for a machine: 192 random bits, safe in URLs and MQTT. */
export function randomSecret(): string {
  return randomBytes(24).toString('base64url');
}

/** A first password for a person: 16 characters without look-alikes, with letter, digit and symbol. */
export function randomPassword(): string {
  const alphabet = 'abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';
  for (;;) {
    // 56 letters: bytes from 224 on would favour the first ones.
    const letters = [...randomBytes(48)].filter((byte) => byte < 224).map((byte) => alphabet.charAt(byte % 56));
    const groups = [0, 5, 10].map((start) => letters.slice(start, start + 5).join(''));
    const password = groups.join('-');
    if (password.length === 17 && /\d/.test(password) && /[a-zA-Z]/.test(password)) return password;
  }
}

// 32 MiB and about 80 ms a hash: dear for a thief with the table, bearable for a login.
const SCRYPT = { N: 32_768, r: 8, p: 1 } as const;

/** `scrypt$N$r$p$salt$hash`, so parameters may grow without breaking old hashes. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const key = await derivePassword(password, salt, SCRYPT);
  return `scrypt$${SCRYPT.N}$${SCRYPT.r}$${SCRYPT.p}$${salt.toString('base64')}$${key.toString('base64')}`;
}

/** Without a stored hash the same work is done and the answer is no, so unknown names cannot be timed. */
export async function verifyPassword(password: string, stored: string | null): Promise<boolean> {
  const [scheme, n, r, p, salt, hash] = (stored ?? '').split('$');
  if (scheme !== 'scrypt' || !salt || !hash) {
    await derivePassword(password, Buffer.alloc(16), SCRYPT);
    return false;
  }
  const expected = Buffer.from(hash, 'base64');
  const actual = await derivePassword(password, Buffer.from(salt, 'base64'), {
    N: Number(n),
    r: Number(r),
    p: Number(p),
  });
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

function derivePassword(password: string, salt: Buffer, cost: { N: number; r: number; p: number }): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFC'), salt, 32, { ...cost, maxmem: 256 * cost.N * cost.r }, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}
