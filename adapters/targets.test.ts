import { describe, expect, it } from 'vitest';
import { checkAllowedTargets, createTargetGuard } from './targets.ts';

const guard = (allowed?: string, own: string[] = ['192.168.7.7', 'fd00::7']) =>
  createTargetGuard({ allowed, ownAddresses: () => own });

describe('default targets', () => {
  it.each([
    ['10.1.2.3', true],
    ['172.16.0.1', true],
    ['172.31.255.254', true],
    ['172.32.0.1', false],
    ['192.168.1.64', true],
    ['fd12:3456::1', true],
    ['8.8.8.8', false],
    ['2001:db8::1', false],
    ['100.64.0.1', false],
    // Services on this machine and the metadata service of a cloud.
    ['127.0.0.1', false],
    ['::1', false],
    ['169.254.169.254', false],
    ['fe80::1%eth0', false],
    ['0.0.0.0', false],
    ['::', false],
    ['192.168.7.7', false],
    ['fd00::7', false],
    // The same addresses in IPv6 clothes.
    ['::ffff:127.0.0.1', false],
    ['::ffff:7f00:1', false],
    ['0:0:0:0:0:ffff:7f00:0001', false],
    ['64:ff9b::7f00:1', false],
    ['::ffff:192.168.7.7', false],
    ['::ffff:192.168.1.64', true],
    ['224.0.0.1', false],
    ['255.255.255.255', false],
  ])('%s -> %s', (address, expected) => {
    expect(guard().allows(address, 554)).toBe(expected);
  });
});

describe('listed targets', () => {
  it('replace the default', () => {
    expect(guard('203.0.113.0/24').allows('203.0.113.9', 554)).toBe(true);
    expect(guard('203.0.113.0/24').allows('192.168.1.64', 554)).toBe(false);
  });

  it('are bound to their port', () => {
    const one = guard('127.0.0.1/32:8554, 10.0.0.0/8:554');
    expect(one.allows('127.0.0.1', 8554)).toBe(true);
    expect(one.allows('127.0.0.1', 5432)).toBe(false);
    expect(one.allows('10.0.0.1', 80)).toBe(false);
  });

  it('open loopback, link-local and our own addresses only by name, not by a range around them', () => {
    const everything = guard('0.0.0.0/0,::/0');
    expect(everything.allows('8.8.8.8', 554)).toBe(true);
    for (const address of ['127.0.0.1', '::1', '169.254.169.254', 'fe80::1', '192.168.7.7', '64:ff9b::7f00:1']) {
      expect(everything.allows(address, 554), address).toBe(false);
    }
    expect(guard('127.0.0.0/8').allows('127.0.0.2', 554)).toBe(true);
    expect(guard('192.168.7.7').allows('192.168.7.7', 554)).toBe(true);
    expect(guard('192.168.7.0/24').allows('192.168.7.7', 554)).toBe(false);
    expect(guard('192.168.7.0/24').allows('192.168.7.8', 554)).toBe(true);
  });

  it.each(['[fd00::/8]:554', 'fd00::/8:554', '[fd00::]/8:554'])('takes an IPv6 network with a port as %s', (text) => {
    expect(guard(text).allows('fd00::1', 554)).toBe(true);
    expect(guard(text).allows('fd00::1', 80)).toBe(false);
  });

  it.each(['localhost', '10.0.0.0/33', '10.0.0.0/8:0', '10.0.0.0/8:70000', '10.0.0/8', 'rtsp://10.0.0.1', '/8'])(
    'refuses the entry %s and names it',
    (text) => {
      expect(checkAllowedTargets(text)).toContain(`"${text}" is no target`);
    },
  );

  it('accepts a right list', () => {
    expect(checkAllowedTargets('192.168.0.0/16, 127.0.0.1/32:8554,[fd00::1]:554,::1')).toBeUndefined();
  });
});

describe('names', () => {
  const named = (addresses: string[], allowed?: string) =>
    createTargetGuard({
      allowed,
      ownAddresses: () => [],
      lookup: async () => addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    });

  it('are pinned to the permitted ones among their addresses', async () => {
    expect(await named(['127.0.0.1', '10.0.0.5']).resolve('cam.local', 554)).toEqual([
      { address: '10.0.0.5', family: 4 },
    ]);
  });

  it('are refused when no address is permitted', async () => {
    await expect(named(['127.0.0.1', '::1']).resolve('cam.local', 554)).rejects.toMatchObject({ kind: 'notAllowed' });
  });

  it('are told apart from names that do not exist', async () => {
    const broken = createTargetGuard({
      lookup: () => Promise.reject(Object.assign(new Error(), { code: 'ENOTFOUND' })),
    });
    await expect(broken.resolve('cam.local', 554)).rejects.toMatchObject({ kind: 'notFound' });
  });

  it('in odd IPv4 spellings are judged by what the system makes of them', async () => {
    await expect(createTargetGuard({}).resolve('0x7f.1', 554)).rejects.toMatchObject({ kind: 'notAllowed' });
  });
});
