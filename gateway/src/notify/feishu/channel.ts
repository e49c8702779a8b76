import { createHmac } from 'node:crypto';
import Type, { type Static } from 'typebox';
import { cutToBytes } from '../bytes.ts';
import type { Channel, OutgoingMessage, SendResult } from '../channel.ts';
import {
  bodyOf,
  harmless,
  idsOf,
  type Judge,
  keysOf,
  post,
  type RobotDeps,
  robotFields,
  under,
  verdictOf,
} from '../robot/robot.ts';

const PUBLIC = 'https://open.feishu.cn';

export const FeishuConfig = Type.Object(
  {
    ...robotFields(PUBLIC),
    format: Type.Optional(
      Type.Union([Type.Literal('card'), Type.Literal('text')], { default: 'card', description: 'Card or plain text' }),
    ),
  },
  { additionalProperties: false },
);
export type FeishuConfig = Static<typeof FeishuConfig>;

const MOST_BYTES = 14_000;
const MINUTE = 60_000;
const HALF_HOUR = 30 * MINUTE;

const JUDGE: Judge = {
  throttled: { 11232: MINUTE, 11233: MINUTE, 99991400: MINUTE },
  // Hook unknown, refused by signature, address or keyword, message refused.
  permanent: new Set([19001, 19002, 19003, 19021, 19022, 19024, 10003, 230001]),
  // One code for a bad request and for too many of them.
  look: ({ code, message }): SendResult | undefined => {
    if (code !== 9499) return undefined;
    const many = /too many|frequen/i.test(message);
    return many
      ? { outcome: 'retry', detail: '9499 too many requests', retryAfter: MINUTE, throttled: true }
      : { outcome: 'permanent', detail: '9499 bad request' };
  },
};

/** 飞书: a group robot (自定义机器人). Secret = id of the hook, then a blank and the signing secret where it has one. */
export function createFeishu(deps: RobotDeps): Channel<typeof FeishuConfig> {
  return {
    name: 'feishu',
    config: FeishuConfig,
    secretGoesTo: ({ baseUrl = PUBLIC }) => new URL(baseUrl).origin,
    words: harmless,
    // Five a second and a hundred a minute; two gateways together keep to it as well.
    limits: { perMinute: 90, reserved: 20, spacing: 400, textBytes: 8_000, digestNotBefore },
    send(message, config, options) {
      const { key, signing } = keysOf(options.secret);
      const url = under(config.baseUrl ?? PUBLIC, `/open-apis/bot/v2/hook/${encodeURIComponent(key)}`);
      const timestamp = String(Math.floor(deps.clock.now() / 1_000));
      const signed = signing === null ? {} : { timestamp, sign: signFeishu(signing, timestamp) };
      const body = { ...signed, ...content(message, config) };
      const read = (answer: Readonly<Record<string, unknown>>) =>
        verdictOf(answer.code ?? answer.StatusCode, answer.msg ?? answer.StatusMessage);
      return post(url, body, read, JUDGE, deps, options);
    },
  };
}

/** Base64 of HMAC-SHA256 with `timestamp\nsecret` as key over nothing; seconds. */
export function signFeishu(secret: string, timestamp: string): string {
  return createHmac('sha256', `${timestamp}\n${secret}`).digest('base64');
}

/** All the world's robots speak at the full and half hour; the platform throttles then. */
function digestNotBefore(now: number): number {
  const into = now % HALF_HOUR;
  return into < MINUTE ? now - into + MINUTE : now;
}

const COLOURS = { critical: 'red', major: 'orange', minor: 'yellow', info: 'blue' } as const;

function content(message: OutgoingMessage, config: FeishuConfig) {
  const ids = idsOf(message.mentions, config.members, () => null);
  const keyword = config.keyword ? `${harmless(config.keyword)}\n` : '';
  const text = cutToBytes(`${keyword}${bodyOf(message)}`, MOST_BYTES);
  if (config.format === 'text') {
    const tail = [
      ...(message.links ?? []).map((link) => `${link.text} ${link.url}`),
      ...ids.map((id) => `<at user_id="${id}"></at>`),
    ];
    return { msg_type: 'text', content: { text: [message.title, text, ...tail].join('\n') } };
  }
  const { notice } = message;
  const words = [text, ...ids.map((id) => `<at id=${id}></at>`)].filter((line) => line !== '').join('\n');
  const actions = (message.links ?? []).map((link, index) => ({
    tag: 'button',
    type: index === 0 ? 'primary' : 'default',
    text: { tag: 'plain_text', content: link.text },
    url: link.url,
  }));
  return {
    msg_type: 'interactive',
    card: {
      config: { wide_screen_mode: true },
      header: {
        title: { tag: 'plain_text', content: message.title },
        template: notice.event === 'resolved' ? 'green' : COLOURS[notice.severity],
      },
      elements: [
        { tag: 'markdown', content: words === '' ? message.title : words },
        ...(actions.length > 0 ? [{ tag: 'action', actions }] : []),
      ],
    },
  };
}
