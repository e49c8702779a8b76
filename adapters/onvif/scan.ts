import { connect, isIPv4 } from 'node:net';
import type { DiscoveredDevice } from '../adapter.ts';
import type { TargetGuard } from '../targets.ts';
import { type OnvifClient, OnvifError } from './client.ts';
import { createQueue } from './queue.ts';

export interface ScanOptions {
  /** Ports tried on each address. */
  readonly ports?: readonly number[];
  readonly signal: AbortSignal;
  /** Addresses done, of so many; called at most once an address. */
  readonly onProgress?: (done: number, total: number) => void;
}

export type Scan = (cidr: string, options: ScanOptions) => AsyncIterable<DiscoveredDevice>;

export const SCAN_PORTS = [80, 554, 8000, 8080, 8899] as const;
/** 4,096 addresses. */
export const LARGEST_SCAN = 20;
const AT_ONCE = 64;
const CONNECT_MS = 1_000;
const PROOF_MS = 3_000;

/** Where a scan of this network would begin and how far it goes. Throws RangeError naming the rule. */
export function parseCidr(cidr: string): { readonly first: number; readonly count: number } {
  const [address = '', bits] = cidr.trim().split('/');
  const prefix = bits === undefined ? 32 : Number(bits);
  if (!isIPv4(address) || !/^\d{1,2}$/.test(bits ?? '32') || prefix > 32) {
    throw new RangeError(`"${cidr}" is no IPv4 network; write it like 192.168.1.0/24`);
  }
  if (prefix < LARGEST_SCAN) throw new RangeError(`"${cidr}" is larger than /${LARGEST_SCAN} (4,096 addresses)`);
  const count = 2 ** (32 - prefix);
  const number = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const base = Math.floor(number / count) * count;
  // Network and broadcast address are nobody's.
  return prefix >= 31 ? { first: base, count } : { first: base + 1, count: count - 2 };
}

/** Tries every permitted address of a network and yields what proves to speak ONVIF or RTSP. */
export function createScan({ guard, client }: { readonly guard: TargetGuard; readonly client: OnvifClient }): Scan {
  return async function* scan(cidr, { ports = SCAN_PORTS, signal, onProgress }) {
    const { first, count } = parseCidr(cidr);
    signal.throwIfAborted();
    const queue = createQueue<DiscoveredDevice>(LARGEST_COUNT);
    const ending = new AbortController();
    const onAbort = () => ending.abort(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    let next = 0;
    let done = 0;
    const work = async () => {
      while (next < count && !ending.signal.aborted) {
        const address = dotted(first + next++);
        const found = await examine(address, ports, ending.signal);
        if (found) queue.push(found);
        onProgress?.(++done, count);
      }
    };
    const examine = async (address: string, wanted: readonly number[], stop: AbortSignal) => {
      const allowed = wanted.filter((port) => guard.allows(address, port));
      const open = await Promise.all(allowed.map((port) => accepts(address, port, stop)));
      const proofs = await Promise.all(
        allowed.filter((_, index) => open[index]).map((port) => prove(client, address, port, stop)),
      );
      return mergeProofs(
        address,
        proofs.filter((proof) => proof !== undefined),
      );
    };
    const all = Promise.all(Array.from({ length: AT_ONCE }, work)).then(
      () => queue.end(ending.signal.aborted ? ending.signal.reason : undefined),
      (error: unknown) => {
        ending.abort(error);
        queue.end(error);
      },
    );
    try {
      yield* queue.values;
    } finally {
      ending.abort(new Error('the scan is over'));
      signal.removeEventListener('abort', onAbort);
      await all;
    }
  };
}

const LARGEST_COUNT = 2 ** (32 - LARGEST_SCAN);
const dotted = (number: number) => [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');

interface Proof {
  readonly protocol: 'onvif' | 'rtsp';
  readonly port: number;
  readonly detail: string;
}

function mergeProofs(address: string, proofs: readonly Proof[]): DiscoveredDevice | undefined {
  if (proofs.length === 0) return undefined;
  const of = (protocol: Proof['protocol']) => proofs.filter((proof) => proof.protocol === protocol);
  const [onvif] = of('onvif');
  const [rtsp] = of('rtsp');
  return {
    address,
    facts: {
      ...(onvif ? { xaddr: `http://${address}:${onvif.port}/onvif/device_service`, onvif: onvif.detail } : {}),
      ...(rtsp ? { rtspPort: String(rtsp.port), rtsp: rtsp.detail } : {}),
      ports: proofs.map(({ port }) => port).join(' '),
      allowed: 'yes',
    },
  };
}

async function prove(
  client: OnvifClient,
  address: string,
  port: number,
  signal: AbortSignal,
): Promise<Proof | undefined> {
  const rtsp = await speaksRtsp(address, port, signal);
  if (rtsp !== undefined) return { protocol: 'rtsp', port, detail: rtsp };
  try {
    const offset = await client.clockOffset({ host: address, port }, { deadline: PROOF_MS, signal });
    const detail =
      offset === null ? 'GetSystemDateAndTime' : `GetSystemDateAndTime, clock ${Math.round(offset / 1_000)} s`;
    return { protocol: 'onvif', port, detail };
  } catch (error) {
    if (!(error instanceof OnvifError)) throw error;
    // A camera that tells even the time only to users is still one: it refused as ONVIF does.
    return error.reason === 'wrongPassword' && /none is configured/.test(error.message)
      ? { protocol: 'onvif', port, detail: 'wants a login' }
      : undefined;
  }
}

function accepts(host: string, port: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(false);
    const socket = connect({ host, port });
    const settle = (open: boolean) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket.destroy();
      resolve(open);
    };
    const onAbort = () => settle(false);
    const timer = setTimeout(onAbort, CONNECT_MS);
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once('connect', () => settle(true));
    socket.on('error', () => settle(false));
  });
}

/** First line of the answer to OPTIONS; undefined when it is none of RTSP. */
function speaksRtsp(host: string, port: number, signal: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(undefined);
    const socket = connect({ host, port });
    let text = '';
    const settle = (answer: string | undefined) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket.destroy();
      resolve(answer);
    };
    const onAbort = () => settle(undefined);
    const timer = setTimeout(onAbort, PROOF_MS);
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once('connect', () => socket.write(`OPTIONS rtsp://${host}:${port}/ RTSP/1.0\r\nCSeq: 1\r\n\r\n`));
    socket.setEncoding('latin1');
    socket.on('data', (chunk) => {
      text += chunk;
      const line = /^RTSP\/1\.\d (\d{3})[^\r\n]*\r?\n/.exec(text);
      if (line) settle(`OPTIONS ${line[1]}`);
      else if (text.length >= 9 && !text.startsWith('RTSP/1.')) settle(undefined);
      else if (text.length > 1_000) settle(undefined);
    });
    for (const event of ['error', 'close'] as const) socket.on(event, () => settle(undefined));
  });
}
