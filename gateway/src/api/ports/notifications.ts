import type { Static } from 'typebox';
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
    input: Static<typeof ChannelInput>,
  ): Promise<{ readonly channel: Static<typeof ChannelView>; readonly secret: string }>;
  changeChannel(id: string, input: Static<typeof ChannelPatch>): Promise<Static<typeof ChannelView>>;
  removeChannel(id: string): Promise<void>;
  rules(): Promise<readonly Static<typeof RuleView>[]>;
  createRule(input: Static<typeof RuleInput>): Promise<Static<typeof RuleView>>;
  changeRule(id: string, input: Static<typeof RulePatch>): Promise<Static<typeof RuleView>>;
  removeRule(id: string): Promise<void>;
}
