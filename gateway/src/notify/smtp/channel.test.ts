import Value from 'typebox/value';
import { afterEach, describe, expect, test } from 'vitest';
import { cameraCertificate } from '../../../../tools/simulator/onvif/certificate.ts';
import { createSystemClock } from '../../clock.ts';
import type { OutgoingMessage } from '../channel.ts';
import { exampleNotice } from '../testing.ts';
import { createSmtp, SmtpConfig } from './channel.ts';
import { type MailServer, startMailServer } from './server.ts';

const clock = createSystemClock();
const smtp = createSmtp({ clock, resolve: async () => [{ address: '127.0.0.1', family: 4 }] });

describe('smtp', () => {
  let server: MailServer;
  afterEach(() => server.stop());

  const send = (
    config: Partial<SmtpConfig> = {},
    more: Partial<OutgoingMessage> & { within?: number; signal?: AbortSignal; secret?: string } = {},
  ) => {
    const { within = 5_000, signal = new AbortController().signal, secret = null, ...message } = more;
    return smtp.send(
      {
        key: 'tk_1:3',
        notice: exampleNotice(),
        title: '【重要】离线：充电柜1',
        text: '【重要】离线：充电柜1\n正文',
        ...message,
      },
      {
        ...{ host: 'localhost', port: server.port, security: 'none', from: 'cgw@example.cn', to: ['duty@example.cn'] },
        ...config,
      },
      { signal, deadline: clock.now() + within, secret },
    );
  };

  test('a mail server that accepts: sent, with subject, text, link, a copy, and an id made of the key', async () => {
    server = await startMailServer();
    const links = [{ kind: 'acknowledge', text: '点击确认', url: 'https://g.example/a' }] as const;
    const mentions = [{ userId: 'u', username: 'li', phone: null, wecom: null, email: 'li@example.cn' }];
    expect(await send({ copyToAssignee: true }, { links, mentions })).toEqual({ outcome: 'sent', detail: 'ok' });
    const [mail] = server.received;
    expect(mail?.to).toEqual(['duty@example.cn', 'li@example.cn']);
    expect(mail?.data).toContain('Message-ID: <tk_1%3A3@chengyun-gateway>');
    expect(mail?.data).toContain('Auto-Submitted: auto-generated');
    expect(mail?.data).toMatch(/Subject: =\?UTF-8\?/);
    expect(Buffer.from(mail?.data.split('\n\n').at(-1) ?? '', 'base64').toString('utf8')).toContain(
      'https://g.example/a',
    );
  });

  test.each(['startTls', 'tls'] as const)('%s with a login that is right, and one that is wrong', async (security) => {
    const tls = await cameraCertificate();
    server = await startMailServer({ tls, fromStart: security === 'tls', login: 'cgw:passwort' });
    const config = { security, user: 'cgw', ca: tls.cert.toString() };
    expect(await send(config, { secret: 'passwort' })).toMatchObject({ outcome: 'sent' });
    expect(server.received[0]).toMatchObject({ tls: true, login: 'cgw:passwort' });
    const refused = await send(config, { secret: 'falsch' });
    expect(refused).toMatchObject({ outcome: 'permanent', detail: expect.stringContaining('535') });
    expect(refused.detail).not.toContain('falsch');
  });

  test('a server without the TLS that was demanded, or with a certificate of nobody, gets neither mail nor password', async () => {
    server = await startMailServer({ login: 'cgw:passwort' });
    expect(await send({ security: 'startTls', user: 'cgw' }, { secret: 'passwort' })).toMatchObject({
      outcome: 'retry',
    });
    expect(await send({ security: 'none', user: 'cgw' }, { secret: 'passwort' })).toMatchObject({
      outcome: 'permanent',
    });
    await server.stop();
    server = await startMailServer({ tls: await cameraCertificate(), fromStart: true, login: 'cgw:passwort' });
    expect(await send({ security: 'tls', user: 'cgw' }, { secret: 'passwort' })).toMatchObject({ outcome: 'retry' });
    expect(server.received).toEqual([]);
  });

  test('a server that is down, closes half-way or at the start: retry', async () => {
    server = await startMailServer();
    server.answer('.', 'drop');
    expect(await send()).toMatchObject({ outcome: 'retry' });
    server.answer('hello', 'drop');
    expect(await send()).toMatchObject({ outcome: 'retry' });
    await server.stop();
    expect(await send()).toMatchObject({ outcome: 'retry' });
  });

  test.each(['hello', 'DATA', '.'])('a server that hangs at %s: retry, at the deadline', async (where) => {
    server = await startMailServer();
    server.answer(where, 'hang');
    expect(await send({}, { within: 150 })).toEqual({ outcome: 'retry', detail: 'timeout' });
  });

  test('an abort ends the try, and none begins after the deadline', async () => {
    server = await startMailServer();
    server.answer('DATA', 'hang');
    const ending = new AbortController();
    const sending = send({}, { signal: ending.signal });
    setTimeout(() => ending.abort(), 50);
    expect(await sending).toMatchObject({ outcome: 'retry' });
    expect(await send({}, { within: -1 })).toMatchObject({ outcome: 'retry' });
    expect(server.received).toEqual([]);
  });

  test.each([
    ['RCPT', '450 mailbox busy', { outcome: 'retry' }],
    ['.', '452 too many messages', { outcome: 'retry', throttled: true }],
    ['.', '554 looks like spam', { outcome: 'permanent' }],
    ['MAIL', '550 who are you', { outcome: 'permanent' }],
  ])('%s answered with %s', async (command, reply, result) => {
    server = await startMailServer();
    server.answer(command, reply);
    expect(await send()).toMatchObject(result);
  });

  test('a server whose address is not allowed is not dialled', async () => {
    server = await startMailServer();
    const guarded = createSmtp({
      clock,
      resolve: () => Promise.reject(Object.assign(new Error('no'), { kind: 'notAllowed' })),
    });
    const message = { key: 'k', notice: exampleNotice(), title: 't', text: 't' };
    const config = { host: 'localhost', port: server.port, security: 'none', from: 'a@b.cn', to: ['a@b.cn'] } as const;
    const options = { signal: new AbortController().signal, deadline: clock.now() + 1_000, secret: null };
    expect(await guarded.send(message, { ...config, to: ['a@b.cn'] }, options)).toEqual({
      outcome: 'permanent',
      detail: expect.stringContaining('CGW_ALLOWED_TARGETS'),
    });
  });

  test.each([
    [{ to: ['a@b.cn\r\nBcc: x@y.cn'] }],
    [{ from: 'A <a@b.cn>' }],
    [{ host: 'a b' }],
    [{ to: [] }],
    [{ password: 'x' }],
  ])('configuration %j is refused', async (wrong) => {
    server = await startMailServer();
    const right = { host: 'mail', port: 465, security: 'tls', from: 'a@b.cn', to: ['a@b.cn'] };
    expect(Value.Check(SmtpConfig, right)).toBe(true);
    expect(Value.Check(SmtpConfig, { ...right, ...wrong })).toBe(false);
  });
});
