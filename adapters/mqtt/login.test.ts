import { expect, test } from 'vitest';
import { parseConfig } from '../config.ts';
import { mqttAdapter } from './adapter.ts';
import { createAdmission } from './admission.ts';
import { createPacketGuard } from './guard.ts';
import { logIn } from './login.ts';
import { adoptConnect, createSession } from './session.ts';
import { createStats } from './stats.ts';
import { createGateway } from './test-support/broker.ts';

const config = parseConfig(mqttAdapter, { maxConnections: 3, maxConnectionsPerAddress: 2, maxPendingPerAddress: 1 });

const arrive = () => {
  const place = createAdmission(config).admit('192.0.2.1');
  if (!place) throw new Error('not admitted');
  return createSession('192.0.2.1', createPacketGuard(config), place);
};

test('a password is kept neither in CONNECT, which the parser holds on to, nor in the session', async () => {
  const session = arrive();
  const packet = {
    username: 'lamp-1',
    password: Buffer.from('secret'),
    clientId: 'a',
    clean: true,
    keepalive: 0,
    protocolVersion: 4,
  };
  adoptConnect(session, packet);
  expect(packet.password).toBeUndefined();
  const ctx = createGateway();
  await expect(logIn(session, { config, ctx, stats: createStats() })).resolves.toMatchObject({ deviceId: 'lamp-1' });
  expect(ctx.logins).toMatchObject([{ password: 'secret' }]);
  expect(session.password).toBeUndefined();
});

test('sessions have ids of their own', () => {
  expect(new Set(Array.from({ length: 100 }, () => arrive().id)).size).toBe(100);
});

test('a place is counted until it is closed, and closing it twice frees it once', () => {
  const admission = createAdmission(config);
  const admit = (address: string) => {
    const place = admission.admit(address);
    place?.loggedIn();
    return place;
  };
  const first = admit('a');
  expect(admit('a')).not.toBeNull();
  expect(admit('a')).toBeNull();
  expect(admit('b')).not.toBeNull();
  expect(admit('c')).toBeNull();
  first?.closed();
  first?.closed();
  expect(admit('c')).not.toBeNull();
  expect(admit('d')).toBeNull();
});

test('who has not logged in yet is counted by address until the login or the end', () => {
  const admission = createAdmission(config);
  const first = admission.admit('a');
  expect(admission.admit('a')).toBeNull();
  first?.closed();
  const second = admission.admit('a');
  second?.loggedIn();
  second?.loggedIn();
  expect(admission.admit('a')).not.toBeNull();
});
