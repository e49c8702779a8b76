import { describe, expect, test } from 'vitest';
import { isClosed, publish, rawPeer, sleep, spoolFull, startBroker } from './test-support/broker.ts';

describe('links', () => {
  const reasons = (gateway: { links: { state: string; reason: string }[] }) =>
    gateway.links.map((link) => `${link.state} ${link.reason}`);

  test('a goodbye and a torn connection are told apart, each under its own session', async () => {
    const { port, gateway } = await startBroker();
    const polite = rawPeer(port);
    await polite.login();
    polite.send({ cmd: 'disconnect' });
    await isClosed(polite);
    const torn = rawPeer(port);
    await torn.login();
    torn.socket.destroy();
    await expect
      .poll(() => reasons(gateway))
      .toEqual(['up connected', 'down disconnect', 'up connected', 'down closed']);
    const [up, down, other] = gateway.links;
    expect(down?.session).toBe(up?.session);
    expect(other?.session).not.toBe(up?.session);
    expect(up?.principal).toEqual({ kind: 'device', deviceId: 'd1' });
  });

  test('a silent client is down by keepalive after one and a half times its interval', async () => {
    const { port, gateway, broker } = await startBroker();
    const peer = rawPeer(port);
    await peer.login({ keepalive: 1 });
    expect(await isClosed(peer, 3_000)).toBe(true);
    await expect.poll(() => reasons(gateway)).toEqual(['up connected', 'down keepAliveTimeout']);
    expect(broker.stats().keepAliveTimeouts).toBe(1);
  });

  test('the same device with the same client id takes its old session over: down first, then up', async () => {
    const { port, gateway, broker } = await startBroker();
    const first = rawPeer(port);
    await first.login();
    const second = rawPeer(port);
    await second.login();
    expect(await isClosed(first)).toBe(true);
    expect(reasons(gateway)).toEqual(['up connected', 'down takenOver', 'up connected']);
    expect(gateway.links[1]?.session).toBe(gateway.links[0]?.session);
    expect(broker.stats()).toMatchObject({ sessions: 1, takenOver: 1 });
  });

  test('nobody kicks another user with the same client id, nor by a name that looks alike', async () => {
    const { port, gateway } = await startBroker();
    const peers = [
      { username: 'd1', clientId: 'x' },
      { username: 'd2', clientId: 'x' },
      { username: 'a', clientId: 'b:c' },
      { username: 'a:b', clientId: 'c' },
      { username: 'd1', clientId: '' },
      { username: 'd1', clientId: '' },
    ];
    for (const over of peers) expect(await rawPeer(port).login(over)).toBe(0);
    await sleep(50);
    expect(reasons(gateway)).toEqual(peers.map(() => 'up connected'));
    expect(gateway.logins.map((login) => login.clientId)).toEqual(peers.map((peer) => peer.clientId));
  });

  test('rights cut at any moment of a login leave no session that is up without its end', async () => {
    const { port, gateway, broker } = await startBroker();
    for (let turns = 0; turns < 40; turns++) {
      const admitted = gateway.authenticate;
      gateway.authenticate = async (credentials) => {
        let cutting = Promise.resolve();
        for (let i = 0; i < turns; i++) cutting = cutting.then(() => undefined);
        cutting.then(() => broker.disconnect('d1', 'rotated'));
        return { kind: 'device', deviceId: credentials.username };
      };
      const peer = rawPeer(port);
      peer.login().catch(() => undefined);
      await isClosed(peer, 60);
      peer.socket.destroy();
      gateway.authenticate = admitted;
    }
    await expect.poll(() => broker.stats()).toMatchObject({ connections: 0, sessions: 0 });
    const ups = gateway.links.filter((link) => link.state === 'up').map((link) => link.session);
    const downs = gateway.links.filter((link) => link.state === 'down').map((link) => link.session);
    expect(downs).toEqual(ups);
    expect(await rawPeer(port).login()).toBe(0);
  });

  test('a vendor login is told as the vendor, not as any device', async () => {
    const { port, gateway } = await startBroker();
    const peer = rawPeer(port);
    await peer.login({ username: 'vendor:acme' });
    peer.send(publish({ topic: 'acme/b7/power' }));
    await peer.next('puback');
    peer.socket.destroy();
    await expect.poll(() => gateway.links.length).toBe(2);
    for (const one of [...gateway.links, ...gateway.messages]) {
      expect(one.principal).toEqual({ kind: 'vendor', vendorId: 'acme' });
    }
  });

  test('a client that leaves while its login is checked is never told as up', async () => {
    const let_in = Promise.withResolvers<void>();
    const { port, gateway, broker } = await startBroker(
      {},
      {
        authenticate: async () => {
          await let_in.promise;
          return { kind: 'device', deviceId: 'd1' };
        },
      },
    );
    const peer = rawPeer(port);
    peer.login().catch(() => undefined);
    await sleep(50);
    peer.socket.destroy();
    await expect.poll(() => broker.stats().connections).toBe(0);
    let_in.resolve();
    await sleep(50);
    expect(gateway.links).toEqual([]);
    expect(await rawPeer(port).login()).toBe(0);
  });
});

describe('wills', () => {
  const will = { topic: 'cgw/v1/d1/state', payload: Buffer.from('offline'), qos: 1, retain: true };

  test('a will is handed over when the connection is torn, not at a goodbye', async () => {
    const { port, gateway, broker } = await startBroker();
    const polite = rawPeer(port);
    await polite.login({ will });
    polite.send({ cmd: 'disconnect' });
    await isClosed(polite);
    await sleep(50);
    expect(gateway.messages).toEqual([]);
    const torn = rawPeer(port);
    await torn.login({ will });
    torn.socket.resetAndDestroy();
    await expect.poll(() => gateway.messages.length).toBe(1);
    expect(gateway.messages[0]).toMatchObject({ topic: will.topic, retained: false, principal: { deviceId: 'd1' } });
    expect(Buffer.from(gateway.messages[0]?.payload ?? []).toString()).toBe('offline');
    await expect.poll(() => broker.stats().wills).toBe(1);
  });

  test('a will waits for a full spool as nobody can send it again', async () => {
    let full = true;
    const kept: string[] = [];
    const { port } = await startBroker(
      {},
      {
        emit: async (message) => {
          if (full) throw spoolFull();
          kept.push(message.topic);
        },
      },
    );
    const peer = rawPeer(port);
    await peer.login({ will });
    peer.socket.resetAndDestroy();
    await sleep(250);
    full = false;
    await expect.poll(() => kept).toEqual(['cgw/v1/d1/state']);
  });

  test('neither our own stop nor cut rights publish a will', async () => {
    const { port, gateway, broker } = await startBroker();
    const cut = rawPeer(port);
    await cut.login({ will });
    await broker.disconnect('d1', 'credentials rotated');
    expect(await isClosed(cut)).toBe(true);
    const last = rawPeer(port);
    await last.login({ will });
    await broker.stop();
    expect(await isClosed(last)).toBe(true);
    expect(gateway.messages).toEqual([]);
    expect(gateway.links.map((link) => link.reason)).toEqual(['connected', 'cut', 'connected', 'shutdown']);
  });
});
