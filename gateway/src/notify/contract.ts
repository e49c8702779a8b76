import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSystemClock } from '../clock.ts';
import type { Channel } from './channel.ts';
import { exampleNotice, type Receiver, startReceiver } from './testing.ts';

export interface ChannelUnderTest {
  readonly channel: Channel;
  /** A valid configuration that reaches the receiver. */
  config(receiver: Receiver): unknown;
  /** What the platform answers when it accepts; default HTTP 204. */
  readonly accepts?: string;
  /** The key of the platform travels in the address, as it demands. */
  readonly secretTravels?: boolean;
}

const clock = createSystemClock();

/** What every channel keeps, whatever it speaks. Run by `<channel>/channel.test.ts`. */
export function channelContract(name: string, make: () => ChannelUnderTest): void {
  describe(`${name} keeps the contract of a channel`, () => {
    let receiver: Receiver;
    beforeEach(async () => {
      receiver = await startReceiver();
      const { accepts } = make();
      if (accepts !== undefined) receiver.answer((response) => response.writeHead(200).end(accepts));
    });
    afterEach(() => receiver.stop());

    const send = (options: { within?: number; signal?: AbortSignal; key?: string } = {}) => {
      const { channel, config } = make();
      return channel.send(
        { key: options.key ?? 'tk_1:3', notice: exampleNotice(), title: '标题', text: '正文' },
        config(receiver),
        {
          signal: options.signal ?? new AbortController().signal,
          deadline: clock.now() + (options.within ?? 5_000),
          secret: 'a-secret-of-the-channel',
        },
      );
    };

    test('its folder name is its name, and its configuration is an object schema', () => {
      expect(make().channel.name).toBe(name);
      expect(make().channel.config).toMatchObject({ type: 'object', additionalProperties: false });
    });
    test('a receiver that accepts: sent, with the secret nowhere', async () => {
      expect(await send()).toMatchObject({ outcome: 'sent' });
      expect(receiver.received.length).toBe(1);
      const seen = receiver.received.map(({ path, ...rest }) => (make().secretTravels ? rest : { path, ...rest }));
      expect(JSON.stringify(seen)).not.toContain('a-secret-of-the-channel');
    });
    test('a receiver that is down: retry', async () => {
      await receiver.stop();
      expect(await send()).toMatchObject({ outcome: 'retry' });
      await receiver.restart();
    });
    test('a receiver that resets the connection: retry', async () => {
      receiver.answer((response) => response.socket?.resetAndDestroy());
      expect(await send()).toMatchObject({ outcome: 'retry' });
    });
    test('a receiver that closes in the middle of its answer: retry, unless its status was enough', async () => {
      receiver.answer((response) => {
        response.writeHead(200, { 'content-length': 1_000 });
        response.write('{"errcode":0', () => response.socket?.destroy());
      });
      expect(await send()).toMatchObject({ outcome: make().accepts === undefined ? 'sent' : 'retry' });
    });
    test('a receiver that hangs: retry, at the deadline', async () => {
      receiver.answer(() => undefined);
      expect(await send({ within: 100 })).toMatchObject({ outcome: 'retry', detail: 'timeout' });
    });
    test('an abort ends the try', async () => {
      receiver.answer(() => undefined);
      const ending = new AbortController();
      const sending = send({ signal: ending.signal });
      setTimeout(() => ending.abort(), 50);
      expect(await sending).toMatchObject({ outcome: 'retry' });
    });
    test('no try begins after the deadline', async () => {
      expect(await send({ within: -1_000 })).toMatchObject({ outcome: 'retry' });
      expect(receiver.received).toEqual([]);
    });
    test('a server error: retry, and the detail is bounded and printable', async () => {
      receiver.answer((response) => response.writeHead(503).end(`busy\r\n\u0007${'x'.repeat(10_000)}`));
      const result = await send();
      expect(result.outcome).toBe('retry');
      expect(result.detail.length).toBeLessThan(300);
      expect(result.detail).not.toMatch(/\p{C}/u);
    });
  });
}
