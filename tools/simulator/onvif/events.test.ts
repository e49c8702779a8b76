import { afterEach, describe, expect, it } from 'vitest';
import { createOnvifDevice, type OnvifDevice, type OnvifDeviceOptions } from './device.ts';
import { connect, type TestingClient } from './testing-client.ts';

const devices: OnvifDevice[] = [];
afterEach(async () => {
  for (const device of devices.splice(0)) await device.stop();
});

async function start(options: Partial<OnvifDeviceOptions> = {}): Promise<[OnvifDevice, EventClient]> {
  const device = createOnvifDevice({ cameras: [], ptz: false, ...options });
  devices.push(device);
  await device.start();
  const client = await connect(device, { useWSSecurity: options.auth !== 'digestSha256' });
  return [device, eventsOf(client)];
}

interface Message {
  readonly topic: { readonly _: string };
  readonly message: {
    readonly message: {
      readonly $: { PropertyOperation: string };
      readonly source: { simpleItem: { $: { Name: string; Value: string } } };
      readonly data: { simpleItem: { $: { Name: string; Value: boolean } } };
    };
  };
}
interface EventClient {
  create(): Promise<{ subscriptionReference: { address: { href: string; hostname: string } } }>;
  pull(): Promise<string[]>;
  renew(): Promise<{ terminationTime: Date; currentTime: Date }>;
  unsubscribe(): Promise<unknown>;
  topics(): Promise<unknown>;
}

function eventsOf(client: TestingClient): EventClient {
  type Done = (error: Error | null, answer?: unknown) => void;
  type EventCam = {
    createPullPointSubscription(done: Done): void;
    pullMessages(options: { messageLimit: number }, done: Done): void;
    renew(options: object, done: Done): void;
    unsubscribe(done: Done): void;
    getEventProperties(done: Done): void;
  };
  const ask = <T>(method: (cam: EventCam, done: Done) => void) =>
    client.call<T>((cam, done) => method(cam as unknown as EventCam, done as Done));
  return {
    create: () => ask((cam, done) => cam.createPullPointSubscription(done)),
    async pull() {
      const answer = await ask<{ notificationMessage?: Message | Message[] }>((cam, done) =>
        cam.pullMessages({ messageLimit: 10 }, done),
      );
      return [answer.notificationMessage ?? []].flat().map(({ topic, message: { message } }) => {
        const { Name, Value } = message.data.simpleItem.$;
        return `${message.$.PropertyOperation} ${topic._} ${message.source.simpleItem.$.Value} ${Name}=${Value}`;
      });
    },
    renew: () => ask((cam, done) => cam.renew({}, done)),
    unsubscribe: () => ask((cam, done) => cam.unsubscribe(done)),
    topics: () => ask((cam, done) => cam.getEventProperties(done)),
  };
}

describe('events of a simulated device, pulled by another client', { timeout: 20_000 }, () => {
  it.each(['wsToken', 'digestSha256'] as const)('come as they happen, with %s', async (auth) => {
    const [device, client] = await start({ auth });
    device.event('tamper', false);
    await client.create();
    expect(await client.pull()).toEqual([
      'Initialized tns1:VideoSource/GlobalSceneChange/ImagingService source_1 State=false',
    ]);
    const waiting = client.pull();
    await expect.poll(() => device.events.waiting).toBe(1);
    device.event('motion', true);
    expect(await waiting).toEqual(['Changed tns1:RuleEngine/CellMotionDetector/Motion videoSource_1 IsMotion=true']);
    const { currentTime, terminationTime } = await client.renew();
    expect(Math.round((terminationTime.getTime() - currentTime.getTime()) / 1_000)).toBe(120);
    expect(JSON.stringify(await client.topics())).toContain('SignalLoss');
    expect(device.events.subscriptions).toBe(1);
    await client.unsubscribe();
    expect(device.events.subscriptions).toBe(0);
  });

  it('are kept for who does not come, up to a bound', async () => {
    const [device, client] = await start();
    await client.create();
    for (let n = 0; n < 300; n += 1) device.event('motion', n % 2 === 0);
    let count = 0;
    for (let told = await client.pull(); told.length > 0; told = count < 200 ? await client.pull() : [])
      count += told.length;
    expect(count).toBe(200);
  });

  it('fail as asked', async () => {
    const [device, client] = await start({ foreignHost: '192.0.2.7' });
    device.events.fault('full');
    await expect(client.create()).rejects.toThrow('Maximum number');
    device.events.fault('foreignHost');
    expect((await client.create()).subscriptionReference.address.hostname).toBe('192.0.2.7');
    device.events.fault('none');
    await client.create();
    device.events.fault('expired');
    await expect(client.pull()).rejects.toThrow('No such subscription');
    device.events.fault('endless');
    expect([(await client.pull()).length, (await client.pull()).length]).toEqual([10, 10]);
    device.events.forget();
    await expect(client.renew()).rejects.toThrow('No such subscription');
    const [, none] = await start({ events: 'none' });
    await expect(none.create()).rejects.toThrow();
  });
});
