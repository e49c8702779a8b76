import { afterAll, describe, expect, it } from 'vitest';
import { createOnvifDevice, type OnvifDevice, type OnvifDeviceOptions } from '../../tools/simulator/onvif/device.ts';
import type { OnvifFault } from '../../tools/simulator/onvif/faults.ts';
import { createRtspServer } from '../../tools/simulator/rtsp/server.ts';
import type { OnvifTarget } from './client.ts';
import { referenceParameters } from './event-calls.ts';
import type { OnvifPull, OnvifSubscription } from './events.ts';
import { createOnvifClient } from './onvif-client.ts';
import { bareTopic, booleanOf, topicRow } from './topics.ts';

const clock = { now: () => Date.now(), monotonic: () => performance.now() };
const client = createOnvifClient({ clock, config: { allowedTargets: ['127.0.0.1/32'] } });
const closers: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const close of closers.splice(0)) await close();
  await client.close();
});

const LIFETIME = { lifetimeMs: 300_000 };
const call = (deadline = 20_000) => ({ deadline, signal: new AbortController().signal });

async function camera(options: Partial<OnvifDeviceOptions> = {}): Promise<[OnvifDevice, OnvifTarget]> {
  const device = createOnvifDevice({ cameras: [], ptz: false, ...options });
  await device.start();
  closers.push(() => device.stop());
  return [device, { host: '127.0.0.1', port: device.port, username: 'admin', password: 'Street-2026!' }];
}
async function subscribed(target: OnvifTarget): Promise<OnvifSubscription> {
  const made = await client.subscribe(target, LIFETIME, call());
  if (made === 'unsupported') throw new Error(made);
  return made;
}
async function pulled(target: OnvifTarget, subscription: OnvifSubscription, waitMs = 0): Promise<OnvifPull> {
  const answer = await client.pullEvents(target, subscription, { waitMs }, call());
  if (answer === 'lost') throw new Error(answer);
  return answer;
}
const said = ({ events }: OnvifPull) =>
  events.map(({ operation, code, state, source }) => `${operation} ${code} ${state} ${source}`);

describe('events of a camera', { timeout: 60_000, concurrent: true }, () => {
  it.each([
    ['wsToken', 'path', 3_600_000],
    ['digestMd5', 'path', 0],
    ['digestSha256', 'parameter', -86_400_000],
    ['none', 'parameter', 0],
  ] as const)('come with %s, the subscription named by %s, a clock %i ms off', async (auth, events, clockOffsetMs) => {
    const [device, target] = await camera({ auth, events, clockOffsetMs });
    device.event('videoLoss', true);
    const subscription = await subscribed(target);
    expect(subscription.until - Date.now()).toBeGreaterThan(200_000);
    const first = await pulled(target, subscription);
    expect(said(first)).toEqual(['initialized videoLoss true source_1']);
    const waiting = pulled(target, first.subscription, 15_000);
    await expect.poll(() => device.events.waiting, { timeout: 10_000 }).toBe(1);
    device.event('motion', true);
    const [motion, ...more] = (await waiting).events;
    expect(more).toEqual([]);
    expect(motion).toMatchObject({ code: 'motion', state: true, source: 'videoSource_1' });
    // The camera writes its own clock, rounded to seconds where it tells the time.
    expect(Math.abs((motion?.at ?? 0) - Date.now())).toBeLessThan(10_000);
    device.event('unknown', true);
    device.event('storageFailure', true);
    expect(await pulled(target, subscription)).toMatchObject({ events: [{ code: 'storageFailure' }], ignored: 1 });

    const renewed = await client.renew(target, subscription, { lifetimeMs: 600_000 }, call());
    expect(renewed !== 'lost' && renewed.until - Date.now()).toBeGreaterThan(500_000);
    await client.unsubscribe(target, subscription, call());
    expect(device.events.subscriptions).toBe(0);
    expect(await client.pullEvents(target, subscription, { waitMs: 0 }, call())).toBe('lost');
    expect(device.badLogins).toBe(0);
  });

  it('are unsupported where there is no such service', async () => {
    const [, target] = await camera({ events: 'none' });
    expect(await client.subscribe(target, LIFETIME, call())).toBe('unsupported');
  });

  it('are asked of the dialled host, whatever host the subscription names', async () => {
    const [device, target] = await camera({ foreignHost: '169.254.169.254' });
    device.events.fault('foreignHost');
    const subscription = await subscribed(target);
    expect(subscription.address).toContain('169.254.169.254');
    device.event('tamper', true);
    expect(said(await pulled(target, subscription))).toEqual(['changed tamper true source_1']);
    // On the dialled host the port is the camera's to choose, but only an allowed one.
    const strict = createOnvifClient({ clock, config: { allowedTargets: [`127.0.0.1/32:${device.port}`] } });
    closers.push(() => strict.close());
    const elsewhere = { ...subscription, address: 'http://127.0.0.1:1/onvif/subscription?id=1' };
    await expect(strict.pullEvents(target, elsewhere, { waitMs: 0 }, call())).rejects.toMatchObject({
      reason: 'targetNotAllowed',
    });
  });

  it('of the other channels of a recorder are not those of this camera', async () => {
    const rtsp = createRtspServer({ cameras: [{ path: '/1' }, { path: '/2' }] });
    await rtsp.start();
    closers.push(() => rtsp.stop());
    const [device, target] = await camera({ cameras: rtsp.cameras });
    const subscription = await subscribed(target);
    for (const channel of [2, 1, 2])
      for (const event of ['motion', 'videoLoss'] as const) device.event(event, true, channel);
    const answer = await pulled(target, subscription);
    expect(said(answer)).toEqual(['changed motion true videoSource_1', 'changed videoLoss true source_1']);
    expect(answer.ignored).toBe(4);
  });

  it('come in bounded portions from a camera that never ends', async () => {
    const [device, target] = await camera();
    const subscription = await subscribed(target);
    device.events.fault('endless');
    const answer = await pulled(target, subscription);
    expect(answer.events).toHaveLength(50);
    expect(answer.full).toBe(true);
  });

  it('are lost with a restart of the camera and with a subscription it let lapse', async () => {
    const [device, target] = await camera();
    const subscription = await subscribed(target);
    device.events.forget();
    expect(await client.pullEvents(target, subscription, { waitMs: 5_000 }, call())).toBe('lost');
    expect(await client.renew(target, subscription, LIFETIME, call())).toBe('lost');
    await client.unsubscribe(target, subscription, call());
  });

  it('have a deadline also where the camera does not keep to the time it is asked to wait', async () => {
    const [device, target] = await camera();
    const subscription = await subscribed(target);
    device.events.fault('deaf');
    await expect(client.pullEvents(target, subscription, { waitMs: 100 }, call(1_500))).rejects.toMatchObject({
      reason: 'timeout',
    });
  });

  it.each([
    ['hang', 'timeout'],
    ['stall', 'timeout'],
    ['trickle', 'timeout'],
    ['hugeXml', 'notOnvif'],
    ['entityBomb', 'notOnvif'],
    ['endlessHeader', 'notOnvif'],
    ['notXml', 'notOnvif'],
    ['redirect', 'notOnvif'],
    ['authLoop', 'wrongPassword'],
    ['reset', 'connectionLost'],
    ['serverError', 'serverError'],
  ] satisfies [OnvifFault, string][])('end with %s as %s, and nothing else does', async (fault, reason) => {
    const [device, target] = await camera({ auth: 'digestMd5' });
    const subscription = await subscribed(target);
    const [good, other] = await camera({ auth: 'digestMd5' });
    const kept = await subscribed(other);
    device.fault(fault);
    good.event('tamper', true);
    const failed = client.pullEvents(target, subscription, { waitMs: 0 }, call(2_500));
    await expect(failed).rejects.toMatchObject({ reason });
    expect(said(await pulled(other, kept))).toEqual(['changed tamper true source_1']);
    expect(device.badLogins).toBeLessThan(3);
  });
});

describe('topics', () => {
  it.each([
    ['tns1:RuleEngine/CellMotionDetector/Motion', 'motion'],
    ['tns1:VideoSource/tns1:MotionAlarm', 'motion'],
    ['VideoSource/GlobalSceneChange/ImagingService', 'tamper'],
    ['tns1:VideoSource/GlobalSceneChange', 'tamper'],
    ['x:RuleEngine/x:TamperDetector/x:Tamper', 'tamper'],
    ['tns1:VideoSource/ImageTooBlurry/AnalyticsService', 'blurred'],
    [' tns1:VideoSource/SignalLoss/. ', 'videoLoss'],
    ['tns1:Device/Trigger/DigitalInput', 'digitalInput'],
    ['tns1:Device/HardwareFailure/StorageFailure', 'storageFailure'],
    ['tns1:Device/HardwareFailure/FanFailure', undefined],
    ['constructor', undefined],
    ['', undefined],
  ])('%s is %s', (topic, code) => {
    expect(topicRow(topic)?.code).toBe(code);
  });

  it('are compared without prefixes', () => {
    expect(bareTopic('a:B/c:D')).toBe('B/D');
  });

  it.each([
    ['true', true],
    ['1', true],
    [' TRUE ', true],
    ['false', false],
    ['0', false],
    ['maybe', null],
    [undefined, null],
  ])('the value %s is %s', (word, value) => {
    expect(booleanOf(word)).toBe(value);
  });
});

describe('reference parameters', () => {
  const wrap = (inner: string, more = '') =>
    `<e:Envelope xmlns:e="x"${more}><w:ReferenceParameters xmlns:w="y">${inner}</w:ReferenceParameters></e:Envelope>`;

  it('are repeated with the namespaces they need', () => {
    const own = '<dom0:Id xmlns:dom0="urn:a">7</dom0:Id>';
    expect(referenceParameters(wrap(own))).toEqual({ xml: own, namespaces: '' });
    expect(referenceParameters(wrap('<d:Id>7</d:Id>', ' xmlns:d="urn:b"'))).toEqual({
      xml: '<d:Id>7</d:Id>',
      namespaces: ' xmlns:d="urn:b"',
    });
  });

  it.each([
    ['none', '<e/>'],
    ['empty ones', '<w:ReferenceParameters/>'],
    ['ones without their namespace', wrap('<q:Id>7</q:Id>')],
    ['ones that would take our own prefix', wrap('<s:Id>7</s:Id>', ' xmlns:s="urn:c"')],
    ['endless ones', wrap(`<a>${'x'.repeat(5_000)}</a>`)],
  ])('(%s) add nothing', (_, xml) => {
    expect(referenceParameters(xml)).toEqual({ xml: '', namespaces: '' });
  });
});
