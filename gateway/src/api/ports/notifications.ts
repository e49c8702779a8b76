import type { Static } from 'typebox';
import type { Actor } from '../../domain/actor.ts';
import type { Notice } from '../../domain/notice.ts';
import type { OutboxFilter } from '../../domain/notification-rows.ts';
import type { Scope } from '../../domain/scope.ts';
import type { Language } from '../../messages/index.ts';
import type {
  AcknowledgementView,
  AnalysisView,
  ChannelInput,
  ChannelPatch,
  ChannelView,
  OutboxRowView,
  RuleInput,
  RulePatch,
  RuleTestView,
  RuleView,
  SendOutcome,
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
  /** Newest first. */
  messages(filter: OutboxFilter, scope: Scope): Promise<readonly Static<typeof OutboxRowView>[]>;
  /** Answers how many dead letters go out again. */
  resend(actor: Actor, ids: readonly number[]): Promise<number>;
  testChannel(actor: Actor, id: string, language: Language): Promise<Static<typeof SendOutcome>>;
  analyse(of: NoticeSubject, language: Language): Promise<Static<typeof AnalysisView>>;
  tryOut(notice: Notice, at?: number): Promise<Static<typeof RuleTestView>>;
  /** Whether the actor may see the ticket or incident is asked before. */
  acknowledge(actor: Actor, of: NoticeSubject): Promise<Static<typeof AcknowledgementView>>;
  /** Of an incident that is not about life and limb; `until` in epoch milliseconds, absent = a day. */
  acknowledgeIncident(
    actor: Actor,
    incidentId: string,
    input: { note?: string; until?: number },
  ): Promise<Static<typeof AcknowledgementView>>;
  /** What a link out of a message shows; looking changes nothing. */
  look(token: string, language: Language): Promise<LinkView>;
  byLink(token: string, name: string, address: string, language: Language): Promise<LinkView>;
}

export interface NoticeSubject {
  readonly ticketId?: string;
  readonly incidentId?: string;
}

/** `open` is the only state in which a link can be used. */
export interface LinkView {
  readonly state: 'open' | 'done' | 'expired' | 'invalid';
  readonly title: string | null;
  readonly text: string | null;
  readonly by: string | null;
  readonly at: number | null;
}
