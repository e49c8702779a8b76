import Type from 'typebox';
import type { Clock } from '../../../../adapters/adapter.ts';
import { byStatus, type CheckTarget, exchange, isAnswer } from '../../outbound.ts';
import type { Channel } from '../channel.ts';

export const DeadManConfig = Type.Object(
  {
    url: Type.String({
      pattern: '^https?://[^\\s/@]+(/\\S*)?$',
      maxLength: 2_000,
      description:
        'Called every minute in which everything is sound; who watches it raises the alarm when it stays away',
    }),
    method: Type.Optional(Type.Union([Type.Literal('GET'), Type.Literal('POST')], { default: 'GET' })),
  },
  { additionalProperties: false },
);

/** A sign of life for a watcher outside (死信开关). It carries no notices. */
export function createDeadMan(deps: { checkTarget: CheckTarget; clock: Clock }): Channel<typeof DeadManConfig> {
  return {
    name: 'deadMan',
    config: DeadManConfig,
    signalOnly: true,
    async send(_message, config, options) {
      const answer = await exchange(
        {
          url: new URL(config.url),
          method: config.method ?? 'GET',
          headers: { 'user-agent': 'chengyun-gateway' },
          timeout: 10_000,
          statusIsEnough: true,
        },
        deps,
        options,
      );
      return isAnswer(answer) ? byStatus(answer) : answer;
    },
  };
}
