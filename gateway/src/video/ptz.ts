import type { CameraConnection, Clock, Logger } from '../../../adapters/adapter.ts';
import type { Actor } from '../domain/actor.ts';
import type { AuditPort } from '../domain/audit.ts';
import type { CameraFacts } from '../domain/camera.ts';
import type { DeviceKey } from '../domain/device.ts';
import { requireRight } from '../domain/permission.ts';
import type { Transactor } from '../domain/tx.ts';
import { GatewayError } from '../errors.ts';
import { bilingual, both, type MessageKey } from '../messages/index.ts';

type OnvifConnection = Extract<CameraConnection, { protocol: 'onvif' }>;
interface CallOptions {
  readonly deadline: number;
  readonly signal: AbortSignal;
}
interface Velocity {
  readonly pan: number;
  readonly tilt: number;
  readonly zoom: number;
}
interface Preset {
  readonly token: string;
  readonly name: string;
}

/** The ONVIF client; throws an error with a `reason` for what the camera did. */
export interface PtzClient {
  describe(target: OnvifConnection, options: CallOptions): Promise<Omit<CameraFacts, 'readAt' | 'answeredBy'>>;
  move(
    target: OnvifConnection,
    profile: string,
    velocity: Velocity,
    timeoutMs: number,
    options: CallOptions,
  ): Promise<void>;
  stop(target: OnvifConnection, profile: string, options: CallOptions): Promise<void>;
  presets(target: OnvifConnection, profile: string, options: CallOptions): Promise<readonly Preset[]>;
  gotoPreset(target: OnvifConnection, profile: string, preset: string, options: CallOptions): Promise<void>;
  reboot(target: OnvifConnection, options: CallOptions): Promise<void>;
}

export interface PtzDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly db: Transactor;
  readonly audit: AuditPort;
  readonly client: PtzClient;
  /** Throws NOT_FOUND for what the actor may not see. */
  readonly device: (actor: Actor, id: string) => Promise<{ readonly id: string; readonly key: DeviceKey }>;
  /** How the camera is reached, its password opened; undefined = not to be connected. */
  readonly connection: (key: DeviceKey) => Promise<CameraConnection | undefined>;
  /** Whether some area of its picture must not be seen. */
  readonly masked: (key: DeviceKey) => Promise<boolean>;
  /** What the camera said of itself earlier; null = never asked. */
  readonly facts: (key: DeviceKey) => Promise<Pick<CameraFacts, 'streams' | 'ptz'> | null>;
}

export type PtzInput =
  | {
      readonly action: 'move';
      /** −1 … 1; absent = 0. */
      readonly pan?: number;
      readonly tilt?: number;
      readonly zoom?: number;
      /** 0.1 … 10, default 1: the move ends by itself, whatever becomes of the one who asked. */
      readonly seconds?: number;
    }
  | { readonly action: 'stop' }
  | { readonly action: 'preset'; readonly preset?: string };

/** Pan, tilt, zoom and restart of cameras. Throws NOT_FOUND, UNPROCESSABLE (cannot be), UNAVAILABLE (not now). */
export interface Ptz {
  act(actor: Actor, id: string, input: PtzInput): Promise<{ readonly movingUntil: number | null }>;
  presets(actor: Actor, id: string): Promise<{ readonly items: readonly Preset[] }>;
  reboot(actor: Actor, id: string, reason: string): Promise<void>;
  /** Stops every camera that still moves. */
  close(): Promise<void>;
}

export const LONGEST_MOVE_S = 10;
const CALL_MS = 8_000;
const STOP_TRIES = 3;
const STOP_AGAIN_MS = 1_000;
/** A joystick sends several moves a second; one entry a minute proves who turned the camera. */
const AUDIT_EVERY_MS = 60_000;

export function createPtz(deps: PtzDeps): Ptz {
  const { client, clock, log } = deps;
  const moving = new Map<DeviceKey, { readonly timer: NodeJS.Timeout; readonly stop: () => Promise<void> }>();
  /** Stops on their way. */
  const stopping = new Set<Promise<void>>();
  const profiles = new Map<DeviceKey, string>();
  const audited = new Map<string, number>();
  const call = (): CallOptions => ({ deadline: CALL_MS, signal: new AbortController().signal });

  const reach = async (actor: Actor, id: string) => {
    const device = await deps.device(actor, id);
    const connection = await deps.connection(device.key);
    if (!connection) throw new GatewayError('UNPROCESSABLE', bilingual('camera.noConnection', { id }));
    if (connection.protocol !== 'onvif') throw new GatewayError('UNPROCESSABLE', bilingual('ptz.notOnvif', { id }));
    return { ...device, connection };
  };
  const profileOf = async (id: string, key: DeviceKey, connection: OnvifConnection): Promise<string> => {
    const known = profiles.get(key);
    if (known !== undefined) return known;
    const facts = (await deps.facts(key)) ?? (await translated(id, () => client.describe(connection, call())));
    const main = facts.streams.find(({ role }) => role === 'main')?.profile;
    if (!facts.ptz || !main) throw new GatewayError('UNPROCESSABLE', bilingual('ptz.none', { id }));
    if (profiles.size > 10_000) profiles.clear();
    profiles.set(key, main);
    return main;
  };
  const prove = async (actor: Actor, id: string, action: string, more: { reason?: string; after?: unknown } = {}) => {
    const slot = `${actor.id} ${id} ${action}`;
    const now = clock.monotonic();
    if (action === 'ptz.move' && now - (audited.get(slot) ?? -AUDIT_EVERY_MS) < AUDIT_EVERY_MS) return;
    if (audited.size > 10_000) audited.clear();
    audited.set(slot, now);
    const entry = { at: clock.now(), actor, action, resource: 'cameras', resourceId: id, ...more };
    await deps.db.transaction((tx) => deps.audit.append(tx, [entry]));
  };

  /** Cameras keep to their own timeout badly, so the gateway stops them itself; and tries again, since a camera that turns for ever is blind. */
  const stopLater = (key: DeviceKey, id: string, connection: OnvifConnection, profile: string, ms: number) => {
    const stop = async () => {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await client.stop(connection, profile, call());
        } catch (error) {
          if (attempt < STOP_TRIES) continue;
          log.warn({ deviceId: id, error }, 'a camera that was moved could not be stopped');
          return;
        }
      }
    };
    const timer = setTimeout(() => {
      moving.delete(key);
      const end = stop().finally(() => stopping.delete(end));
      stopping.add(end);
    }, ms);
    moving.set(key, { timer, stop });
  };
  /** Answers whether the camera was moving. */
  const forgetMove = (key: DeviceKey): boolean => {
    clearTimeout(moving.get(key)?.timer);
    return moving.delete(key);
  };

  return {
    async act(actor, id, input) {
      requireRight(actor, 'cameras', 'operate');
      const { key, connection } = await reach(actor, id);
      const profile = await profileOf(id, key, connection);
      if (input.action === 'stop') {
        forgetMove(key);
        try {
          await translated(id, () => client.stop(connection, profile, call()));
        } catch (error) {
          // Its own end was called off above.
          stopLater(key, id, connection, profile, STOP_AGAIN_MS);
          throw error;
        }
        return { movingUntil: null };
      }
      // A mask is a place in the picture: turning would move what it hides into the open.
      if (await deps.masked(key)) throw new GatewayError('UNPROCESSABLE', bilingual('ptz.masked', { id }));
      if (input.action === 'preset') {
        const { preset } = input;
        if (preset === undefined) throw presetMissing();
        await prove(actor, id, 'ptz.preset', { after: { preset } });
        const moved = forgetMove(key);
        try {
          await translated(id, () => client.gotoPreset(connection, profile, preset, call()));
        } catch (error) {
          if (moved) stopLater(key, id, connection, profile, 0);
          throw error;
        }
        return { movingUntil: null };
      }
      const { pan = 0, tilt = 0, zoom = 0, seconds = 1 } = input;
      const ms = Math.round(Math.min(seconds, LONGEST_MOVE_S) * 1_000);
      await prove(actor, id, 'ptz.move', { after: { pan, tilt, zoom, seconds } });
      forgetMove(key);
      // Armed before the camera is asked: an answer that gets lost may be of a move that began.
      stopLater(key, id, connection, profile, ms);
      try {
        await translated(id, () => client.move(connection, profile, { pan, tilt, zoom }, ms, call()));
      } finally {
        // A slow camera may have taken the stop before the move.
        if (!moving.has(key)) stopLater(key, id, connection, profile, 0);
      }
      return { movingUntil: clock.now() + ms };
    },
    async presets(actor, id) {
      requireRight(actor, 'cameras', 'read');
      const { key, connection } = await reach(actor, id);
      const profile = await profileOf(id, key, connection);
      return { items: await translated(id, () => client.presets(connection, profile, call())) };
    },
    async reboot(actor, id, reason) {
      requireRight(actor, 'commands', 'operate');
      const { connection } = await reach(actor, id);
      await prove(actor, id, 'reboot', { reason });
      await translated(id, () => client.reboot(connection, call()));
    },
    async close() {
      const still = [...moving.values()];
      moving.clear();
      for (const { timer } of still) clearTimeout(timer);
      await Promise.all([...stopping, ...still.map(({ stop }) => stop())]);
    },
  };
}

function presetMissing(): GatewayError {
  const message = bilingual('ptz.presetMissing');
  return new GatewayError('INVALID_INPUT', message, { errors: [{ path: '/preset', code: 'required', message }] });
}

/** What would be the same in a minute, too. */
const LASTING = new Set(['wrongPassword', 'noSuchStream', 'notOnvif', 'targetNotAllowed', 'serverError']);

async function translated<T>(id: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { name, reason } = (error ?? {}) as { name?: unknown; reason?: unknown };
    if (name !== 'OnvifError' || typeof reason !== 'string') throw error;
    if (reason === 'noSuchStream')
      throw new GatewayError('UNPROCESSABLE', bilingual('ptz.none', { id }), { cause: error });
    const why = both(`probe.${reason}` as MessageKey);
    const code = LASTING.has(reason) ? 'UNPROCESSABLE' : 'UNAVAILABLE';
    throw new GatewayError(code, bilingual('ptz.refused', { id, why }), { cause: error });
  }
}
