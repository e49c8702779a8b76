import { expect, test } from 'vitest';
import { robotSuite } from '../robot/contract.ts';
import { createWecom } from './channel.ts';

robotSuite(
  'wecom',
  {
    create: createWecom,
    accepts: '{"errcode":0,"errmsg":"ok"}',
    refusal: (code, words) => ({ errcode: code, errmsg: words }),
    codes: [
      [45009, 'retry'],
      [93000, 'permanent'],
      [40058, 'permanent'],
      [-1, 'retry'],
      [777, 'retry'],
    ],
  },
  ({ channel, person, links, url, send, only }) => {
    test('the key stands in the address, the words in markdown within 4096 bytes, whatever they are', async () => {
      await send({ title: '标题', text: `标题\n${'设备'.repeat(3_000)}`, mentions: [person], links });
      const { path, body } = only();
      expect(path).toBe('/cgi-bin/webhook/send?key=0a1b-key');
      const { msgtype, markdown } = JSON.parse(body) as { msgtype: string; markdown: { content: string } };
      expect(msgtype).toBe('markdown');
      expect(Buffer.byteLength(markdown.content)).toBeLessThanOrEqual(4_096);
      expect(markdown.content).toMatch(/^\*\*标题\*\*\n设备/);
      expect(markdown.content).toMatch(/…\n\[确认\]\(https:\/\/g\.example\/a\)\n<@li\.wei>$/);
    });

    test('a private platform stands under its own address, below a path too', async () => {
      await send({}, { baseUrl: `${url('/zw/')}` });
      expect(only().path).toBe('/zw/cgi-bin/webhook/send?key=0a1b-key');
    });

    test('what others wrote becomes no mention and no link', () => {
      expect(channel.words?.('<@all> [点我](http://x) `a`')).not.toMatch(/[<>[\]`]/);
    });
  },
);
