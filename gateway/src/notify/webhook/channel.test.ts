import { createHmac } from 'node:crypto';
import Value from 'typebox/value';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSystemClock } from '../../clock.ts';
import type { CheckTarget } from '../../outbound.ts';
import { channelContract } from '../contract.ts';
import { exampleNotice, type Receiver, startReceiver } from '../testing.ts';
import { createWebhook } from './channel.ts';
import { WebhookConfig } from './config.ts';

const clock = createSystemClock();
const loopback: CheckTarget = async () => [{ address: '127.0.0.1', family: 4 }];
const webhook = createWebhook({ checkTarget: loopback, clock });

channelContract('webhook', () => ({ channel: webhook, config: (receiver) => ({ url: receiver.url() }) }));

describe('webhook', () => {
  let receiver: Receiver;
  beforeEach(async () => {
    receiver = await startReceiver();
  });
  afterEach(() => receiver.stop());

  const send = (config: Partial<WebhookConfig> = {}, channel = webhook, secret: string | null = 's3cret') =>
    channel.send(
      { key: 'tk_1:3', notice: exampleNotice(), title: '标题', text: '正文' },
      { url: receiver.url(), ...config },
      { signal: new AbortController().signal, deadline: clock.now() + 5_000, secret },
    );

  test('posts signed JSON that a receiver can verify by the README alone', async () => {
    await send({ headers: { 'x-tenant': 'dongming', 'Idempotency-Key': 'forged', Host: 'elsewhere' } });
    const [request] = receiver.received;
    if (!request) throw new Error('nothing arrived');
    const timestamp = String(request.headers['x-cgw-timestamp']);
    const expected = createHmac('sha256', 's3cret').update(`${timestamp}.${request.body}`).digest('hex');
    expect(request.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'idempotency-key': 'tk_1:3',
      'x-cgw-signature': `sha256=${expected}`,
      'x-tenant': 'dongming',
    });
    expect(request.headers.host).toContain('127.0.0.1');
    expect(Math.abs(Number(timestamp) - clock.now())).toBeLessThan(5_000);
    expect(JSON.parse(request.body)).toMatchObject({
      id: 'tk_1:3',
      event: 'firing',
      title: '标题',
      text: '正文',
      notice: { ticketNo: '20261123-0001', at: '2026-11-23T02:00:00.000Z' },
    });
  });

  test('every try of a key carries the same bytes', async () => {
    await send();
    await send();
    expect(receiver.received[0]?.body).toBe(receiver.received[1]?.body);
  });

  test.each([
    [200, 'sent'],
    [202, 'sent'],
    [301, 'permanent'],
    [400, 'permanent'],
    [401, 'permanent'],
    [404, 'permanent'],
    [410, 'permanent'],
    [408, 'retry'],
    [425, 'retry'],
    [429, 'retry'],
    [500, 'retry'],
    [503, 'retry'],
  ])('HTTP %i: %s', async (status, outcome) => {
    receiver.answer((response) => response.writeHead(status, { location: receiver.url('/moved') }).end('why'));
    expect(await send()).toMatchObject({ outcome });
    expect(receiver.received.map((request) => request.path)).toEqual(['/hook']);
  });

  test('a wish to be left alone is passed on, within an hour', async () => {
    receiver.answer((response) => response.writeHead(429, { 'retry-after': '90' }).end());
    expect(await send()).toMatchObject({ retryAfter: 90_000 });
    receiver.answer((response) => response.writeHead(503, { 'retry-after': '999999' }).end());
    expect(await send()).toMatchObject({ retryAfter: 3_600_000 });
  });

  test('an endless answer is cut off', async () => {
    let closed = false;
    receiver.answer((response) => {
      response.writeHead(500);
      const pour = () => {
        while (!response.destroyed && response.write('x'.repeat(16_384)));
      };
      response.on('drain', pour).on('close', () => {
        closed = true;
      });
      pour();
    });
    expect(await send()).toMatchObject({ outcome: 'retry' });
    await expect.poll(() => closed).toBe(true);
  });

  test('a success whose body never ends is a success', async () => {
    receiver.answer((response) => {
      response.writeHead(200);
      response.write('…');
    });
    expect(await send()).toMatchObject({ outcome: 'sent' });
  });

  test('a target that is not allowed is refused for good, and nothing is dialled', async () => {
    const channel = createWebhook({
      clock,
      checkTarget: async () => {
        throw Object.assign(new Error('no'), { kind: 'notAllowed' });
      },
    });
    expect(await send({}, channel)).toEqual({
      outcome: 'permanent',
      detail: expect.stringContaining('CGW_ALLOWED_TARGETS'),
    });
    expect(receiver.received).toEqual([]);
  });

  test('only the judged address is dialled, whatever the name resolves to', async () => {
    const url = receiver.url().replace('127.0.0.1', 'hook.invalid');
    expect(await send({ url })).toMatchObject({ outcome: 'sent' });
    expect(receiver.received[0]?.headers.host).toContain('hook.invalid');
  });

  test('a name that does not resolve now is tried again', async () => {
    const channel = createWebhook({
      clock,
      checkTarget: async () => {
        throw Object.assign(new Error('no answer'), { kind: 'notFound' });
      },
    });
    expect(await send({}, channel)).toMatchObject({ outcome: 'retry' });
  });

  test.each([
    [{ url: 'ftp://10.0.0.1/' }],
    [{ url: 'http://user:pass@10.0.0.1/' }],
    [{ url: 'http://10.0.0.1/ x' }],
    [{ url: 'http://10.0.0.1/', timeout: 60_000 }],
    [{ url: 'http://10.0.0.1/', headers: { 'x-a': 'b\r\nx-c: d' } }],
    [{ url: 'http://10.0.0.1/', secret: 'x' }],
    [{}],
  ])('configuration %j is refused', (config) => {
    expect(Value.Check(WebhookConfig, config)).toBe(false);
  });
});
