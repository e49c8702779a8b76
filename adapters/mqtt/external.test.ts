import mqtt from 'mqtt';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { AdapterContext } from '../adapter.ts';
import { parseConfig } from '../config.ts';
import { adapterContract } from '../contract.ts';
import { createExternalBroker, type ExternalBroker, mqttExternalAdapter, type Site } from './external.ts';
import { withoutOverlap } from './external-filters.ts';
import { forgetsShares } from './external-version.ts';
import { createGateway, sleep, spoolFull } from './test-support/broker.ts';
import { type Mosquitto, mosquittoHere, startMosquitto } from './test-support/mosquitto.ts';

let mosquitto: Mosquitto;
beforeAll(async () => {
  mosquitto = await startMosquitto();
});
afterAll(() => mosquitto.stop());

// The contract wants its configuration before the first hook has run.
const shared = mosquittoHere ? await startMosquitto() : null;
afterAll(() => shared?.stop());

adapterContract({
  adapter: mqttExternalAdapter,
  good: { url: shared?.url ?? 'mqtt://127.0.0.1:1', clientId: 'contract' },
  bad: [
    { config: { url: 'http://a' }, says: /url must match pattern/ },
    { config: {}, says: /must have required properties url/ },
    { config: { url: 'mqtt://a', connections: 17 }, says: /connections must be <= 16/ },
    { config: { url: 'mqtt://a', receiveMaximum: 70_000 }, says: /receiveMaximum must be <= 65535/ },
  ],
  // A broker that is away is waited for: the gateway serves cameras and people meanwhile.
  cannotStart: null,
  async provoke() {
    const device = await mqtt.connectAsync(shared?.url ?? '', { reconnectPeriod: 0 });
    await device.publishAsync('cgw/v1/d1/telemetry', '{}', { qos: 1 });
    await sleep(100);
    await device.endAsync();
  },
});

let number = 0;
async function open(over: Partial<AdapterContext> = {}, site?: Site, config: object = {}) {
  number += 1;
  const gateway = createGateway({ authorize: () => true, ...over });
  const made = parseConfig(mqttExternalAdapter, {
    url: mosquitto.url,
    clientId: `t${number}`,
    group: `t${number}`,
    reconnectMs: 50,
    ...config,
  });
  const broker = createExternalBroker(made, gateway, site);
  onTestFinished(() => broker.stop());
  await broker.start(new AbortController().signal);
  return { gateway, broker, made };
}

async function device() {
  const client = await mqtt.connectAsync(mosquitto.url, { protocolVersion: 5, reconnectPeriod: 50 });
  onTestFinished(() => client.endAsync(true));
  return client;
}

async function until(holds: () => boolean, withinMs = 10_000) {
  const end = performance.now() + withinMs;
  while (!holds()) {
    if (performance.now() > end) throw new Error('not in time');
    await sleep(10);
  }
}

const texts = (messages: readonly { readonly payload: Uint8Array }[]) =>
  messages.map(({ payload }) => Buffer.from(payload).toString());

describe('a broker that runs elsewhere', () => {
  test('what devices publish arrives once, in order, as theirs; what they are told does not come back', async () => {
    const { gateway, broker } = await open();
    const one = await device();
    for (let index = 0; index < 50; index += 1) {
      await one.publishAsync('cgw/v1/d1/telemetry', String(index), { qos: 1 });
    }
    await one.publishAsync('cgw/v1/d1/command', 'not for us', { qos: 1 });
    await one.publishAsync('cgw/v1/d1/other', 'nor this', { qos: 1 });
    await one.subscribeAsync('cgw/v1/d1/command', { qos: 1 });
    await broker.send('d1', 'cgw/v1/d1/command', Buffer.from('go'));
    await one.publishAsync('cgw/v1/d1/command/ack', 'last', { qos: 0 });
    await until(() => gateway.messages.length >= 51);
    await sleep(100);
    expect(texts(gateway.messages)).toEqual([...Array.from({ length: 50 }, (_, index) => String(index)), 'last']);
    expect(gateway.messages[0]).toMatchObject({
      via: 'mqtt',
      principal: { kind: 'device', deviceId: 'd1' },
      dup: false,
    });
  });

  test('acknowledges what is durable and nothing else; the spool commits groups, not one by one', async () => {
    let waiting: (() => void)[] = [];
    const { broker, gateway } = await open({
      emit: () => new Promise<void>((resolve) => void waiting.push(resolve)),
    });
    const one = await device();
    for (let index = 0; index < 300; index += 1) one.publish('cgw/v1/d1/telemetry', String(index), { qos: 1 });
    await until(() => waiting.length === 300);
    expect(broker.stats().qos1).toBe(0);
    for (const resolve of waiting) resolve();
    await until(() => broker.stats().qos1 === 300);
    waiting = [];
    // What was not acknowledged comes again, marked as a repetition; what was does not.
    one.publish('cgw/v1/d1/telemetry', 'undecided', { qos: 1 });
    await until(() => waiting.length === 1);
    const seen: { payload: string; dup: boolean }[] = [];
    gateway.emit = async (message) => void seen.push({ payload: texts([message])[0] ?? '', dup: message.dup });
    await mosquitto.end();
    await mosquitto.restart();
    await until(() => seen.length > 0);
    await until(() => seen.some(({ payload }) => payload === 'undecided'));
    expect(seen.filter(({ dup }) => !dup)).toEqual([]);
    for (const resolve of waiting) resolve();
  });

  test('a full spool withholds the acknowledgement until there is room', async () => {
    let full = true;
    const kept: string[] = [];
    const { broker } = await open({
      async emit(message) {
        if (full) throw spoolFull();
        kept.push(Buffer.from(message.payload).toString());
      },
    });
    const one = await device();
    await one.publishAsync('cgw/v1/d1/telemetry', 'a', { qos: 1 });
    await one.publishAsync('cgw/v1/d1/telemetry', 'lost', { qos: 0 });
    await until(() => broker.stats().held === 1 && broker.stats().lost === 1);
    full = false;
    await until(() => kept.length === 1);
    expect(kept).toEqual(['a']);
    expect(broker.stats().qos1).toBe(1);
  });

  test('what comes while the process is away waits for it, whoever else listens', async () => {
    const { broker, made } = await open();
    await broker.stop();
    const one = await device();
    await one.publishAsync('cgw/v1/d1/telemetry', 'meanwhile', { qos: 1 });
    const later = createGateway({ authorize: () => true });
    const again = createExternalBroker(made, later);
    onTestFinished(() => again.stop());
    await again.start(new AbortController().signal);
    await until(() => later.messages.length === 1);
    expect(texts(later.messages)).toEqual(['meanwhile']);
  });

  test('several processes share what comes, and one that works alone again hears nothing twice', async () => {
    const one = await device();
    const { broker, gateway, made } = await open({}, undefined, { shared: true });
    await until(broker.forgetsShares);
    const peer = createGateway({ authorize: () => true });
    const second = createExternalBroker({ ...made, clientId: `${made.clientId}b` }, peer);
    await second.start(new AbortController().signal);
    for (let index = 0; index < 20; index += 1) {
      await one.publishAsync('cgw/v1/d1/telemetry', String(index), { qos: 1 });
    }
    await until(() => gateway.messages.length + peer.messages.length === 20);
    expect(peer.messages.length).toBeGreaterThan(0);
    expect(gateway.messages.length).toBeGreaterThan(0);
    await second.stop();
    await broker.stop();
    const later = createGateway({ authorize: () => true });
    const alone = createExternalBroker({ ...made, shared: false }, later);
    onTestFinished(() => alone.stop());
    await alone.start(new AbortController().signal);
    await sleep(100);
    expect(alone.forgetsShares()).toBe(false);
    await one.publishAsync('cgw/v1/d1/telemetry', 'alone', { qos: 1 });
    await until(() => later.messages.length > 0);
    await sleep(100);
    expect(texts(later.messages)).toEqual(['alone']);
  });

  test('a restart of the broker loses nothing that comes before we are back', async () => {
    const { gateway } = await open({}, undefined, { reconnectMs: 1_000 });
    await mosquitto.end();
    await mosquitto.restart();
    const one = await device();
    await one.publishAsync('cgw/v1/d1/telemetry', 'early', { qos: 1 });
    await until(() => gateway.messages.length > 0);
    expect(texts(gateway.messages)).toEqual(['early']);
  });

  test('states are heard by the leader only, and retained ones are no evidence of life', async () => {
    const { broker, gateway } = await open();
    const one = await device();
    await one.publishAsync('cgw/v1/d1/state', 'online', { qos: 1, retain: true });
    broker.lead(true);
    await until(() => broker.state().up);
    await sleep(150);
    expect(texts(gateway.messages.filter(({ retained }) => !retained))).toEqual([]);
    await one.publishAsync('cgw/v1/d1/state', 'offline', { qos: 1, retain: true });
    await until(() => gateway.messages.length > 0);
    expect(gateway.messages.at(-1)).toMatchObject({ topic: 'cgw/v1/d1/state', retained: false });
    broker.lead(false);
    await sleep(100);
    await one.publishAsync('cgw/v1/d1/state', '', { qos: 1, retain: true });
    await sleep(150);
    expect(texts(gateway.messages)).not.toContain('');
  });

  test('states wait for a leader that comes back, and not for one that another has followed', async () => {
    const one = await device();
    const say = (state: string) => one.publishAsync('cgw/v1/d1/state', state, { qos: 1 });
    const process = (clientId: string) => open({}, undefined, { clientId, shared: true, connections: 0 });
    const leading = async (clientId: string, after: 'ourselves' | 'another') => {
      const made = await process(clientId);
      made.broker.lead(true, after);
      await until(() => made.broker.state().up);
      return made;
    };
    const first = await leading('left', 'ourselves');
    first.broker.lead(false);
    await first.broker.stop();
    await say('offline');
    const again = await leading('left', 'ourselves');
    await until(() => again.gateway.messages.length > 0);
    expect(texts(again.gateway.messages)).toEqual(['offline']);
    await again.broker.stop();

    const next = await leading('right', 'another');
    await say('online');
    await until(() => next.gateway.messages.length > 0);
    await next.broker.stop();
    const back = await leading('left', 'another');
    await sleep(200);
    expect(texts(back.gateway.messages)).toEqual([]);
    await back.broker.stop();

    const standing = await process('left');
    await say('offline');
    await standing.broker.follow();
    standing.broker.lead(true, 'ourselves');
    await until(() => standing.broker.state().up);
    await say('online');
    await until(() => standing.gateway.messages.length > 0);
    expect(texts(standing.gateway.messages)).toEqual(['online']);
  });

  test('vendors’ topics are listened to as they are granted, each message once', async () => {
    let filters = ['acme/#'];
    const site: Site = {
      principalOf: (topic) => (topic.startsWith('acme/') ? { kind: 'vendor', vendorId: 'acme' } : null),
      filters: () => filters,
    };
    const { broker, gateway } = await open({}, site);
    const one = await device();
    await one.publishAsync('acme/a/b', '1', { qos: 1 });
    await until(() => gateway.messages.length === 1);
    filters = ['acme/+/b', 'acme/a/+'];
    await broker.refresh();
    await one.publishAsync('acme/a/b', '2', { qos: 1 });
    await one.publishAsync('acme/c', 'no longer', { qos: 1 });
    await until(() => gateway.messages.length === 2);
    await sleep(100);
    expect(texts(gateway.messages)).toEqual(['1', '2']);
    expect(gateway.messages[1]?.principal).toEqual({ kind: 'vendor', vendorId: 'acme' });
  });

  test('says when nobody listens to a command, and when the broker is away', async () => {
    const { broker } = await open();
    const nobody = broker.send('d9', 'cgw/v1/d9/command', Buffer.from('x'));
    await expect(nobody).rejects.toMatchObject({ code: 'NOT_SUBSCRIBED', retry: true });
    expect(await broker.sing(5_000)).toBeGreaterThan(0);
    const states: string[] = [];
    broker.onState(({ reason }) => void states.push(reason));
    await mosquitto.kill();
    await until(() => !broker.state().up);
    // The connection that speaks may hear of it a moment after the one that listens.
    const sent = () => broker.send('d1', 'cgw/v1/d1/command', Buffer.from('x')).catch((error) => error.code);
    await expect.poll(sent).toBe('NOT_CONNECTED');
    await expect(broker.sing(200)).rejects.toThrow();
    await mosquitto.restart();
    await until(() => broker.state().up);
    expect(states).toEqual(['BROKER_UNREACHABLE', 'ok']);
    expect(await broker.sing(5_000)).toBeGreaterThan(0);
  });

  test('a start without the broker is waited for, and a client id in use is said', async () => {
    await mosquitto.kill();
    const { broker, made } = await open({}, undefined, { connectTimeoutMs: 200 });
    expect(broker.state()).toEqual({ up: false, reason: 'BROKER_UNREACHABLE' });
    await mosquitto.restart();
    await until(() => broker.state().up);
    const twin: ExternalBroker = createExternalBroker({ ...made, connectTimeoutMs: 300 }, createGateway());
    const reasons = new Set<string>();
    broker.onState(({ reason }) => void reasons.add(reason));
    await twin.start(new AbortController().signal);
    await until(() => reasons.has('CONNECTION_CUT'));
    await twin.stop();
    await until(() => broker.state().up);
  });

  test('what the broker drops because its queues are short is counted', async () => {
    const short = await startMosquitto({ lines: ['max_queued_messages 5', 'max_inflight_messages 1'] });
    onTestFinished(() => short.stop());
    const blocked = () => new Promise<void>(() => undefined);
    const { broker } = await open({ emit: blocked }, undefined, { url: short.url, receiveMaximum: 2 });
    await until(() => broker.stats().dropped === 0);
    await sleep(1_200);
    const one = await mqtt.connectAsync(short.url, { reconnectPeriod: 0 });
    for (let index = 0; index < 40; index += 1) await one.publishAsync('cgw/v1/d1/telemetry', 'x', { qos: 1 });
    await until(() => broker.stats().dropped > 0);
    await one.endAsync();
  });
});

test.each([
  ['mosquitto version 1.6.15', true],
  ['mosquitto version 2.0.9', true],
  ['mosquitto version 2.0.11', true],
  ['mosquitto version 2.0.12', false],
  ['mosquitto version 2.1.0', false],
  ['mosquitto version 3.0.0-rc1', false],
  ['5.8.0', false],
  ['', false],
])('a broker that says %j forgets shares: %s', (version, forgets) => {
  expect(forgetsShares(version)).toBe(forgets);
});

describe('filters that overlap', () => {
  test.each([
    [
      ['a/#', 'a/b', 'c/+'],
      ['a/#', 'c/+'],
    ],
    [['a/+/c', 'a/b/+'], ['a/+/+']],
    [
      ['a/b', 'a/b/c'],
      ['a/b', 'a/b/c'],
    ],
    [['a/b/#', 'a/b'], ['a/b/#']],
    [['a/+/c', 'a/b/+', 'a/x/y'], ['a/+/+']],
    [[], []],
  ])('%j is heard as %j', (filters, heard) => {
    expect(withoutOverlap(filters)).toEqual(heard);
  });
});
