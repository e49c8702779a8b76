import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSystemClock } from '../../clock.ts';
import type { OutgoingMessage } from '../channel.ts';
import { channelContract } from '../contract.ts';
import { exampleNotice, type Receiver, startReceiver } from '../testing.ts';
import { createDingtalk, signDingtalk } from './channel.ts';

const clock = createSystemClock();
const channel = createDingtalk({ clock, checkTarget: async () => [{ address: '127.0.0.1', family: 4 }] });
const ACCEPTS = '{"errcode":0,"errmsg":"ok"}';

channelContract('dingtalk', () => ({
  channel,
  config: (receiver) => ({ baseUrl: receiver.url('') }),
  accepts: ACCEPTS,
  secretTravels: true,
}));

describe('dingtalk', () => {
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
    [130101, 'retry'],
    [310000, 'permanent'],
    [300001, 'permanent'],
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
    const guarded = createDingtalk({
      clock,
      checkTarget: () => Promise.reject(Object.assign(new Error('no'), { kind: 'notAllowed' })),
    });
    const message = { key: 'k', notice: exampleNotice(), title: 't', text: 't' };
    const options = { signal: new AbortController().signal, deadline: clock.now() + 5_000, secret: 'k' };
    expect(await guarded.send(message, { baseUrl: receiver.url('') }, options)).toMatchObject({ outcome: 'permanent' });
    expect(receiver.received).toEqual([]);
  });

  test('the signature is the one of the documentation', () => {
    expect(signDingtalk('SECtest', 1_577_836_800_000)).toBe('drlICLmsjUfpSZSa7%2BmhIyTLZHQVqxb4vc20sB3aqQU%3D');
  });

  test('token, time and signature stand in the address; who is called out stands in the text as well', async () => {
    await send({ mentions: [person], link }, {}, 'the-token SECtest');
    const { path, body } = only();
    const url = new URL(path, 'http://x');
    expect(url.pathname).toBe('/robot/send');
    expect(url.searchParams.get('access_token')).toBe('the-token');
    const timestamp = Number(url.searchParams.get('timestamp'));
    expect(Math.abs(timestamp - clock.now())).toBeLessThan(5_000);
    expect(path).toContain(`sign=${signDingtalk('SECtest', timestamp)}`);
    expect(JSON.parse(body)).toMatchObject({
      msgtype: 'markdown',
      markdown: { title: '标题', text: expect.stringContaining('@13800000001') },
      at: { atMobiles: ['13800000001'], atUserIds: [], isAtAll: false },
    });
  });

  test('a robot without a signature is called with its token alone', async () => {
    await send();
    expect(only().path).toBe('/robot/send?access_token=0a1b-key');
  });

  test('throttled for ten minutes, as the platform is', async () => {
    answer(130101);
    expect(await send()).toMatchObject({ retryAfter: 600_000, throttled: true });
  });
});
