import { randomUUID } from 'node:crypto';
import type { Logger } from '../../../adapters/adapter.ts';
import type { Membership, NodeRole } from '../domain/node.ts';
import { type ErrorCode, GatewayError, isGatewayError } from '../errors.ts';

/** Short messages to every process; one may be lost. */
export interface QuestionBus {
  publish(channel: string, payload: unknown): Promise<void>;
  subscribe(channel: string, listener: (payload: unknown) => void): () => void;
}

/** Asks the process that owns something, wherever it runs. */
export interface Questions {
  /** Answers questions of this kind that are put to us, also those of ourselves. */
  serve(kind: string, answer: (key: number, about: string) => Promise<unknown>): void;
  /**
   * The owner's answer. Throws what the owner threw, NODE_AWAY when nobody owns it, UNAVAILABLE when no answer came in time
   * (a question is put once).
   */
  ask(kind: string, key: number, about?: string): Promise<unknown>;
  start(): void;
  stop(): void;
}

interface Question {
  readonly id: string;
  readonly to: string;
  readonly from: string;
  readonly kind: string;
  readonly key: number;
  readonly about: string;
}

interface Answer {
  readonly id: string;
  readonly to: string;
  readonly value?: unknown;
  readonly refused?: { readonly code: ErrorCode; readonly message: string };
}

const ANSWER_WITHIN_MS = 30_000;

export function createQuestions(options: {
  readonly nodes: Membership;
  readonly bus: QuestionBus;
  /** Who has the answers. */
  readonly role: NodeRole;
  readonly log: Logger;
  readonly withinMs?: number;
}): Questions {
  const { nodes, bus, role, log, withinMs = ANSWER_WITHIN_MS } = options;
  const answers = new Map<string, (key: number, about: string) => Promise<unknown>>();
  const waiting = new Map<string, (answer: Answer) => void>();
  const subscriptions: (() => void)[] = [];
  const answerOf = async (kind: string, key: number, about: string): Promise<unknown> => {
    const answer = answers.get(kind);
    if (!answer) throw new GatewayError('UNAVAILABLE');
    return answer(key, about);
  };

  const take = async (question: Question) => {
    const { id, from, kind, key, about } = question;
    const head = { id, to: from };
    try {
      await bus.publish('answers', { ...head, value: await answerOf(kind, key, about) });
    } catch (error) {
      if (!isGatewayError(error)) log.error({ kind, error }, 'a question of another process failed here');
      const { code, message } = isGatewayError(error) ? error : new GatewayError('INTERNAL');
      await bus.publish('answers', { ...head, refused: { code, message } });
    }
  };

  return {
    serve: (kind, answer) => void answers.set(kind, answer),
    async ask(kind, key, about = '') {
      const owner = nodes.owner(key, role);
      if (!owner) throw new GatewayError('NODE_AWAY');
      if (owner.id === nodes.self.id) return answerOf(kind, key, about);
      const id = randomUUID();
      const question: Question = { id, to: owner.id, from: nodes.self.id, kind, key, about };
      const { promise, resolve, reject } = Promise.withResolvers<Answer>();
      const timer = setTimeout(() => reject(new GatewayError('UNAVAILABLE')), withinMs);
      waiting.set(id, resolve);
      try {
        await bus.publish('questions', question);
        const { value, refused } = await promise;
        if (refused) throw new GatewayError(refused.code, refused.message);
        return value;
      } finally {
        clearTimeout(timer);
        waiting.delete(id);
      }
    },
    start() {
      subscriptions.push(
        bus.subscribe('questions', (payload) => {
          const question = payload as Question;
          if (question.to !== nodes.self.id) return;
          void take(question).catch((error) => log.warn({ error }, 'an answer to another process was lost'));
        }),
        bus.subscribe('answers', (payload) => {
          const answer = payload as Answer;
          if (answer.to === nodes.self.id) waiting.get(answer.id)?.(answer);
        }),
      );
    },
    stop() {
      for (const unsubscribe of subscriptions.splice(0)) unsubscribe();
    },
  };
}
