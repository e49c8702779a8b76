import { BlockList, isIP } from 'node:net';

/**
 * Whose forwarded headers are believed. Asked at every request, so a change of the setting counts at once; an entry that
 * is no address or network trusts nobody.
 */
export function createProxyTrust(current: () => readonly string[]): (address: string) => boolean {
  let from: readonly string[] = [];
  let list = new BlockList();
  return (address) => {
    const entries = current();
    if (entries.length === 0) return false;
    if (entries !== from) {
      list = listOf(entries);
      from = entries;
    }
    const plain = address.replace(/^::ffff:/, '');
    return isIP(plain) !== 0 && list.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4');
  };
}

function listOf(entries: readonly string[]): BlockList {
  const list = new BlockList();
  for (const entry of entries) {
    const [address = '', bits] = entry.split('/');
    const version = isIP(address);
    const whole = version === 6 ? 128 : 32;
    const prefix = bits === undefined ? whole : Number(bits);
    if (version !== 0 && prefix <= whole) list.addSubnet(address, prefix, version === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}
