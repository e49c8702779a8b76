import { BlockList, isIP } from 'node:net';

/** One entry of CGW_ALLOWED_TARGETS: a network and, optionally, the only port allowed in it. */
export interface Target {
  readonly address: string;
  readonly prefix: number;
  readonly family: 'ipv4' | 'ipv6';
  readonly port: number | null;
}

/** `10.0.0.0/8`, `192.168.1.5:554`, `fd00::/8`, `[fd00::]/8:554`; undefined when it is none. */
export function parseTarget(text: string): Target | undefined {
  const match =
    /^\[([0-9a-f:.]+)\](?:\/(\d{1,3}))?(?::(\d{1,5}))?$/i.exec(text) ??
    /^([\d.]+)(?:\/(\d{1,2}))?(?::(\d{1,5}))?$/.exec(text) ??
    /^([0-9a-f:.]+)(?:\/(\d{1,3}))?$/i.exec(text);
  const address = match?.[1];
  if (!match || !address) return undefined;
  const version = isIP(address);
  if (version === 0) return undefined;
  const bits = version === 4 ? 32 : 128;
  const prefix = match[2] === undefined ? bits : Number(match[2]);
  const port = match[3] === undefined ? null : Number(match[3]);
  if (prefix > bits || (port !== null && (port < 1 || port > 65_535))) return undefined;
  return { address, prefix, family: version === 4 ? 'ipv4' : 'ipv6', port };
}

const PRIVATE: readonly Target[] = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7']
  .map(parseTarget)
  .filter((target) => target !== undefined);

export interface TargetGuard {
  /** Whether cameras, webhooks and peers may live at this resolved address. Check after every name resolution. */
  allows(address: string, port: number): boolean;
}

/**
 * Keeps the gateway from being used to reach what only it can reach. Without a list RFC 1918 and ULA are allowed;
 * loopback, link-local and `own` addresses only when listed.
 */
export function createTargetGuard(listed: readonly Target[] | null, own: readonly string[] = []): TargetGuard {
  const rules = (listed ?? PRIVATE).map((target) => {
    const block = new BlockList();
    block.addSubnet(target.address, target.prefix, target.family);
    return { target, block };
  });
  return {
    allows(raw, port) {
      const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(raw)?.[1];
      const address = mapped ?? raw;
      const version = isIP(address);
      if (version === 0) return false;
      const family = version === 4 ? 'ipv4' : 'ipv6';
      return rules.some(
        ({ target, block }) =>
          (target.port === null || target.port === port) &&
          block.check(address, family) &&
          (listed !== null || !own.includes(address)),
      );
    },
  };
}
