import { randomBytes } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import { renderSVG } from 'uqr';

/** Name before the account in the authenticator's list. */
const ISSUER = '城运网关';
const PERIOD_S = 30;
/** Clocks of phones may be one step off [RFC 6238 §5.2]. */
const WINDOW = 1;
const RECOVERY_CODES = 10;

const generator = (secret: string, label = 'user') =>
  new TOTP({
    issuer: ISSUER,
    label,
    secret: Secret.fromBase32(secret),
    algorithm: 'SHA1',
    digits: 6,
    period: PERIOD_S,
  });

/** 160 random bits [RFC 4226 §4], base32. */
export function newTotpSecret(): string {
  return new Secret({ size: 20 }).base32;
}

/** What the authenticator reads: as URI, and as a picture of it (`data:image/svg+xml`). */
export function totpKey(secret: string, username: string): { uri: string; qr: string } {
  const uri = generator(secret, username).toString();
  const svg = renderSVG(uri, { border: 2 });
  return { uri, qr: `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}` };
}

/** The time step a code belongs to, undefined when it is none of about now. */
export function totpStep(secret: string, code: string, now: number): number | undefined {
  const token = code.replaceAll(' ', '');
  if (!/^\d{6}$/.test(token)) return undefined;
  const delta = generator(secret).validate({ token, timestamp: now, window: WINDOW });
  return delta === null ? undefined : Math.floor(now / 1000 / PERIOD_S) + delta;
}

/** Ten codes of 50 random bits for who lost the phone, such as `k3tq7-xm2pd`; without letters that look alike. */
export function newRecoveryCodes(): string[] {
  const alphabet = 'abcdefghjkmnpqrstuvwxyz023456789';
  return Array.from({ length: RECOVERY_CODES }, () => {
    const letters = [...randomBytes(10)].map((byte) => alphabet.charAt(byte % 32)).join('');
    return `${letters.slice(0, 5)}-${letters.slice(5)}`;
  });
}

/** How a recovery code is compared: without case, blanks and dash. */
export function plainRecoveryCode(code: string): string {
  return code.toLowerCase().replace(/[\s-]/g, '');
}
