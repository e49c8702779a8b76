import type { TSchema } from 'typebox';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSystemClock } from '../../clock.ts';
import type { Channel, MessageLink, OutgoingMessage } from '../channel.ts';
import { channelContract } from '../contract.ts';
import { exampleNotice, type Receiver, startReceiver } from '../testing.ts';
import type { RobotDeps } from './robot.ts';

/** What differs between the robots of the platforms. */
interface Robot<C extends TSchema> {
  readonly create: (deps: RobotDeps) => Channel<C>;
  /** Body of an answer that takes the message. */
  readonly accepts: string;
  readonly refusal: (code: number, words: string) => object;
  /** Codes of the body, and what is to come of them. */
  readonly codes: readonly (readonly [code: number, outcome: 'retry' | 'permanent'])[];
}

/** The hands to try with what only one platform does. */
export interface RobotTest<C extends TSchema> {
  readonly channel: Channel<C>;
  readonly clock: { now(): number };
  readonly person: { userId: string; username: string; phone: string; email: null; wecom: string };
  readonly links: readonly MessageLink[];
  url(path: string): string;
  send(more?: Partial<OutgoingMessage>, config?: object, secret?: string): ReturnType<Channel['send']>;
  /** The one request that came. */
  only(): { readonly path: string; readonly body: string };
  /** HTTP 200 with this code in the body from now on. */
  answer(code: number, words?: string): void;
}

/** The contract of every channel and of every robot, then what `more` says of one. */
export function robotSuite<C extends TSchema>(
  name: string,
  { create, accepts, refusal, codes }: Robot<C>,
  more: (robot: RobotTest<C>) => void,
): void {
  const clock = createSystemClock();
  const channel = create({ clock, checkTarget: async () => [{ address: '127.0.0.1', family: 4 }] });
  const message = { key: 'tk_1:3', title: '标题', text: '标题\n正文' };
  const options = (secret: string) => ({
    signal: new AbortController().signal,
    deadline: clock.now() + 5_000,
    secret,
  });

  channelContract(name, () => ({
    channel,
    config: (receiver) => ({ baseUrl: receiver.url('') }) as never,
    accepts,
    secretTravels: true,
  }));

  describe(name, () => {
    let receiver: Receiver;
    beforeEach(async () => {
      receiver = await startReceiver();
      receiver.answer((response) => response.writeHead(200).end(accepts));
    });
    afterEach(() => receiver.stop());

    const robot: RobotTest<C> = {
      channel,
      clock,
      person: { userId: 'u1', username: 'li.wei', phone: '13800000001', email: null, wecom: 'li.wei' },
      links: [{ kind: 'acknowledge', text: '确认', url: 'https://g.example/a' }],
      url: (path) => receiver.url(path),
      send: (changes = {}, config = {}, secret = '0a1b-key') =>
        channel.send(
          { ...message, notice: exampleNotice(), ...changes },
          { baseUrl: receiver.url(''), ...config } as never,
          options(secret),
        ),
      only() {
        expect(receiver.received.length).toBe(1);
        return receiver.received[0] ?? { path: '', body: '{}' };
      },
      answer: (code, words = 'why') =>
        receiver.answer((response) => response.writeHead(200).end(JSON.stringify(refusal(code, words)))),
    };

    test.each([...codes])('HTTP 200 with code %i in the body: %s', async (code, outcome) => {
      robot.answer(code);
      expect(await robot.send()).toMatchObject({ outcome, detail: `${code} why` });
    });

    test('HTTP 200 of somebody else, as a login page of the network: retry', async () => {
      receiver.answer((response) => response.writeHead(200).end('<html>Please log in</html>'));
      expect(await robot.send()).toMatchObject({
        outcome: 'retry',
        detail: expect.stringContaining('no answer of the platform'),
      });
    });

    test('a target that is not allowed is refused for good', async () => {
      const notAllowed = Object.assign(new Error('no'), { kind: 'notAllowed' });
      const guarded = create({ clock, checkTarget: () => Promise.reject(notAllowed) });
      const config = { baseUrl: receiver.url('') } as never;
      const sent = await guarded.send({ ...message, notice: exampleNotice() }, config, options('k'));
      expect(sent).toMatchObject({ outcome: 'permanent' });
      expect(receiver.received).toEqual([]);
    });

    more(robot);
  });
}
