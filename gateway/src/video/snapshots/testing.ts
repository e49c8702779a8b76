import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DeviceKey } from '../../domain/device.ts';
import { GatewayError } from '../../errors.ts';
import { type CameraSource, type CameraSources, SourceError } from '../source.ts';
import { type Job, ProcessFailure, type Supervisor } from '../supervisor/interface.ts';

/** Tests only: cameras and a supervisor in memory; pictures find their way by the stream's URL alone. */
export const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

export interface TestCamera {
  /** The answer of its HTTP snapshot; absent = it has none. */
  http?: (signal: AbortSignal) => Promise<Uint8Array>;
  /** What ffmpeg reads from its stream; absent = the host is away. */
  stream?: (signal: AbortSignal) => Promise<Uint8Array>;
}

const urlOf = (device: DeviceKey) => `rtsp://127.0.0.1:554/${device}`;

export function createTestCameras(cameras: Map<DeviceKey, TestCamera>) {
  const asked = { http: 0, stream: 0 };
  const sources: CameraSources = {
    async find(device): Promise<CameraSource> {
      const camera = cameras.get(device);
      if (!camera) throw new GatewayError('NOT_FOUND');
      const { http, stream } = camera;
      return {
        device,
        deviceId: `cam-${device}`,
        name: `摄像机 ${device}`,
        streams: [
          {
            role: 'main',
            codec: 'H264',
            width: null,
            height: null,
            async open() {
              if (!stream) throw new SourceError('hostUnreachable', 'no route');
              return { url: urlOf(device), close: () => undefined, failure: () => null };
            },
          },
        ],
        ...(http && {
          async snapshot({ signal }: { signal: AbortSignal }) {
            asked.http += 1;
            return http(signal);
          },
        }),
      };
    },
  };
  const supervisor: Pick<Supervisor, 'run'> = {
    async run(job: Job) {
      const { signal = new AbortController().signal } = job;
      const args = typeof job.args === 'function' ? await job.args(signal) : job.args;
      const device = [...cameras.keys()].find((key) => args.includes(urlOf(key)));
      const stream = device === undefined ? undefined : cameras.get(device)?.stream;
      if (!stream) throw new ProcessFailure('exit', 'no such stream');
      asked.stream += 1;
      const stdout = Buffer.from(await stream(signal));
      return { stdout, stderr: '', cpuMs: 1, wallMs: 1 };
    },
  };
  return { sources, supervisor: supervisor as Supervisor, asked };
}

/** Random numbers that repeat with their seed. */
export function createDice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

export async function later<T>(ms: number, value: T, signal?: AbortSignal): Promise<T> {
  return sleep(ms, value, signal ? { signal } : {});
}
