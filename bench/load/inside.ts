import { monitorEventLoopDelay } from 'node:perf_hooks';

/**
 * Loaded into a measured process with `--import`: asked over IPC, it tells what only the inside knows. `mark` begins an
 * interval, `tell` ends it.
 */
export interface Inside {
  /** Milliseconds the event loop was late, over the interval. */
  readonly loopP50Ms: number;
  readonly loopP99Ms: number;
  readonly loopMaxMs: number;
  /** Processor time of all threads of the process in the interval. */
  readonly cpuMs: number;
  readonly heapBytes: number;
  readonly externalBytes: number;
}

const RESOLUTION_MS = 1;
const loop = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
let cpu = process.cpuUsage();

process.on('message', (question) => {
  if (question === 'mark') {
    loop.reset();
    loop.enable();
    cpu = process.cpuUsage();
    process.send?.('marked');
  }
  if (question === 'tell') {
    const used = process.cpuUsage(cpu);
    const { heapUsed, external } = process.memoryUsage();
    // What is recorded is the time between two ticks of a timer, its own pause included.
    const late = (ns: number) => Math.max(0, ns / 1e6 - RESOLUTION_MS);
    process.send?.({
      loopP50Ms: late(loop.percentile(50)),
      loopP99Ms: late(loop.percentile(99)),
      loopMaxMs: late(loop.max),
      cpuMs: (used.user + used.system) / 1_000,
      heapBytes: heapUsed,
      externalBytes: external,
    } satisfies Inside);
  }
});
process.channel?.unref();
