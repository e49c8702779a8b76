import type { Static } from 'typebox';
import type { Actor } from '../../domain/actor.ts';
import type {
  ChannelInput,
  ChannelPatch,
  ChannelView,
  RuleInput,
  RulePatch,
  RuleView,
} from '../schemas/notification.ts';

export interface NotificationPort {
  channels(): Promise<readonly Static<typeof ChannelView>[]>;
  createChannel(
    actor: Actor,
    input: Static<typeof ChannelInput>,
  ): Promise<{ readonly channel: Static<typeof ChannelView>; readonly secret: string }>;
  changeChannel(actor: Actor, id: string, input: Static<typeof ChannelPatch>): Promise<Static<typeof ChannelView>>;
  removeChannel(actor: Actor, id: string): Promise<void>;
  rules(): Promise<readonly Static<typeof RuleView>[]>;
  createRule(actor: Actor, input: Static<typeof RuleInput>): Promise<Static<typeof RuleView>>;
  changeRule(actor: Actor, id: string, input: Static<typeof RulePatch>): Promise<Static<typeof RuleView>>;
  removeRule(actor: Actor, id: string): Promise<void>;
}
