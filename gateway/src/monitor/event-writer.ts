import type { Logger } from '../../../adapters/adapter.ts';
import type { DeviceKey } from '../domain/device.ts';
import { isGatewayError } from '../errors.ts';
import type { InTurn, SettleContext } from './context.ts';
import { type EventQueue, type Raised, raise } from './events.ts';

const RETRY_MS = 500;

/** Writes all events of a queue; what could not be written is put back and the error rethrown. */
export async function writeEvents(context: SettleContext, inTurn: InTurn, queue: EventQueue): Promise<void> {
  const batch = queue.take();
  if (batch.length > 0) await writeBatch(context, inTurn, queue, batch);
}

/** A batch that fails for its content is halved, so that one event does not hold up the others. */
async function writeBatch(
  context: SettleContext,
  inTurn: InTurn,
  queue: EventQueue,
  batch: readonly Raised[],
): Promise<void> {
  try {
    await inTurn(() => raise(context, batch));
  } catch (error) {
    if (isGatewayError(error, 'UNAVAILABLE') || batch.length === 1) {
      for (const event of batch) queue.add(event);
      throw error;
    }
    const half = Math.ceil(batch.length / 2);
    const parts = await Promise.allSettled([
      writeBatch(context, inTurn, queue, batch.slice(0, half)),
      writeBatch(context, inTurn, queue, batch.slice(half)),
    ]);
    for (const part of parts) if (part.status === 'rejected') throw part.reason;
  }
}

/** The lane of life-safety events and alarms: written as soon as they are heard, retried until they are committed. */
export interface UrgentLane {
  /** A device with a life-safety alarm; null = look at the queue of events. */
  add(device: DeviceKey | null): void;
  /** Resolves when the current attempt is over. */
  idle(): Promise<void>;
  readonly waiting: number;
  stop(): Promise<void>;
}

export function createUrgentLane(options: {
  events: EventQueue;
  /** Writes the events, then judges the devices. */
  write: (devices: readonly DeviceKey[]) => Promise<void>;
  log: Logger;
  onError: (error: unknown) => void;
}): UrgentLane {
  const devices = new Set<DeviceKey>();
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let stopped = false;
  const waiting = () => options.events.size + devices.size;

  async function attempt(): Promise<void> {
    // Lets one observe() finish, so that a burst is one transaction.
    await Promise.resolve();
    const taken = [...devices];
    try {
      await options.write(taken);
      for (const key of taken) devices.delete(key);
    } catch (error) {
      options.log.error({ error, waiting: waiting() }, 'life-safety incidents wait for the database');
      options.onError(error);
      later(RETRY_MS);
    }
  }

  function kick(): void {
    if (running || timer || stopped) return;
    running = attempt().finally(() => {
      running = undefined;
      if (waiting() > 0) later(0);
    });
  }

  function later(ms: number): void {
    if (timer || stopped) return;
    timer = setTimeout(() => {
      timer = undefined;
      kick();
    }, ms);
  }

  return {
    add(device) {
      if (device !== null) devices.add(device);
      kick();
    },
    async idle() {
      await running;
    },
    get waiting() {
      return waiting();
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
