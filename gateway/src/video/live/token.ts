import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

const TOKEN = /^[A-Za-z0-9_-]{32}$/;
const ID = /^([0-9a-f]{12})?[A-Za-z0-9_-]{16}$/;

/** 192 random bits; whoever holds it and is logged in as its owner may read one view. */
export const newToken = (): string => randomBytes(24).toString('base64url');
/** Name of a view in addresses; no secret, yet not to be guessed either. `node` = the process it lives in. */
export const newViewId = (node = ''): string => node + randomBytes(12).toString('base64url');

export const isViewId = (text: string): boolean => ID.test(text);

/** Only this is kept. */
export const hashToken = (token: string): Buffer => createHash('sha256').update(token).digest();

/** Takes as long for a wrong token as for the right one. */
export function sameToken(token: string, hash: Buffer): boolean {
  return timingSafeEqual(hashToken(TOKEN.test(token) ? token : ''), hash);
}
