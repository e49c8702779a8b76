import type { CameraConnection, Probe } from '../../../adapters/adapter.ts';
import { isRegisteredHost } from '../domain/camera.ts';
import type { DeviceKey } from '../domain/device.ts';
import type { PassOptions, TargetProbe } from './ports.ts';

/** Channels of a recorder are described at every pass; their addresses need not be read as often. */
const READ_AGAIN_MS = 300_000;

/**
 * L2 of an ONVIF camera: DESCRIBE of the stream it names, which proves its picture path as well as its login. As long as
 * no stream is known it is asked by ONVIF itself.
 */
export function createOnvifDescribe(options: {
  readonly rtsp: Probe;
  readonly onvif: Probe;
  /** Milliseconds, never going back. */
  readonly monotonic: () => number;
  /** RTSP URI of the main stream without login, from what the camera said of itself; null = not known. */
  readonly mainStream: (device: DeviceKey) => Promise<string | null>;
}): TargetProbe {
  const read = new WeakMap<AbortSignal, { readonly url: string | null; readonly at: number }>();
  const streamOf = async ({ deviceKey, life }: PassOptions) => {
    const before = read.get(life);
    if (before && options.monotonic() - before.at < READ_AGAIN_MS) return before.url;
    const url = await options.mainStream(deviceKey);
    if (url !== null) read.set(life, { url, at: options.monotonic() });
    return url;
  };

  return async (target, pass) => {
    const url = await streamOf(pass);
    if (url === null) return options.onvif(target, pass);
    const connection = namedStream(target.connection, url);
    const result = await options.rtsp({ deviceId: target.deviceId, connection }, pass);
    // The camera may have moved its streams; what it says now is read before the next pass.
    if (!result.ok) read.delete(pass.life);
    return result;
  };
}

/** How a stream that a camera names is asked: with the camera's login, as far as that host may see it. */
export function namedStream(camera: CameraConnection, url: string): CameraConnection {
  const { username, password } = camera;
  const registered = camera.protocol === 'onvif' ? camera.host : (URL.parse(camera.url)?.hostname ?? '');
  return {
    protocol: 'rtsp',
    url,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(isRegisteredHost(url, registered) ? {} : { digestOnly: true }),
  };
}
