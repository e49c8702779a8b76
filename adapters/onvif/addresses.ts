import { connect } from 'node:net';
import type { StreamNote } from './client.ts';
import type { Pass } from './pass.ts';

interface Settled {
  readonly uri: string | null;
  readonly note: StreamNote | null;
}

const CONNECT_MS = 1_000;
const PORTS: Readonly<Record<string, number>> = { 'rtsp:': 554, 'rtsps:': 322, 'http:': 80, 'https:': 443 };

/**
 * The address a camera names, as it can be used: no credentials, and a host that may be dialled. A host other than the
 * one we dialled is kept when it is permitted and accepts connections (recorders with a media server), else the camera's
 * own host takes its place with the named port, path and query (NAT); when that may not be dialled either, there is none.
 */
export async function settleAddress(
  pass: Pass,
  dialled: string,
  named: string | null,
  schemes: readonly string[],
  signal: AbortSignal,
): Promise<Settled> {
  const url = named === null ? null : URL.parse(named);
  if (!url || !schemes.includes(url.protocol) || url.hostname === '') return { uri: null, note: 'notNamed' };
  url.username = '';
  url.password = '';
  url.hash = '';
  if (await usable(pass, url, dialled, signal)) return { uri: url.href, note: null };
  if (sameHost(url, dialled)) return { uri: null, note: 'targetNotAllowed' };
  const own = replaceHost(url, dialled);
  return (await permitted(pass, own))
    ? { uri: own.href, note: 'hostReplaced' }
    : { uri: null, note: 'targetNotAllowed' };
}

const bare = (url: URL) => url.hostname.replace(/^\[|\]$/g, '');
const portOf = (url: URL) => (url.port === '' ? (PORTS[url.protocol] ?? 80) : Number(url.port));

function sameHost(url: URL, dialled: string): boolean {
  return bare(url).toLowerCase() === dialled.toLowerCase();
}

/** A URL of scheme rtsp takes no new host by assignment in every engine, so it is written anew. */
function replaceHost(url: URL, dialled: string): URL {
  const host = dialled.includes(':') ? `[${dialled}]` : dialled;
  const port = url.port === '' ? '' : `:${url.port}`;
  return new URL(`${url.protocol}//${host}${port}${url.pathname}${url.search}`);
}

async function usable(pass: Pass, url: URL, dialled: string, signal: AbortSignal): Promise<boolean> {
  if (!(await permitted(pass, url))) return false;
  return sameHost(url, dialled) || accepts(pass, url, signal);
}

async function permitted(pass: Pass, url: URL): Promise<boolean> {
  return (await addresses(pass, url)).length > 0;
}

async function addresses(pass: Pass, url: URL) {
  try {
    return await pass.resolve(bare(url), portOf(url));
  } catch (error) {
    if ((error as { reason?: unknown }).reason === undefined) throw error;
    return [];
  }
}

async function accepts(pass: Pass, url: URL, signal: AbortSignal): Promise<boolean> {
  const [address] = await addresses(pass, url);
  if (!address) return false;
  return new Promise((resolve) => {
    const socket = connect({ host: address.address, family: address.family, port: portOf(url) });
    const settle = (answer: boolean) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket.destroy();
      resolve(answer);
    };
    const onAbort = () => settle(false);
    const timer = setTimeout(onAbort, CONNECT_MS);
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once('connect', () => settle(true));
    socket.on('error', () => settle(false));
  });
}
