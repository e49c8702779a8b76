import { expect, test } from 'vitest';
import { robotSuite } from '../robot/contract.ts';
import { createDingtalk, signDingtalk } from './channel.ts';

robotSuite(
  'dingtalk',
  {
    create: createDingtalk,
    accepts: '{"errcode":0,"errmsg":"ok"}',
    refusal: (code, words) => ({ errcode: code, errmsg: words }),
    codes: [
      [130101, 'retry'],
      [310000, 'permanent'],
      [300001, 'permanent'],
      [-1, 'retry'],
      [777, 'retry'],
    ],
  },
  ({ clock, person, links, send, only, answer }) => {
    test('the signature is the one of the documentation', () => {
      expect(signDingtalk('SECtest', 1_577_836_800_000)).toBe('drlICLmsjUfpSZSa7%2BmhIyTLZHQVqxb4vc20sB3aqQU%3D');
    });

    test('token, time and signature stand in the address; who is called out stands in the text as well', async () => {
      await send({ mentions: [person], links }, {}, 'the-token SECtest');
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
  },
);
