import { fieldError } from '../../domain/input.ts';
import type { FieldError } from '../../errors.ts';

const LEAST = 16;
const MOST = 128;
const LEAST_DIFFERENT = 8;

/** What is wrong with a secret somebody else chose; it is compared by HMAC only, so it must not be guessable. */
export function deviceSecretFault(
  secret: string,
  device: { readonly id?: unknown; readonly serial?: unknown; readonly mac?: unknown; readonly name?: unknown },
): FieldError | undefined {
  const fault = (code: string, key: 'form' | 'weak' | 'tells') =>
    fieldError('/secret', code, `registry.import.secret.${key}`, { min: LEAST, max: MOST, different: LEAST_DIFFERENT });
  if (secret.length < LEAST || secret.length > MOST || !/^[\x21-\x7e]+$/.test(secret)) return fault('pattern', 'form');
  const classes = [/[a-z]/, /[A-Z]/, /\d/, /[^a-zA-Z\d]/].filter((kind) => kind.test(secret)).length;
  const hex = /^[0-9a-f]{32,}$/i.test(secret);
  if (new Set(secret).size < LEAST_DIFFERENT || (classes < 3 && !hex) || runs(secret)) return fault('weak', 'weak');
  const bare = letters(secret);
  // Printed on the box or known to everybody who ever saw the device.
  for (const known of [device.id, device.serial, device.mac]) {
    if (typeof known === 'string' && letters(known).length >= 4 && bare.includes(letters(known)))
      return fault('tells', 'tells');
  }
  return undefined;
}

const letters = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, '');

/** A piece repeated to fill the length, or six characters in a row that follow each other. */
function runs(secret: string): boolean {
  if (/^(.{1,8})\1+$/s.test(secret)) return true;
  let run = 1;
  for (let index = 1; index < secret.length; index++) {
    const step = secret.charCodeAt(index) - secret.charCodeAt(index - 1);
    run = step === 1 ? run + 1 : 1;
    if (run >= 6) return true;
  }
  return false;
}
