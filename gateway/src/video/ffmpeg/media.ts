import { isAbsolute, normalize, sep } from 'node:path';
import { GatewayError } from '../../errors.ts';

/** Addresses ffmpeg may be pointed at: the relay on loopback, and files that we made. */
export type Media =
  | { readonly kind: 'stream'; readonly url: string }
  | { readonly kind: 'file'; readonly path: string };

const HOSTS = new Set(['127.0.0.1', '[::1]']);
const SCHEMES = new Set(['rtsp:', 'rtsps:']);
/** What a URL may be made of; blanks, quotes and backslashes have no business in one of ours. */
const URL_CHARACTERS = /^[\w\-.~:/?#[\]@!$&()*+,;=%]+$/;

/**
 * Refuses whatever ffmpeg would read in another way than meant (`concat:`, `file:`, `pipe:`, a leading `-`, a foreign
 * host, `..`). `ownDirectory` is absolute; without one no file is allowed. Throws INTERNAL: such a source is our mistake,
 * never a user's input.
 */
export function checkMedia(source: string, ownDirectory?: string): Media {
  if (ownDirectory !== undefined && isInside(source, ownDirectory)) return { kind: 'file', path: source };
  if (!URL_CHARACTERS.test(source)) refuse();
  const url = URL.parse(source);
  if (!url || !SCHEMES.has(url.protocol) || !source.startsWith(`${url.protocol}//`)) refuse();
  if (!HOSTS.has(url.hostname) || url.port === '') refuse();
  if (url.username !== '' || url.password !== '' || source.includes('@')) refuse();
  return { kind: 'stream', url: source };
}

/** Whether `path` names something below `directory`, taken literally. */
export function isInside(path: string, directory: string): boolean {
  if (!isAbsolute(directory) || path.includes('\0') || !isAbsolute(path) || normalize(path) !== path) return false;
  const root = normalize(directory).replace(/\/+$/, '') + sep;
  return path.startsWith(root) && path.length > root.length;
}

function refuse(): never {
  throw new GatewayError('INTERNAL', 'ffmpeg reads only the relay on loopback and files below its own directory');
}
