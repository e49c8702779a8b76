import { createHash } from 'node:crypto';
import type { RtspRequest } from './request.ts';

export interface CameraLogin {
  readonly username: string;
  readonly password: string;
  /** Default `md5`, which is what cameras speak. */
  readonly scheme?: 'basic' | 'md5' | 'sha256';
}

const REALM = 'Simulated camera';

/** The WWW-Authenticate value of a 401. SHA-256 offers qop, MD5 none: the two dialects seen in the field. */
export function challenge(scheme: CameraLogin['scheme'], nonce: string): string {
  if (scheme === 'basic') return `Basic realm="${REALM}"`;
  const more = scheme === 'sha256' ? ', algorithm=SHA-256, qop="auth"' : ', stale="FALSE"';
  return `Digest realm="${REALM}", nonce="${nonce}"${more}`;
}

/**
 * Checks the Authorization header. Written apart from the gateway's own Digest code on purpose, so that a mistake
 * there is not confirmed by its own mirror image.
 */
export function loginIsRight(login: CameraLogin, nonce: string, request: RtspRequest): boolean {
  const header = request.headers.get('authorization') ?? '';
  if (login.scheme === 'basic') {
    return header === `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`;
  }
  if (!header.startsWith('Digest ')) return false;
  const field = (name: string) => new RegExp(`(?:^|[ ,])${name}="?([^",]*)"?`).exec(header.slice(7))?.[1] ?? '';
  const hash = (text: string) =>
    createHash(login.scheme === 'sha256' ? 'sha256' : 'md5')
      .update(text)
      .digest('hex');
  if (field('username') !== login.username || field('nonce') !== nonce) return false;
  const account = hash(`${login.username}:${REALM}:${login.password}`);
  const asked = hash(`${request.method}:${field('uri')}`);
  const middle = login.scheme === 'sha256' ? `${nonce}:${field('nc')}:${field('cnonce')}:auth` : nonce;
  return field('response') === hash(`${account}:${middle}:${asked}`);
}
