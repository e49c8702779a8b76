import { isDeepStrictEqual } from 'node:util';
import type { CameraConnection, ProbeReason } from '../../../adapters/adapter.ts';
import { type CameraFacts, isRegisteredHost, type StreamFacts } from '../domain/camera.ts';
import type { DeviceKey } from '../domain/device.ts';
import { GatewayError } from '../errors.ts';
import { type CameraSource, type CameraSources, type CameraStream, SourceError, type StreamAccess } from './source.ts';

type OnvifConnection = Extract<CameraConnection, { protocol: 'onvif' }>;

/** One camera as the registry and its own answers know it. */
export interface KnownCamera {
  readonly name: string;
  /** What it said of itself; null = not asked yet. */
  readonly facts: CameraFacts | null;
  /** Whether its record has a connection at all. */
  readonly connected: boolean;
}

/** A camera that may be connected, its password opened; never logged. */
export interface SourceTarget {
  readonly deviceKey: DeviceKey;
  readonly deviceId: string;
  readonly connection: CameraConnection;
}

export interface CameraSourcesDeps {
  readonly targets: { find(keys: readonly DeviceKey[]): Promise<readonly SourceTarget[]> };
  readonly camera: (device: DeviceKey) => Promise<KnownCamera | undefined>;
  /** Asks an ONVIF camera what it offers and keeps the answer. Bounded in time by the port; throws what has a `reason`. */
  readonly describe: (device: DeviceKey) => Promise<CameraFacts | null>;
  /** Whether the host of a stream a camera names may be dialled. */
  readonly allowed: (url: URL) => Promise<boolean>;
  /** What the camera said to the login of this connection, while it is not to be tried again. Absent = it always may. */
  readonly refusedLogin?: (device: DeviceKey, connection: CameraConnection) => string | undefined;
  readonly openRelay: (connection: CameraConnection, options: { signal: AbortSignal }) => Promise<StreamAccess>;
  readonly onvifSnapshot: (
    target: OnvifConnection,
    uri: string,
    options: { deadline: number; signal: AbortSignal },
  ) => Promise<Uint8Array>;
  /** Milliseconds, never going back. */
  readonly monotonic: () => number;
}

/** Cameras lock accounts: a camera that refused to describe itself is not asked again at once. */
const ASK_AGAIN_MS = 30_000;

export function createCameraSources(deps: CameraSourcesDeps): CameraSources {
  const asking = new Map<DeviceKey, Promise<CameraFacts | null>>();
  const refused = new Map<DeviceKey, { error: SourceError; until: number; connection: CameraConnection }>();

  /** Many viewers of a camera that is not known yet ask it once. */
  const describe = (device: DeviceKey, connection: CameraConnection): Promise<CameraFacts | null> => {
    const earlier = refused.get(device);
    const same = earlier && isDeepStrictEqual(earlier.connection, connection);
    if (same && earlier.until > deps.monotonic()) return Promise.reject(earlier.error);
    refused.delete(device);
    const running = asking.get(device);
    if (running) return running;
    const asked = deps
      .describe(device)
      .catch((error: unknown) => {
        const said = sourceError(error);
        if (said instanceof SourceError) {
          refused.set(device, { error: said, until: deps.monotonic() + ASK_AGAIN_MS, connection });
        }
        throw said;
      })
      .finally(() => asking.delete(device));
    asking.set(device, asked);
    return asked;
  };

  const streamOf = (connection: CameraConnection, facts: StreamFacts | undefined): CameraStream => ({
    role: facts?.role ?? 'main',
    codec: facts?.codec ?? null,
    width: facts?.width ?? null,
    height: facts?.height ?? null,
    async open(options) {
      try {
        return await deps.openRelay(connection, options);
      } catch (error) {
        options.signal.throwIfAborted();
        throw sourceError(error);
      }
    },
  });

  /** Streams a camera names itself, with the login of its connection; null = its address may not be dialled. */
  const namedStream = async (connection: CameraConnection, facts: StreamFacts): Promise<CameraStream | null> => {
    const url = facts.uri === null ? null : URL.parse(facts.uri);
    if (!url || !/^rtsps?:$/.test(url.protocol) || !(await deps.allowed(url))) return null;
    url.username = '';
    url.password = '';
    const registered = connection.protocol === 'onvif' ? connection.host : (URL.parse(connection.url)?.hostname ?? '');
    const digestOnly = isRegisteredHost(url.href, registered) ? {} : { digestOnly: true };
    return streamOf({ protocol: 'rtsp', url: url.href, ...loginOf(connection), ...digestOnly }, facts);
  };

  const streamsOf = async (connection: CameraConnection, facts: CameraFacts | null): Promise<CameraStream[]> => {
    const told = facts?.streams ?? [];
    // The registered URL is what the maintainer means by this camera, whatever the camera calls its main stream.
    const registered =
      connection.protocol === 'rtsp'
        ? [
            streamOf(
              connection,
              told.find(({ role }) => role === 'main'),
            ),
          ]
        : [];
    const named = told.filter(({ role }) => connection.protocol === 'onvif' || role === 'sub');
    const found = await Promise.all(named.map((facts) => namedStream(connection, facts)));
    return [...registered, ...found.filter((stream) => stream !== null)].sort(
      (a, b) => Number(b.role === 'main') - Number(a.role === 'main'),
    );
  };

  const snapshotOf = (connection: CameraConnection, uri: string | null): CameraSource['snapshot'] => {
    if (connection.protocol !== 'onvif' || uri === null) return undefined;
    return async (options) => {
      try {
        return await deps.onvifSnapshot(connection, uri, options);
      } catch (error) {
        options.signal.throwIfAborted();
        throw sourceError(error);
      }
    };
  };

  return {
    async find(device) {
      const camera = await deps.camera(device);
      if (!camera) throw new GatewayError('NOT_FOUND');
      const [target] = await deps.targets.find([device]);
      if (!target) {
        if (camera.connected)
          throw new GatewayError(
            'NOT_FOUND',
            '设备处于当前阶段，不可连接 / the device may not be connected in its stage',
          );
        throw new GatewayError(
          'UNPROCESSABLE',
          '设备没有连接信息，请填写 RTSP 或 ONVIF 地址 / the device has no connection; enter its RTSP or ONVIF address',
        );
      }
      const { connection, deviceId } = target;
      const refusal = deps.refusedLogin?.(device, connection);
      if (refusal !== undefined) throw new SourceError('wrongPassword', refusal);
      const facts = camera.facts ?? (connection.protocol === 'onvif' ? await describe(device, connection) : null);
      const streams = await streamsOf(connection, facts);
      if (streams.length === 0) {
        const refusedAddress = facts?.streams.some(({ uri }) => uri !== null) ?? false;
        throw refusedAddress
          ? new SourceError('targetNotAllowed', 'the camera names only stream addresses that are not allowed')
          : new SourceError('noSuchStream', 'the camera names no RTSP stream');
      }
      const snapshot = snapshotOf(connection, facts?.snapshotUri ?? null);
      return { device, deviceId, name: camera.name, streams, ...(snapshot ? { snapshot } : {}) };
    },
  };
}

/** The fields of a connection win over a login written into its URL. */
function loginOf(connection: CameraConnection): { username?: string; password?: string } {
  const url = connection.protocol === 'rtsp' ? URL.parse(connection.url) : null;
  const username = connection.username ?? decode(url?.username ?? '');
  const password = connection.password ?? decode(url?.password ?? '');
  return { ...(username === '' ? {} : { username }), ...(password === '' ? {} : { password }) };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A lone "%" in a password is meant literally.
    return text;
  }
}

/** What an adapter says of a camera carries a probe's reason; anything else is trouble of our own and stays as it is. */
function sourceError(error: unknown): unknown {
  if (error instanceof SourceError) return error;
  const { reason, code } = error as { reason?: unknown; code?: unknown };
  if (typeof reason === 'string' && reason !== 'ok') {
    return new SourceError(
      reason as Exclude<ProbeReason, 'ok'>,
      error instanceof Error ? error.message : reason,
      error,
    );
  }
  if (code === 'TARGET_NOT_ALLOWED')
    return new SourceError('targetNotAllowed', String((error as Error).message), error);
  return error;
}
