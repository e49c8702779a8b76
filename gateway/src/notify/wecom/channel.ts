import Type, { type Static } from 'typebox';
import { cutToBytes } from '../bytes.ts';
import type { Channel, OutgoingMessage } from '../channel.ts';
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

const PUBLIC = 'https://qyapi.weixin.qq.com';

export const WecomConfig = Type.Object(robotFields(PUBLIC), { additionalProperties: false });
export type WecomConfig = Static<typeof WecomConfig>;

/** The platform refuses what is longer (40058). */
const MOST_BYTES = 4_096;
const MINUTE = 60_000;

const JUDGE: Judge = {
  // 45009: over the limit of the robot; 45033: too many at once.
  throttled: { 45009: MINUTE, 45033: 10_000 },
  // Wrong key, robot gone or stopped, message refused.
  permanent: new Set([40001, 40008, 40014, 40035, 40058, 44004, 93000, 93004, 93008, 93017]),
};

/** 企业微信 and 政务微信: a group robot (消息推送, once 群机器人). Its key is the secret. */
export function createWecom(deps: RobotDeps): Channel<typeof WecomConfig> {
  return {
    name: 'wecom',
    config: WecomConfig,
    secretGoesTo: ({ baseUrl = PUBLIC }) => new URL(baseUrl).origin,
    words: harmless,
    limits: { perMinute: 18, reserved: 4, spacing: 0, textBytes: 3_200 },
    send(message, config, options) {
      const url = under(config.baseUrl ?? PUBLIC, '/cgi-bin/webhook/send');
      url.searchParams.set('key', keysOf(options.secret).key);
      const body = { msgtype: 'markdown', markdown: { content: markdown(message, config) } };
      return post(url, body, (answer) => verdictOf(answer.errcode, answer.errmsg), JUDGE, deps, options);
    },
  };
}

function markdown(message: OutgoingMessage, config: WecomConfig): string {
  const tail = [
    ...(message.links ?? []).map(({ text, url }) => `[${text}](${url})`),
    ...idsOf(message.mentions, config.members, (contact) => contact.wecom).map((id) => `<@${id}>`),
  ].join('\n');
  const head = `${config.keyword ? `${harmless(config.keyword)}\n` : ''}**${message.title}**`;
  const room = MOST_BYTES - Buffer.byteLength(tail) - 1;
  return `${cutToBytes(`${head}\n${bodyOf(message)}`, room)}${tail === '' ? '' : `\n${tail}`}`;
}
