import type { Clock } from '../../../../adapters/adapter.ts';
import { byStatus, type CheckTarget, exchange, isAnswer, sign } from '../../outbound.ts';
import type { Channel, OutgoingMessage, SendOptions } from '../channel.ts';
import { RESERVED_HEADERS, WebhookConfig } from './config.ts';

/** Posts each notice as JSON, signed with HMAC-SHA256. */
export function createWebhook(deps: { checkTarget: CheckTarget; clock: Clock }): Channel<typeof WebhookConfig> {
  return {
    name: 'webhook',
    config: WebhookConfig,
    async send(message, config, options) {
      const body = bodyOf(message);
      const answer = await exchange(
        {
          url: new URL(config.url),
          headers: headersOf(message, body, config, options, deps.clock.now()),
          body,
          timeout: config.timeout ?? 10_000,
          statusIsEnough: true,
        },
        deps,
        options,
      );
      return isAnswer(answer) ? byStatus(answer) : answer;
    },
  };
}

/** Built from the notice alone, so every try of a key carries the same bytes. */
function bodyOf({ key, notice, title, text, links = [] }: OutgoingMessage): string {
  return JSON.stringify({
    id: key,
    event: notice.event,
    title,
    text,
    ...Object.fromEntries(links.map(({ kind, url }) => [`${kind}Url`, url])),
    notice: { ...notice, at: new Date(notice.at).toISOString() },
  });
}

function headersOf(message: OutgoingMessage, body: string, config: WebhookConfig, options: SendOptions, now: number) {
  const timestamp = String(now);
  const extra = Object.entries(config.headers ?? {}).filter(([name]) => !RESERVED_HEADERS.test(name));
  return {
    ...Object.fromEntries(extra),
    'content-type': 'application/json; charset=utf-8',
    'user-agent': 'chengyun-gateway',
    'idempotency-key': message.key,
    'x-cgw-timestamp': timestamp,
    ...(options.secret === null ? {} : { 'x-cgw-signature': sign(options.secret, timestamp, body) }),
  };
}
