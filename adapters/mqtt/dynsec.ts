import { randomBytes } from 'node:crypto';

/** What is asked of Mosquitto's dynamic-security plug-in; one command and its own fields. */
export interface DynsecCommand {
  readonly command: string;
  readonly [field: string]: unknown;
}

/** Its answer to one command; `error` in its own words. */
export interface DynsecAnswer {
  readonly command: string;
  readonly error?: string;
  readonly data?: unknown;
}

/** The plug-in's control topic. */
export interface ControlChannel {
  /** Where it answers. */
  readonly responses: string;
  /** Whether it may be asked now. */
  readonly open: boolean;
  /**
   * Asks, in order, and answers in the same order. Rejects when the broker is away or no answer comes: a broker without
   * the plug-in is silent.
   */
  ask(commands: readonly DynsecCommand[], withinMs: number): Promise<readonly DynsecAnswer[]>;
  /** Set by whoever owns the connection. */
  connect(publish: (topic: string, payload: Uint8Array) => Promise<unknown>): void;
  ready(): void;
  lost(): void;
  answer(topic: string, payload: Uint8Array): void;
}

const TOPIC = '$CONTROL/dynamic-security/v1';

interface Asked {
  left: number;
  readonly answers: DynsecAnswer[];
  done(): void;
  fail(error: Error): void;
}

export function createControl(): ControlChannel {
  const asked = new Map<string, Asked>();
  let publish: ((topic: string, payload: Uint8Array) => Promise<unknown>) | undefined;
  let open = false;

  return {
    responses: `${TOPIC}/response`,
    get open() {
      return open;
    },
    connect(how) {
      publish = how;
    },
    ready() {
      open = true;
    },
    lost() {
      open = false;
      for (const waiting of asked.values()) waiting.fail(new Error('the connection to the broker was lost'));
      asked.clear();
    },
    answer(topic, payload) {
      if (topic !== `${TOPIC}/response`) return;
      for (const answer of readAnswers(payload)) {
        const [id = '', index = ''] = (answer.correlationData ?? '').split('.');
        const waiting = asked.get(id);
        if (!waiting) continue;
        const { correlationData: _, ...rest } = answer;
        waiting.answers[Number(index)] = rest;
        waiting.left -= 1;
        if (waiting.left === 0) waiting.done();
      }
    },
    async ask(commands, withinMs) {
      if (commands.length === 0) return [];
      const send = publish;
      if (!send || !open) throw new Error('the control topic of the broker is not open to us');
      const id = randomBytes(6).toString('hex');
      const numbered = commands.map((command, index) => ({ ...command, correlationData: `${id}.${index}` }));
      let timer: NodeJS.Timeout | undefined;
      const answers = new Promise<readonly DynsecAnswer[]>((resolve, reject) => {
        const waiting: Asked = {
          left: commands.length,
          answers: [],
          done: () => resolve(waiting.answers),
          fail: reject,
        };
        asked.set(id, waiting);
        timer = setTimeout(() => reject(new Error(`no answer of the plug-in within ${withinMs} ms`)), withinMs);
      });
      answers.catch(() => undefined);
      try {
        await send(TOPIC, Buffer.from(JSON.stringify({ commands: numbered })));
        return await answers;
      } finally {
        clearTimeout(timer);
        asked.delete(id);
      }
    },
  };
}

function readAnswers(payload: Uint8Array): readonly (DynsecAnswer & { correlationData?: string })[] {
  try {
    const { responses } = JSON.parse(Buffer.from(payload).toString()) as { responses?: unknown };
    return Array.isArray(responses) ? responses : [];
  } catch {
    return [];
  }
}
