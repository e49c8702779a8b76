import type { TSchema } from 'typebox';
import { describe, expect, test } from 'vitest';
import { type Adapter, type AdapterContext, AdapterError, type Logger } from './adapter.ts';
import { parseConfig } from './config.ts';

export interface ContractCase<C extends TSchema> {
  readonly adapter: Adapter<C>;
  /** A configuration that works on this machine: loopback, port 0. */
  readonly good: object;
  /** Configurations that must be refused, with what the refusal has to say. */
  readonly bad: readonly { readonly config: unknown; readonly says: RegExp }[];
  /** A configuration that passes validation and whose `start()` must fail, with the code expected; null when `start()` opens nothing. */
  readonly cannotStart: { readonly config: object; readonly code: string; readonly retry: boolean } | null;
  /** Makes the running adapter call its context at least once, so that silence after `stop()` means something. */
  readonly provoke?: (connection: ReturnType<Adapter<C>['create']>) => Promise<void>;
}

/** What every adapter promises, whatever it speaks. Each adapter's `contract.test.ts` calls this once. */
export function adapterContract<C extends TSchema>(options: ContractCase<C>): void {
  const { adapter } = options;
  const create = (config: object, calls: string[] = []) =>
    adapter.create(parseConfig(adapter, config), recordingContext(calls));

  describe(`adapter contract: ${adapter.name}`, () => {
    test('its name is its folder name', () => {
      expect(adapter.name).toMatch(/^[a-z][a-z0-9]*$/);
    });

    test('the default configuration is valid, and unknown keys are refused by name', () => {
      expect(() => parseConfig(adapter, options.good)).not.toThrow();
      expect(() => parseConfig(adapter, { ...options.good, frobnicate: 1 })).toThrow(/frobnicate is not a known key/);
    });

    test.each(options.bad)('refuses $config and says why', ({ config, says }) => {
      const refusal = catching(() => parseConfig(adapter, config));
      expect(refusal).toBeInstanceOf(AdapterError);
      expect(refusal).toMatchObject({ code: 'BAD_CONFIG', retry: false });
      expect(String(refusal)).toMatch(says);
      expect(String(refusal)).toContain(adapter.name);
    });

    test('create has no side effects: no handle, no call, and stop without start is fine', async () => {
      const calls: string[] = [];
      const before = process.getActiveResourcesInfo().length;
      const connection = create(options.good, calls);
      expect(process.getActiveResourcesInfo().length).toBe(before);
      expect(calls).toEqual([]);
      await connection.stop();
      expect(calls.filter((call) => call !== 'log')).toEqual([]);
    });

    test('start and stop may be called twice', async () => {
      const connection = create(options.good);
      const { signal } = new AbortController();
      await Promise.all([connection.start(signal), connection.start(signal)]);
      await connection.start(signal);
      await Promise.all([connection.stop(), connection.stop()]);
      await connection.stop();
    });

    test('an aborted start rejects and leaves nothing open', async () => {
      const connection = create(options.good);
      const ending = new AbortController();
      ending.abort(new Error('not now'));
      await expect(connection.start(ending.signal)).rejects.toThrow('not now');
      await connection.stop();
    });

    const failing = options.cannotStart;
    if (failing) {
      test('a start that fails says so by code and whether to retry', async () => {
        const connection = create(failing.config);
        const error = await connection.start(new AbortController().signal).then(
          () => undefined,
          (reason: unknown) => reason,
        );
        expect(error).toBeInstanceOf(AdapterError);
        expect(error).toMatchObject({ code: failing.code, retry: failing.retry });
        await connection.stop();
      });
    }

    test('once stop has resolved the context is never called again', async () => {
      const calls: string[] = [];
      const connection = create(options.good, calls);
      await connection.start(new AbortController().signal);
      await options.provoke?.(connection);
      if (options.provoke) expect(calls).not.toEqual([]);
      await connection.stop();
      const after = calls.length;
      await new Promise((resolve) => setTimeout(resolve, 200));
      expect(calls.slice(after)).toEqual([]);
    });

    test('what it says to unknown devices is an AdapterError, not silence', async () => {
      const connection = create(options.good);
      await connection.start(new AbortController().signal);
      if (connection.send) {
        const sending = connection.send('nobody', 'cgw/v1/nobody/command', Buffer.from('x'));
        await expect(sending).rejects.toMatchObject({ name: 'AdapterError', code: expect.stringMatching(/^[A-Z_]+$/) });
      }
      await connection.disconnect?.('nobody', 'contract');
      await connection.stop();
    });
  });
}

/** Lets everybody in, keeps every message, and notes each call. */
function recordingContext(calls: string[]): AdapterContext {
  const note = () => {
    calls.push('log');
  };
  const log: Logger = { debug: note, info: note, warn: note, error: note, child: () => log };
  return {
    log,
    clock: { now: () => Date.now(), monotonic: () => performance.now() },
    async authenticate({ username }) {
      calls.push('authenticate');
      return { kind: 'device', deviceId: username };
    },
    authorize() {
      calls.push('authorize');
      return true;
    },
    link() {
      calls.push('link');
    },
    async emit() {
      calls.push('emit');
    },
  };
}

function catching(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}
