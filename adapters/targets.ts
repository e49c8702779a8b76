import { lookup as systemLookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { networkInterfaces } from 'node:os';

/**
 * Which addresses the gateway may dial on behalf of a registered device (`CGW_ALLOWED_TARGETS`). A camera URL is
 * input: without this guard it could point at the gateway's own database or at a cloud metadata service.
 */
export interface TargetGuard {
  /** May this literal address and port be dialled? IPv4 inside IPv6 is judged as the IPv4 address. */
  allows(address: string, port: number): boolean;
  /**
   * Resolves the host, judges every address and returns the permitted ones in the resolver's order. The caller dials
   * exactly these, so a name that changes its answer later gains nothing.
   * Throws {@link TargetError}.
   */
  resolve(host: string, port: number): Promise<readonly PinnedAddress[]>;
  /** The same for a URL; its scheme gives the port when it names none. */
  resolveUrl(url: URL): Promise<readonly PinnedAddress[]>;
}

export interface PinnedAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

/** `notAllowed`: no address of the host may be dialled; `notFound`: the name has no address or no resolver answered. */
export class TargetError extends Error {
  readonly kind: 'notAllowed' | 'notFound';
  constructor(kind: 'notAllowed' | 'notFound', message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'TargetError';
    this.kind = kind;
  }
}

export type Lookup = (host: string) => Promise<readonly PinnedAddress[]>;

export interface TargetGuardOptions {
  /** `cidr[:port]` entries, as a list or comma-separated; absent or empty = RFC 1918 and ULA. */
  readonly allowed?: string | readonly string[] | undefined;
  readonly lookup?: Lookup;
  /** Addresses of this machine apart from loopback; read anew for every check. */
  readonly ownAddresses?: () => readonly string[];
}

interface Entry {
  readonly base: PinnedAddress;
  readonly prefix: number;
  readonly port: number | undefined;
  readonly list: BlockList;
}

const DEFAULT_ALLOWED = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'];
/** Opened only by an entry that itself lies inside them: `0.0.0.0/0` means "any camera", not "our own services". */
const SENSITIVE = ['127.0.0.0/8', '::1/128', '169.254.0.0/16', 'fe80::/10'].map(parseEntry);
/** Never a camera: unspecified (dials this host), multicast, broadcast and reserved. */
const NEVER = ['0.0.0.0/8', '224.0.0.0/4', '240.0.0.0/4', '::/128', 'ff00::/8'].map(parseEntry);

const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443, 'rtsp:': 554, 'rtsps:': 322 };

/** Throws RangeError naming the bad entry. */
export function createTargetGuard(options: TargetGuardOptions = {}): TargetGuard {
  const given = typeof options.allowed === 'string' ? options.allowed.split(',') : (options.allowed ?? []);
  const texts = given.map((text) => text.trim()).filter((text) => text !== '');
  const entries = (texts.length > 0 ? texts : DEFAULT_ALLOWED).map(parseEntry);
  const lookup = options.lookup ?? lookupAll;
  const ownAddresses = options.ownAddresses ?? readOwnAddresses;

  const permitted = (target: PinnedAddress, port: number): boolean => {
    if (NEVER.some((entry) => covers(entry, target))) return false;
    const matching = entries.filter(
      (entry) => (entry.port === undefined || entry.port === port) && covers(entry, target),
    );
    const zone = SENSITIVE.find((entry) => covers(entry, target));
    if (zone) return matching.some((entry) => entry.prefix >= zone.prefix);
    if (matching.length === 0) return false;
    // Our own address is listed only by an entry for exactly this address.
    const whole = target.family === 4 ? 32 : 128;
    return matching.some((entry) => entry.prefix === whole) || !isOwn(target, ownAddresses());
  };

  const resolve = async (host: string, port: number) => {
    const found = await addressesOf(host, lookup);
    const allowed = found.filter((target) => permitted(target, port));
    if (allowed.length === 0) {
      throw new TargetError('notAllowed', `${found.map((one) => one.address).join(', ')} port ${port} is not listed`);
    }
    return allowed;
  };
  return {
    allows: (address, port) => permitted(normalise(address), port),
    resolve,
    resolveUrl: (url) =>
      resolve(url.hostname.replace(/^\[|\]$/g, ''), Number(url.port) || (DEFAULT_PORTS[url.protocol] ?? 80)),
  };
}

/** Says which entry is wrong and how it is written, or undefined when all are right. For the configuration check. */
export function checkAllowedTargets(text: string): string | undefined {
  try {
    createTargetGuard({ allowed: text });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function addressesOf(host: string, lookup: Lookup): Promise<PinnedAddress[]> {
  const literal = host.replace(/^\[(.*)\]$/, '$1');
  if (isIP(literal) !== 0) return [normalise(literal)];
  let answers: readonly PinnedAddress[];
  try {
    answers = await lookup(literal);
  } catch (error) {
    throw new TargetError('notFound', `name lookup failed (${codeOf(error)})`, error);
  }
  if (answers.length === 0) throw new TargetError('notFound', 'the name has no address');
  return answers.map((answer) => normalise(answer.address));
}

async function lookupAll(host: string): Promise<PinnedAddress[]> {
  const answers = await systemLookup(host, { all: true, verbatim: true });
  return answers.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 }));
}

/** Unwraps IPv4-mapped (::ffff:a.b.c.d) and NAT64 (64:ff9b::/96) addresses and drops a zone index. */
function normalise(address: string): PinnedAddress {
  const bare = address.replace(/%.*$/, '');
  if (isIP(bare) === 4) return { address: bare, family: 4 };
  if (isIP(bare) !== 6) throw new TargetError('notFound', 'not an IP address');
  // The URL parser writes any IPv6 spelling in its one canonical form.
  const canonical = new URL(`http://[${bare}]/`).hostname.slice(1, -1);
  const embedded = /^(?:::ffff:|64:ff9b::)([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(canonical);
  if (!embedded) return { address, family: 6 };
  const [high, low] = [embedded[1], embedded[2]].map((group) => Number.parseInt(group ?? '0', 16)) as [number, number];
  return { address: `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`, family: 4 };
}

function covers(entry: Entry, target: PinnedAddress): boolean {
  if (entry.base.family !== target.family) return false;
  return entry.list.check(target.address.replace(/%.*$/, ''), target.family === 4 ? 'ipv4' : 'ipv6');
}

function isOwn(target: PinnedAddress, own: readonly string[]): boolean {
  return own.some((address) => {
    const list = new BlockList();
    const mine = normalise(address);
    list.addAddress(mine.address.replace(/%.*$/, ''), mine.family === 4 ? 'ipv4' : 'ipv6');
    return covers({ base: mine, prefix: 0, port: undefined, list }, target);
  });
}

/** `10.0.0.0/8`, `10.1.2.3`, `10.0.0.0/8:554`, `fd00::/8:554`, `[fd00::/8]:554`, `[fd00::]/8:554`, `[fd00::1]:554`. */
function parseEntry(text: string): Entry {
  const refuse = (why: string) =>
    new RangeError(`"${text}" is no target: ${why}; write cidr[:port], e.g. 192.168.0.0/16 or 127.0.0.1/32:8554`);
  const match =
    /^([^/]+\/\d+)(?::(\d+))?$/.exec(text.replace(/^\[([^\]/]+)\]\//, '$1/')) ??
    /^\[([^\]]+)\](?::(\d+))?$/.exec(text) ??
    (isIP(text) === 6 ? [text, text, undefined] : /^([^/:]+)(?::(\d+))?$/.exec(text));
  if (!match?.[1]) throw refuse('not an address or network');
  const [address = '', bits] = match[1].split('/');
  if (isIP(address) === 0) throw refuse(`"${address}" is not an IP address`);
  const base = normalise(address);
  const mapped = base.family === 4 && isIP(address) === 6;
  const whole = base.family === 4 ? 32 : 128;
  const prefix = bits === undefined ? whole : Number(bits) - (mapped ? 96 : 0);
  if (!/^\d{0,3}$/.test(bits ?? '') || prefix < 0 || prefix > whole) throw refuse(`prefix /${bits} is out of range`);
  const port = match[2] === undefined ? undefined : Number(match[2]);
  if (port !== undefined && (port < 1 || port > 65_535)) throw refuse(`port ${port} is out of range`);
  const list = new BlockList();
  list.addSubnet(base.address, prefix, base.family === 4 ? 'ipv4' : 'ipv6');
  return { base, prefix, port, list };
}

const OWN_TTL_MS = 10_000;
let ownCache: { readonly at: number; readonly addresses: readonly string[] } | undefined;

/** Cached for ten seconds: reading the interfaces costs more than the rest of a check. */
function readOwnAddresses(): readonly string[] {
  const now = performance.now();
  if (!ownCache || now - ownCache.at > OWN_TTL_MS) {
    const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
    ownCache = { at: now, addresses: all.filter((one) => !one.internal).map((one) => one.address) };
  }
  return ownCache.addresses;
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : 'unknown';
}
