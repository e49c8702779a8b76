import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('./gst-rtsp-server.py', import.meta.url));
/** Debian's own interpreter: another python3 on the PATH has no `gi`. */
const PYTHON = '/usr/bin/python3';
const CHECK = "import gi; gi.require_version('Gst','1.0'); gi.require_version('GstRtspServer','1.0')";
const START_MS = 20_000;

/** Packages that make {@link gstAvailable} true on Debian 12. */
export const GST_PACKAGES =
  'gir1.2-gst-rtsp-server-1.0 python3-gi gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly';

export function gstAvailable(): boolean {
  return spawnSync(PYTHON, ['-c', CHECK], { stdio: 'ignore' }).status === 0;
}

/** GStreamer's RTSP server in a process of its own, with /cam (H.264) and /hevc (H.265). */
export interface GstRtspServer {
  readonly port: number;
  readonly pid: number;
  url(path: string): string;
  /** SIGSTOP: the kernel goes on accepting connections, nobody answers. */
  pause(): void;
  resume(): void;
  /** SIGKILL, also while paused; resolves when the process is gone and the port closed. */
  kill(): Promise<void>;
}

export async function startGstRtspServer(
  options: { auth?: 'none' | 'basic' | 'digest'; user?: string; password?: string; port?: number } = {},
): Promise<GstRtspServer> {
  const { auth = 'none', user = '', password = '', port: wanted = 0 } = options;
  const child = spawn(PYTHON, [SCRIPT, auth, user, password, String(wanted)], { stdio: ['ignore', 'pipe', 'pipe'] });
  const port = await readPort(child);
  return {
    port,
    pid: child.pid ?? 0,
    url: (path) => `rtsp://127.0.0.1:${port}${path}`,
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}

function readPort(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let out = '';
    let errors = '';
    const timer = setTimeout(() => refuse(`no port within ${START_MS} ms`), START_MS);
    const refuse = (why: string) => {
      clearTimeout(timer);
      child.kill('SIGKILL');
      reject(new Error(`GStreamer RTSP server: ${why} ${errors.slice(-500)}`));
    };
    child.once('error', (error) => refuse(error.message));
    child.once('exit', (code) => refuse(`ended with ${code}`));
    child.stderr?.on('data', (chunk) => {
      errors = (errors + chunk).slice(-2000);
    });
    const read = (chunk: Buffer) => {
      out += chunk;
      const end = out.indexOf('\n');
      if (end < 0) return;
      // What its encoders say later is nothing to us, but has to be read.
      child.stdout?.off('data', read).resume();
      clearTimeout(timer);
      child.removeAllListeners('exit');
      child.once('exit', (code, signal) => {
        if (signal !== 'SIGKILL') console.error(`GStreamer RTSP server ended by itself: ${code ?? signal} ${errors}`);
      });
      resolve((JSON.parse(out.slice(0, end)) as { port: number }).port);
    };
    child.stdout?.on('data', read);
  });
}
