import type { Static, TSchema } from 'typebox';
import type { Notice } from '../domain/notice.ts';
import type { Contact } from '../domain/notification-rows.ts';
import type { SendOptions, SendResult } from '../outbound.ts';

export type { SendOptions, SendResult };

/** A way to reach people or programs. One folder each; every channel runs the suite of `contract.ts`. */
export interface Channel<C extends TSchema = TSchema> {
  /** Folder name; `kind` of a channel's record. */
  readonly name: string;
  /** Validated before a channel is stored; docs and forms derive from it. Holds no secret. */
  readonly config: C;
  /** What the receiver bears; absent = as much as comes. */
  readonly limits?: ChannelLimits;
  /** It carries no notices: rules cannot name it. */
  readonly signalOnly?: boolean;
  /**
   * The host the secret itself is sent to, null = none with this configuration; absent = it never leaves the house.
   * Such a secret is the receiver's and cannot be made up here, and is not kept for another host.
   */
  secretGoesTo?(config: Static<C>): string | null;
  /** Makes words harmless in the platform's markup; before they are measured. */
  words?(text: string): string;
  /** One try. Never throws for what the receiver did; never retries by itself. */
  send(message: OutgoingMessage, config: Static<C>, options: SendOptions): Promise<SendResult>;
}

export interface ChannelLimits {
  /** Messages in any minute, life and limb included. */
  readonly perMinute: number;
  /** Of these kept free for life and limb. */
  readonly reserved: number;
  /** Milliseconds from one message to the next. */
  readonly spacing: number;
  /** Bytes of UTF-8 a text may have; longer ones go out in several messages. */
  readonly textBytes: number;
  /** Epoch milliseconds before which no digest should go out, when `now` is a bad moment. */
  readonly digestNotBefore?: (now: number) => number;
}

export interface OutgoingMessage {
  /** The same for every try of the same notice, so that a receiver can drop repetitions. */
  readonly key: string;
  /** The first one of a digest. */
  readonly notice: Notice;
  /** Short line and full text in the channel's language. */
  readonly title: string;
  readonly text: string;
  /** Whom to call out by name. */
  readonly mentions?: readonly Contact[];
  /** Below the text; absent = none. */
  readonly links?: readonly MessageLink[];
  /** How many notices a digest carries. */
  readonly count?: number;
}

export interface MessageLink {
  readonly kind: 'acknowledge' | 'ticket';
  readonly text: string;
  readonly url: string;
}
