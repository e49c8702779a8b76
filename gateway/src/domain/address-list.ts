import { BlockList, isIP } from 'node:net';

/** Whether a text is an address or a CIDR block, IPv4 or IPv6. */
export function isAddressBlock(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  if (bits === undefined) return true;
  return /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128);
}

/** Whether a peer's address lies in one of the blocks. An IPv4 peer of a dual-stack socket is written `::ffff:a.b.c.d`. */
export function addressAllowed(blocks: readonly string[] | null, peer: string): boolean {
  if (blocks === null) return true;
  const plain = peer.replace(/^::ffff:(?=\d+\.)/i, '');
  const family = isIP(plain);
  if (family === 0) return false;
  const list = new BlockList();
  for (const block of blocks) {
    const [address = '', bits] = block.split('/');
    const kind = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    list.addSubnet(address, bits === undefined ? (kind === 'ipv6' ? 128 : 32) : Number(bits), kind);
  }
  return list.check(plain, family === 6 ? 'ipv6' : 'ipv4');
}
