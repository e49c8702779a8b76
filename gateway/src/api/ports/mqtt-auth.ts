import type { Actor } from '../../domain/actor.ts';

/** `ignore` = not a login of ours: whoever the broker asks next decides. */
export type BrokerVerdict = 'allow' | 'deny' | 'ignore';

/** What an external broker asks that has no store of logins of its own. Never throws for what it was asked. */
export interface MqttAuthPort {
  login(
    caller: Actor,
    login: {
      readonly username: string;
      readonly password: string;
      readonly clientId: string;
      readonly address: string;
    },
  ): Promise<BrokerVerdict>;
  topic(
    caller: Actor,
    asked: { readonly username: string; readonly action: 'publish' | 'subscribe'; readonly topic: string },
  ): Promise<BrokerVerdict>;
}
