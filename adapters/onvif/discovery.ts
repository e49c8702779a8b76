import { randomUUID } from 'node:crypto';
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { AdapterError, type Discover, type DiscoveredDevice, type Logger } from '../adapter.ts';
import type { TargetGuard } from '../targets.ts';
import { OnvifError } from './client.ts';
import type { OnvifConfig } from './config.ts';
import { printable } from './failure.ts';
import { createQueue } from './queue.ts';
import { decodeText } from './soap.ts';
import type { ProbeMatch } from './thread-protocol.ts';
import type { ThreadPool } from './threads.ts';

const GROUP = '239.255.255.250';
const MAX_DEVICES = 1_000;
/** Answers parsed at once; what comes on top is an attack or repeats itself at the next question. */
const MAX_PARSING = 64;
/** One machine answers a handful of questions on a handful of interfaces. */
const MAX_ANSWERS_A_PEER = 64;
const GRACE_MS = 5_000;

export interface DiscoveryDeps {
  readonly config: OnvifConfig;
  readonly guard: TargetGuard;
  readonly pool: ThreadPool;
  readonly log: Logger;
}

/** WS-Discovery from every interface at once; each device once, however often and by whichever way it answers. */
export function createDiscover({ config, guard, pool, log }: DiscoveryDeps): Discover {
  return async function* discover({ deadline, signal }) {
    signal.throwIfAborted();
    const queue = createQueue<DiscoveredDevice>(MAX_DEVICES);
    const seen = new Set<string>();
    const answers = new Map<string, number>();
    const ending = new AbortController();
    const parsing = new Set<Promise<void>>();

    const take = async (datagram: Buffer, peer: RemoteInfo, via: string) => {
      try {
        const xml = decodeText(datagram);
        const found = await pool.run('matches', { xml }, { ask: refuse, signal: ending.signal, repeatable: true });
        for (const match of found) {
          if (seen.has(match.urn) || seen.size >= MAX_DEVICES) continue;
          seen.add(match.urn);
          queue.push(deviceOf(match, peer.address, via, guard));
        }
      } catch (error) {
        if (ending.signal.aborted) return;
        if (!(error instanceof OnvifError)) throw error;
        log.debug({ peer: peer.address, reason: error.message }, 'a discovery answer cannot be read');
      }
    };
    const onMessage = (datagram: Buffer, peer: RemoteInfo, via: string) => {
      const count = (answers.get(peer.address) ?? 0) + 1;
      answers.set(peer.address, count);
      if (count > MAX_ANSWERS_A_PEER || parsing.size >= MAX_PARSING) return;
      const work: Promise<void> = take(datagram, peer, via)
        .catch((error: unknown) => queue.end(error))
        .finally(() => parsing.delete(work));
      parsing.add(work);
    };

    const sockets = await openSockets(config.interfaces ?? ownInterfaces(config), log, onMessage);
    const onAbort = () => queue.end(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    let grace: NodeJS.Timeout | undefined;
    const end = setTimeout(() => {
      // What arrived in time counts, also when the thread that reads it is still starting.
      grace = setTimeout(() => queue.end(), GRACE_MS);
      void Promise.allSettled([...parsing]).then(() => queue.end());
    }, deadline);
    // UDP gets lost, and some cameras answer only one of the two types.
    const timers = [0, 1, 3].map((pauses) =>
      setTimeout(() => {
        for (const { socket } of sockets) ask(socket, config.discoveryPort, log);
      }, pauses * config.discoveryPauseMs),
    );
    try {
      yield* queue.values;
    } finally {
      signal.removeEventListener('abort', onAbort);
      ending.abort(new Error('the search is over'));
      for (const timer of [...timers, end, grace]) clearTimeout(timer);
      for (const { socket } of sockets) socket.close();
    }
  };
}

/** Our IPv4 addresses, one search socket each; loopback only when cameras are allowed to live there. */
function ownInterfaces({ allowedTargets = [] }: OnvifConfig): string[] {
  const loopback = allowedTargets.some((target) => target.startsWith('127.'));
  return Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && (!internal || loopback))
    .map(({ address }) => address);
}

async function openSockets(
  addresses: readonly string[],
  log: Logger,
  onMessage: (datagram: Buffer, peer: RemoteInfo, via: string) => void,
) {
  const sockets: { readonly via: string; readonly socket: Socket }[] = [];
  let failure: unknown;
  for (const via of addresses) {
    try {
      sockets.push({ via, socket: await openSocket(via, (datagram, peer) => onMessage(datagram, peer, via)) });
    } catch (error) {
      // An interface without multicast (a VPN, one going down) must not end the search on the others.
      failure = error;
      log.warn({ interface: via, error }, 'cannot search from this interface');
    }
  }
  if (sockets.length > 0) return sockets;
  throw new AdapterError('NO_INTERFACE', 'there is no interface to search from', { retry: true, cause: failure });
}

function openSocket(via: string, onMessage: (datagram: Buffer, peer: RemoteInfo) => void): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    socket.on('message', onMessage);
    // Later errors (an interface that vanishes) concern single messages only; `send` reports them.
    socket.on('error', (error) => {
      socket.close();
      reject(error);
    });
    socket.bind({ address: via, port: 0 }, () => {
      try {
        socket.setMulticastInterface(via);
        socket.setMulticastTTL(4);
        socket.addMembership(GROUP, via);
        socket.removeAllListeners('error').on('error', () => undefined);
        resolve(socket);
      } catch (error) {
        socket.close();
        reject(error);
      }
    });
  });
}

function ask(socket: Socket, port: number, log: Logger): void {
  for (const type of ['dn:NetworkVideoTransmitter', 'tds:Device']) {
    socket.send(probeMessage(type), port, GROUP, (error) => {
      if (error) log.debug({ error }, 'a discovery question was not sent');
    });
  }
}

function probeMessage(type: string): string {
  return (
    '<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"' +
    ' xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"' +
    ' xmlns:dn="http://www.onvif.org/ver10/network/wsdl" xmlns:tds="http://www.onvif.org/ver10/device/wsdl"><s:Header>' +
    '<a:Action s:mustUnderstand="1">http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</a:Action>' +
    `<a:MessageID>urn:uuid:${randomUUID()}</a:MessageID><a:ReplyTo>` +
    '<a:Address>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:Address></a:ReplyTo>' +
    '<a:To s:mustUnderstand="1">urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To></s:Header>' +
    `<s:Body><d:Probe><d:Types>${type}</d:Types></d:Probe></s:Body></s:Envelope>`
  );
}

/** `address` is where to dial; the facts are what the device said, cleaned. */
function deviceOf(match: ProbeMatch, peer: string, via: string, guard: TargetGuard): DiscoveredDevice {
  const urls = match.xaddrs.flatMap((text) => {
    const url = URL.parse(text);
    return url && (url.protocol === 'http:' || url.protocol === 'https:') && url.hostname !== '' ? [url] : [];
  });
  for (const url of urls) {
    url.username = '';
    url.password = '';
  }
  // A device with several addresses is reached at the one it answered from.
  const best = urls.find((url) => bare(url) === peer) ?? urls.find((url) => judge(url, guard) === 'yes') ?? urls[0];
  const scope = (kind: string) => {
    const prefix = `onvif://www.onvif.org/${kind}/`;
    const found = match.scopes.find((each) => each.toLowerCase().startsWith(prefix));
    return found === undefined ? '' : printable(decode(found.slice(prefix.length)));
  };
  const name = scope('name');
  const facts = {
    urn: printable(match.urn),
    xaddr: best?.href ?? '',
    hardware: scope('hardware'),
    location: scope('location'),
    types: match.types.map((type) => printable(type, 40)).join(' '),
    interface: via,
    peer,
    allowed: best ? judge(best, guard) : guard.allows(peer, 80) ? 'yes' : 'no',
  };
  return {
    address: best ? bare(best) : peer,
    ...(name === '' ? {} : { name }),
    facts: Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== '')),
  };
}

const bare = (url: URL) => url.hostname.replace(/^\[|\]$/g, '');

/** A host name is judged when it is dialled; looking up what a stranger wrote helps nobody now. */
function judge(url: URL, guard: TargetGuard): 'yes' | 'no' | 'unknown' {
  if (isIP(bare(url)) === 0) return 'unknown';
  return guard.allows(bare(url), Number(url.port) || (url.protocol === 'https:' ? 443 : 80)) ? 'yes' : 'no';
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    return text;
  }
}

const refuse = () => Promise.reject(new OnvifError('notOnvif', 'nothing to ask here'));
