import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSystemClock } from '../../clock.ts';
import type { OutgoingMessage } from '../channel.ts';
import { channelContract } from '../contract.ts';
import { exampleNotice, type Receiver, startReceiver } from '../testing.ts';
import { createFeishu, signFeishu } from './channel.ts';

const clock = createSystemClock();
const channel = createFeishu({ clock, checkTarget: async () => [{ address: '127.0.0.1', family: 4 }] });
const ACCEPTS = '{"code":0,"msg":"success","data":{},"StatusCode":0,"StatusMessage":"success"}';

channelContract('feishu', () => ({
  channel,
  config: (receiver) => ({ baseUrl: receiver.url('') }),
  accepts: ACCEPTS,
  secretTravels: true,
}));

describe('feishu', () => {
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
    receiver.answer((response) => response.writeHead(200).end(JSON.stringify({ code: code, msg: words })));

  test.each([
    [11232, 'retry'],
    [19021, 'permanent'],
    [19022, 'permanent'],
    [19024, 'permanent'],
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
    const guarded = createFeishu({
      clock,
      checkTarget: () => Promise.reject(Object.assign(new Error('no'), { kind: 'notAllowed' })),
    });
    const message = { key: 'k', notice: exampleNotice(), title: 't', text: 't' };
    const options = { signal: new AbortController().signal, deadline: clock.now() + 5_000, secret: 'k' };
    expect(await guarded.send(message, { baseUrl: receiver.url('') }, options)).toMatchObject({ outcome: 'permanent' });
    expect(receiver.received).toEqual([]);
  });

  test('the signature is the one of the documentation', () => {
    expect(signFeishu('SECtest', '1599360473')).toBe('bMjxHlJJlXMW0yjKHZsmMvrFnAOfMlmWpRUsH3qMAek=');
  });

  test('the hook stands in the path, time in seconds and signature in the body, below 20 KB', async () => {
    await send({ text: `标题\n${'设'.repeat(20_000)}`, link }, { members: { 'li.wei': 'ou_1' } }, 'hook-id SECtest', [
      person,
    ]);
    const { path, body } = only();
    expect(path).toBe('/open-apis/bot/v2/hook/hook-id');
    expect(Buffer.byteLength(body)).toBeLessThan(20_000);
    const sent = JSON.parse(body) as { timestamp: string; sign: string; msg_type: string; card: object };
    expect(sent.sign).toBe(signFeishu('SECtest', sent.timestamp));
    expect(Math.abs(Number(sent.timestamp) * 1_000 - clock.now())).toBeLessThan(5_000);
    expect(sent.msg_type).toBe('interactive');
    expect(JSON.stringify(sent.card)).toContain('<at id=ou_1></at>');
    expect(JSON.stringify(sent.card)).toContain('https://g.example/a');
  });

  test('plain text where cards are not wanted', async () => {
    await send({ link }, { format: 'text', keyword: '城运' });
    expect(JSON.parse(only().body)).toEqual({
      msg_type: 'text',
      content: { text: '标题\n城运\n正文\n确认 https://g.example/a' },
    });
  });

  test('one code for a bad request and for too many of them is told apart by its words', async () => {
    answer(9499, 'too many request');
    expect(await send()).toMatchObject({ outcome: 'retry', throttled: true });
    answer(9499, 'Bad Request');
    expect(await send()).toMatchObject({ outcome: 'permanent' });
  });

  test('digests keep away from the full and the half hour', () => {
    const half = Date.UTC(2026, 10, 23, 8, 30, 20);
    expect(channel.limits?.digestNotBefore?.(half)).toBe(Date.UTC(2026, 10, 23, 8, 31));
    expect(channel.limits?.digestNotBefore?.(half + 60_000)).toBe(half + 60_000);
  });
});
