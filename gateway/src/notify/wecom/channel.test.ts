import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSystemClock } from '../../clock.ts';
import type { OutgoingMessage } from '../channel.ts';
import { channelContract } from '../contract.ts';
import { exampleNotice, type Receiver, startReceiver } from '../testing.ts';
import { createWecom } from './channel.ts';

const clock = createSystemClock();
const channel = createWecom({ clock, checkTarget: async () => [{ address: '127.0.0.1', family: 4 }] });
const ACCEPTS = '{"errcode":0,"errmsg":"ok"}';

channelContract('wecom', () => ({
  channel,
  config: (receiver) => ({ baseUrl: receiver.url('') }),
  accepts: ACCEPTS,
  secretTravels: true,
}));

describe('wecom', () => {
  let receiver: Receiver;
  beforeEach(async () => {
    receiver = await startReceiver();
    receiver.answer((response) => response.writeHead(200).end(ACCEPTS));
  });
  afterEach(() => receiver.stop());

  const person = { userId: 'u1', username: 'li.wei', phone: '13800000001', email: null, wecom: 'li.wei' };
  const link = { text: '确认', url: 'https://g.example/a' };
  const send = (
    more: Partial<OutgoingMessage> = {},
    config: object = {},
    secret = '0a1b-key',
    mentions = more.mentions,
  ) =>
    channel.send(
      {
        key: 'tk_1:3',
        notice: exampleNotice(),
        title: '标题',
        text: '标题\n正文',
        ...more,
        ...(mentions ? { mentions } : {}),
      },
      { baseUrl: receiver.url(''), ...config },
      { signal: new AbortController().signal, deadline: clock.now() + 5_000, secret },
    );
  const only = () => {
    expect(receiver.received.length).toBe(1);
    return receiver.received[0] ?? { path: '', body: '{}' };
  };
  const answer = (code: number, words = 'why') =>
    receiver.answer((response) => response.writeHead(200).end(JSON.stringify({ errcode: code, errmsg: words })));

  test.each([
    [45009, 'retry'],
    [93000, 'permanent'],
    [40058, 'permanent'],
    [-1, 'retry'],
    [777, 'retry'],
  ])('HTTP 200 with code %i in the body: %s', async (code, outcome) => {
    answer(code);
    expect(await send()).toMatchObject({ outcome, detail: `${code} why` });
  });

  test('HTTP 200 of somebody else, as a login page of the network: retry', async () => {
    receiver.answer((response) => response.writeHead(200).end('<html>Please log in</html>'));
    expect(await send()).toMatchObject({
      outcome: 'retry',
      detail: expect.stringContaining('no answer of the platform'),
    });
  });

  test('a target that is not allowed is refused for good', async () => {
    const guarded = createWecom({
      clock,
      checkTarget: () => Promise.reject(Object.assign(new Error('no'), { kind: 'notAllowed' })),
    });
    const message = { key: 'k', notice: exampleNotice(), title: 't', text: 't' };
    const options = { signal: new AbortController().signal, deadline: clock.now() + 5_000, secret: 'k' };
    expect(await guarded.send(message, { baseUrl: receiver.url('') }, options)).toMatchObject({ outcome: 'permanent' });
    expect(receiver.received).toEqual([]);
  });

  test('the key stands in the address, the words in markdown within 4096 bytes, whatever they are', async () => {
    await send({ title: '标题', text: `标题\n${'设备'.repeat(3_000)}`, mentions: [person], link });
    const { path, body } = only();
    expect(path).toBe('/cgi-bin/webhook/send?key=0a1b-key');
    const { msgtype, markdown } = JSON.parse(body) as { msgtype: string; markdown: { content: string } };
    expect(msgtype).toBe('markdown');
    expect(Buffer.byteLength(markdown.content)).toBeLessThanOrEqual(4_096);
    expect(markdown.content).toMatch(/^\*\*标题\*\*\n设备/);
    expect(markdown.content).toMatch(/…\n\[确认\]\(https:\/\/g\.example\/a\)\n<@li\.wei>$/);
  });

  test('a private platform stands under its own address, below a path too', async () => {
    await send({}, { baseUrl: `${receiver.url('/zw/')}` });
    expect(only().path).toBe('/zw/cgi-bin/webhook/send?key=0a1b-key');
  });

  test('what others wrote becomes no mention and no link', () => {
    expect(channel.words?.('<@all> [点我](http://x) `a`')).not.toMatch(/[<>[\]`]/);
  });
});
