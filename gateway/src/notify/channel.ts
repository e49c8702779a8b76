import type { Static, TSchema } from 'typebox';
import type { Notice } from '../domain/notice.ts';

/** A way to reach people or programs. One folder each; every channel runs the suite of `contract.ts`. */
export interface Channel<C extends TSchema = TSchema> {
  /** Folder name; `kind` of a channel's record. */
  readonly name: string;
  /** Validated before a channel is stored; docs and forms derive from it. Holds no secret. */
  readonly config: C;
  /** One try. Never throws for what the receiver did; never retries by itself. */
  send(message: OutgoingMessage, config: Static<C>, options: SendOptions): Promise<SendResult>;
}

export interface OutgoingMessage {
  /** The same for every try of the same notice, so that a receiver can drop repetitions. */
  readonly key: string;
  readonly notice: Notice;
  /** Short line and full text in the channel's language. */
  readonly title: string;
  readonly text: string;
}

export interface SendOptions {
  readonly signal: AbortSignal;
  /** Gateway clock, epoch milliseconds, after which the try must be over. */
  readonly deadline: number;
  /** The channel's secret, already opened; null when it has none. */
  readonly secret: string | null;
}

/** `retry`: trying later may help. `permanent`: it will not, before somebody changes something. */
export interface SendResult {
  readonly outcome: 'sent' | 'retry' | 'permanent';
  /** Short and technical, for the dead-letter list; never a credential. */
  readonly detail: string;
  /** The receiver's wish, in milliseconds. */
  readonly retryAfter?: number;
}
