import { createHmac } from 'node:crypto';
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

const PUBLIC = 'https://oapi.dingtalk.com';

export const DingtalkConfig = Type.Object(robotFields(PUBLIC), { additionalProperties: false });
export type DingtalkConfig = Static<typeof DingtalkConfig>;

const MOST_BYTES = 18_000;
const TITLE_BYTES = 200;
const MINUTE = 60_000;

const JUDGE: Judge = {
  // 130101: more than 20 a minute, after which the robot is mute for ten minutes.
  throttled: { 130101: 10 * MINUTE, 130102: 10 * MINUTE, [-1]: 10_000 },
  // Wrong token, robot stopped, refused by signature, keyword or address.
  permanent: new Set([300001, 300005, 310000, 400013, 400101, 400102, 400105, 400106, 40035]),
};

/** 钉钉: a group robot. Secret = access token, then a blank and the signing secret (加签) where it has one. */
export function createDingtalk(deps: RobotDeps): Channel<typeof DingtalkConfig> {
  return {
    name: 'dingtalk',
    config: DingtalkConfig,
    secretGoesTo: ({ baseUrl = PUBLIC }) => new URL(baseUrl).origin,
    words: harmless,
    limits: { perMinute: 18, reserved: 4, spacing: 0, textBytes: 6_000 },
    send(message, config, options) {
      const { key, signing } = keysOf(options.secret);
      const url = under(config.baseUrl ?? PUBLIC, '/robot/send');
      url.searchParams.set('access_token', key);
      if (signing !== null) {
        const timestamp = deps.clock.now();
        url.searchParams.set('timestamp', String(timestamp));
        // The parameter is encoded when the address is written.
        url.searchParams.set('sign', decodeURIComponent(signDingtalk(signing, timestamp)));
      }
      return post(
        url,
        bodyFor(message, config),
        (answer) => verdictOf(answer.errcode, answer.errmsg),
        JUDGE,
        deps,
        options,
      );
    },
  };
}

/** URL-encoded Base64 of HMAC-SHA256 with the secret as key over `timestamp\nsecret`; milliseconds. */
export function signDingtalk(secret: string, timestamp: number): string {
  return encodeURIComponent(createHmac('sha256', secret).update(`${timestamp}\n${secret}`).digest('base64'));
}

function bodyFor(message: OutgoingMessage, config: DingtalkConfig) {
  const byId = idsOf(message.mentions, config.members, () => null);
  const named = (message.mentions ?? []).filter((contact) => config.members?.[contact.username] === undefined);
  const mobiles = idsOf(named, undefined, (contact) => contact.phone).filter((id) => /^\+?\d{5,20}$/.test(id));
  // Only who stands in the text as well is called out.
  const called = [...mobiles, ...byId].map((id) => `@${id}`).join(' ');
  const links = (message.links ?? []).map(({ text, url }) => `[${text}](${url})`);
  const tail = [...links, ...(called ? [called] : [])];
  const head = `${config.keyword ? `${harmless(config.keyword)}\n` : ''}**${message.title}**`;
  const text = [cutToBytes(`${head}\n${bodyOf(message)}`, MOST_BYTES), ...tail].join('\n');
  return {
    msgtype: 'markdown',
    // A single line end is no line end in its markdown.
    markdown: { title: cutToBytes(message.title, TITLE_BYTES), text: text.replaceAll('\n', '  \n') },
    at: { atMobiles: mobiles, atUserIds: byId, isAtAll: false },
  };
}
