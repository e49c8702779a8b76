import { randomUUID } from 'node:crypto';
import type { Clock, Logger } from '../../../adapters/adapter.ts';
import { type Actor, actorText, SYSTEM } from '../domain/actor.ts';
import type { AuditPort } from '../domain/audit.ts';
import type {
  CommandInput,
  CommandQuery,
  CommandRecord,
  CommandState,
  CommandStatus,
  DueCommand,
} from '../domain/command.ts';
import type { DeviceKey } from '../domain/device.ts';
import type { Device } from '../domain/device-record.ts';
import type { TimedPage } from '../domain/page.ts';
import { requireRight } from '../domain/permission.ts';
import type { Transactor, Tx } from '../domain/tx.ts';
import { GatewayError } from '../errors.ts';
import { bilingual } from '../messages/index.ts';
import { type CommandTypes, checkCommand } from './command-rules.ts';

export interface CommandStore {
  insert(tx: Tx, command: CommandRecord): Promise<void>;
  markSent(tx: Tx, id: string, at: number): Promise<void>;
  due(tx: Tx, now: number, limit: number): Promise<DueCommand[]>;
  anyOpen(tx: Tx): Promise<boolean>;
  takeRetry(tx: Tx, id: string, left: number, next: number): Promise<boolean>;
  close(tx: Tx, ids: readonly string[], state: CommandState | null, at: number): Promise<string[]>;
  get(tx: Tx, device: DeviceKey, id: string): Promise<CommandStatus | undefined>;
  list(tx: Tx, device: DeviceKey, query: CommandQuery): Promise<TimedPage<CommandStatus>>;
}

export interface Commands {
  /**
   * Keeps the command and hands it to the device's live session. UNAVAILABLE when there is none and no retry was asked
   * for; the command is then kept as undeliverable.
   */
  send(actor: Actor, device: Device, command: CommandInput): Promise<{ id: string }>;
  get(actor: Actor, device: Device, id: string): Promise<CommandStatus>;
  /** Newest first. */
  list(actor: Actor, device: Device, query: CommandQuery): Promise<TimedPage<CommandStatus>>;
  /** Sends again, times out and writes down what was answered; call it every second. */
  sweep(): Promise<void>;
}

const BATCH = 200;

/** Commands go to devices that are connected now; nothing is queued beyond its deadline, when it could be wrong or dangerous. */
export function createCommands(deps: {
  readonly db: Transactor;
  readonly store: CommandStore;
  readonly types: CommandTypes;
  readonly keyOf: (deviceId: string) => DeviceKey | undefined;
  /** Rejects when the device has no session. QoS 1. */
  readonly deliver: (deviceId: string, topic: string, payload: Uint8Array) => Promise<void>;
  readonly audit: AuditPort;
  readonly clock: Clock;
  readonly log: Logger;
  /** A command ended. */
  readonly ended?: (state: CommandState) => void;
}): Commands {
  const { db, store, clock, log } = deps;
  /** Whether the database may hold open commands; after a start it may. */
  let open = true;

  const deliver = async (deviceId: string, { id, name, params }: Pick<CommandStatus, 'id' | 'name' | 'params'>) => {
    const payload = Buffer.from(JSON.stringify({ id, name, params: params ?? {} }));
    await deps.deliver(deviceId, `cgw/v1/${deviceId}/command`, payload);
    await store.markSent(db.autocommit, id, clock.now());
  };

  /** Closes a command and proves what became of it, once. */
  const end = async (command: DueCommand, state: CommandState | null) => {
    const at = clock.now();
    const closed = await db.transaction(async (tx) => {
      const ids = await store.close(tx, [command.id], state, at);
      if (ids.length === 0) return false;
      const { id, name, ok, result, attempts } = command;
      const after = { id, name, state: state ?? command.state, attempts, ok, result: bounded(result) };
      const entry = { at, actor: SYSTEM, action: 'commandResult', resource: 'devices', resourceId: command.deviceId };
      await deps.audit.append(tx, [{ ...entry, after }]);
      return true;
    });
    if (closed) deps.ended?.(state ?? command.state);
  };

  const advance = async (command: DueCommand, now: number) => {
    if (command.ackedAt !== null) return end(command, null);
    if (command.deadline === null || command.deadline <= now || command.retriesLeft === 0) {
      if (command.deadline !== null && command.deadline > now) return;
      return end(command, command.attempts > 0 ? 'timedOut' : 'undeliverable');
    }
    const next = command.retriesLeft > 1 ? now + (command.retryEvery ?? 1_000) : command.deadline;
    if (!(await store.takeRetry(db.autocommit, command.id, command.retriesLeft, next))) return;
    try {
      await deliver(command.deviceId, command);
    } catch (error) {
      // It may connect before the deadline; the next round knows.
      log.debug({ deviceId: command.deviceId, error }, 'a command found no session');
    }
  };

  return {
    async send(actor, device, input) {
      requireRight(actor, 'commands', 'operate');
      const key = deps.keyOf(device.id);
      if (key === undefined) throw new GatewayError('NOT_FOUND');
      const { timeout, retries } = checkCommand(actor, device, input, deps.types);
      const at = clock.now();
      const retryEvery = retries > 0 ? Math.max(500, Math.floor(timeout / (retries + 1))) : null;
      const command: CommandRecord = {
        id: randomUUID(),
        device: key,
        name: input.name,
        params: input.params ?? null,
        issuedBy: actorText(actor),
        issuedAt: at,
        reason: input.reason ?? null,
        deadline: at + timeout,
        retriesLeft: retries,
        retryEvery,
        nextAt: at + (retryEvery ?? timeout),
      };
      const { id, name, params } = command;
      await db.transaction(async (tx) => {
        await store.insert(tx, command);
        const entry = { at, actor, action: 'command', resource: 'devices', resourceId: device.id };
        await deps.audit.append(tx, [
          { ...entry, reason: command.reason, after: { id, name, params: bounded(params) } },
        ]);
      });
      open = true;
      try {
        await deliver(device.id, command);
      } catch (error) {
        if (retries > 0) return { id };
        const [due] = [await store.get(db.autocommit, key, id)];
        if (due) {
          await end({ ...due, device: key, deviceId: device.id, retriesLeft: 0, retryEvery: null }, 'undeliverable');
        }
        throw new GatewayError('UNAVAILABLE', bilingual('command.notConnected'), { cause: error, extra: { id } });
      }
      return { id };
    },

    async get(actor, device, id) {
      requireRight(actor, 'commands', 'read');
      const found = await store.get(db.autocommit, device.key, id);
      if (!found) throw new GatewayError('NOT_FOUND');
      return found;
    },

    async list(actor, device, query) {
      requireRight(actor, 'commands', 'read');
      return store.list(db.autocommit, device.key, query);
    },

    async sweep() {
      if (!open) return;
      const now = clock.now();
      for (;;) {
        const due = await store.due(db.autocommit, now, BATCH);
        for (const command of due) await advance(command, now);
        if (due.length < BATCH) break;
      }
      // Set before asking: a command sent meanwhile sets it again.
      open = false;
      if (await store.anyOpen(db.autocommit)) open = true;
    },
  };
}

const MAX_PROOF = 4_096;

/** Params and results stand in the audit table, but never fill it. */
function bounded(value: unknown): unknown {
  const text = JSON.stringify(value ?? null);
  return text.length <= MAX_PROOF ? (value ?? null) : { cut: text.slice(0, MAX_PROOF) };
}
