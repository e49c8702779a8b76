import { expect, test } from 'vitest';
import { robotSuite } from '../robot/contract.ts';
import { createFeishu, signFeishu } from './channel.ts';

robotSuite(
  'feishu',
  {
    create: createFeishu,
    accepts: '{"code":0,"msg":"success","data":{},"StatusCode":0,"StatusMessage":"success"}',
    refusal: (code, words) => ({ code, msg: words }),
    codes: [
      [11232, 'retry'],
      [19021, 'permanent'],
      [19022, 'permanent'],
      [19024, 'permanent'],
      [777, 'retry'],
    ],
  },
  ({ channel, clock, person, links, send, only, answer }) => {
    test('the signature is the one of the documentation', () => {
      expect(signFeishu('SECtest', '1599360473')).toBe('bMjxHlJJlXMW0yjKHZsmMvrFnAOfMlmWpRUsH3qMAek=');
    });

    test('the hook stands in the path, time in seconds and signature in the body, below 20 KB', async () => {
      await send(
        { text: `标题\n${'设'.repeat(20_000)}`, links, mentions: [person] },
        { members: { 'li.wei': 'ou_1' } },
        'hook-id SECtest',
      );
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
      await send({ links }, { format: 'text', keyword: '城运' });
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
  },
);
