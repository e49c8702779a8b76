// What a look at a picture and a live view cost: processor time of ffmpeg beside the barest command that does the job, and
// of the relay in our own process. The camera plays a ready-made 1080p25 H.264 film from another process.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createRtspRelay, createTargetGuard } from '../../adapters/index.ts';
import { createSystemClock } from '../../gateway/src/clock.ts';
import { PICTURE_THRESHOLDS } from '../../gateway/src/domain/picture-thresholds.ts';
import { createLogger } from '../../gateway/src/log.ts';
import { LOOK_PACE, takeLook } from '../../gateway/src/video/diagnosis/look.ts';
import { composeFfmpeg } from '../../gateway/src/video/ffmpeg/compose.ts';
import { waysToShow } from '../../gateway/src/video/live/decide.ts';
import { feedArguments } from '../../gateway/src/video/live/recipes.ts';
import type { CameraSource, CameraStream } from '../../gateway/src/video/source.ts';
import type { Supervisor } from '../../gateway/src/video/supervisor/interface.ts';
import { createSupervisor } from '../../gateway/src/video/supervisor/supervisor.ts';
import { cpuOf, median, report } from './report.ts';

const ROUNDS = 5;
const REMUX_MS = 20_000;

interface Rig {
  readonly supervisor: Supervisor;
  readonly stream: CameraStream;
  readonly dir: string;
}

export async function benchCheck(): Promise<void> {
  await withRig(async ({ supervisor, stream }) => {
    const source: CameraSource = { device: 1, deviceId: 'bench', name: 'bench', streams: [stream] };
    const clock = createSystemClock();
    const bands = { top: 0.12, bottom: 0.12 };
    const { stillBlock } = PICTURE_THRESHOLDS;
    const looks: number[] = [];
    const bare: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const settings = { bands, stillBlock, pace: LOOK_PACE };
      const seen = await takeLook({ supervisor, clock }, source, settings, new AbortController().signal);
      if (seen.kind !== 'look') throw new Error(`the camera showed no picture: ${seen.kind}`);
      looks.push((seen.cpuMs ?? Number.NaN) / 1_000);
      bare.push(await bareKeyFrame(supervisor, stream));
    }
    report('picture check of a 1080p25 stream', median(looks), 's CPU', median(bare));
  });
}

/** One key frame decoded and thrown away. */
async function bareKeyFrame(supervisor: Supervisor, stream: CameraStream): Promise<number> {
  const access = await stream.open({ signal: new AbortController().signal });
  try {
    const { cpuMs } = await supervisor.run({
      kind: 'check',
      program: 'ffmpeg',
      label: 'bare',
      deadlineMs: 20_000,
      args: composeFfmpeg({
        inputs: [{ url: access.url, keyFramesOnly: true }],
        outputs: [{ target: 'pipe:1', format: 'null', video: 'wrapped_avframe', options: ['-frames:v', '1'] }],
      }),
    });
    return (cpuMs ?? Number.NaN) / 1_000;
  } finally {
    access.close();
  }
}

export async function benchRemux(): Promise<void> {
  await withRig(async ({ supervisor, stream, dir }) => {
    const streams = [{ role: 'main', codec: 'H264' }] as const;
    const [plan] = waysToShow({ streams, wanted: 'main', h265: false, masked: false });
    if (!plan) throw new Error('no way to show H.264');
    const ours = await share(supervisor, stream, (url) => feedArguments({ plan, url, dir, run: 1, areas: [] }));
    const bare = await share(supervisor, stream, (url) =>
      composeFfmpeg({ inputs: [{ url }], outputs: [{ target: 'pipe:1', format: 'null', video: 'copy' }] }),
    );
    report('live view of a 1080p25 H.264 camera: ffmpeg, share of one core', ours.ffmpeg, '1', bare.ffmpeg);
    report('the same: relay in the gateway', ours.relay, '1');
    report('live views that one core carries', Math.floor(1 / (ours.ffmpeg + ours.relay)), 'views');
  });
}

async function share(supervisor: Supervisor, stream: CameraStream, compose: (url: string) => string[]) {
  const access = await stream.open({ signal: new AbortController().signal });
  const args = compose(access.url);
  const running = await supervisor.spawn({ kind: 'live', program: 'ffmpeg', label: 'bench', deadlineMs: null, args });
  running.stdout.resume();
  const { cpuUs, wallMs } = await cpuOf(() => new Promise((resolve) => setTimeout(resolve, REMUX_MS)));
  await running.stop();
  const { cpuMs } = await running.ended;
  access.close();
  return { ffmpeg: (cpuMs ?? Number.NaN) / wallMs, relay: cpuUs / 1_000 / wallMs };
}

async function withRig(work: (rig: Rig) => Promise<void>): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'cgw-bench-'));
  const log = createLogger('error');
  const clock = createSystemClock();
  const supervisor = createSupervisor({ log, clock, dir: join(dir, 'processes') });
  const guard = createTargetGuard({ allowed: '127.0.0.0/8' });
  const relay = createRtspRelay({ guard, log, monotonic: clock.monotonic, verifyTls: false, userAgent: 'bench' });
  const camera = await startCamera();
  const stream: CameraStream = {
    role: 'main',
    codec: 'H264',
    width: 1_920,
    height: 1_080,
    open: (options) => relay.open({ protocol: 'rtsp', url: camera.url }, options),
  };
  await supervisor.start();
  try {
    await work({ supervisor, stream, dir });
  } finally {
    await supervisor.stop();
    await relay.close();
    await camera.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

async function startCamera() {
  const child: ChildProcess = spawn(process.execPath, [join(import.meta.dirname, 'one-camera.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  if (!child.stdout) throw new Error('no output of the camera');
  for await (const line of createInterface({ input: child.stdout })) {
    return {
      url: (JSON.parse(line) as { url: string }).url,
      async stop() {
        child.kill();
        await once(child, 'exit');
      },
    };
  }
  throw new Error('the camera did not start');
}
