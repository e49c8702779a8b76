import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock, Logger, ProbeReason } from '../../../../adapters/adapter.ts';
import type { DeviceKey } from '../../domain/device.ts';
import type { MaskArea } from '../../domain/privacy-mask.ts';
import { type CameraStream, SourceError, type StreamAccess } from '../source.ts';
import { ProcessFailure, type Running, type Supervisor } from '../supervisor/interface.ts';
import type { Plan } from './decide.ts';
import { createPlaylist, type Playlist, readRunList } from './playlist.ts';
import { feedArguments, listName, pictureName } from './recipes.ts';

/** Waits before the next try after so many failures in a row; after the last one the feed gives up. */
const BACKOFF_MS = [500, 1_000, 2_000, 5_000, 10_000, 10_000, 10_000, 10_000];
/** Trying again would only lock the account or repeat the answer. */
const HOPELESS: ReadonlySet<string> = new Set(['wrongPassword', 'noSuchStream', 'targetNotAllowed']);
/** A process that lives and writes nothing for so long is started anew. */
const STALL_MS = 15_000;
/** A camera whose pieces never end must not fill the disk. */
const MOST_BYTES = 96 * 1024 ** 2;
const LOOK_MS = 50;

/** Why there is no picture; a reason of the camera, or of the process. */
export type FeedReason = ProbeReason | 'noFrames' | 'tooLarge' | 'busy';

export interface FeedOptions {
  readonly key: string;
  readonly device: DeviceKey;
  /** For logs. */
  readonly deviceId: string;
  readonly plan: Plan;
  readonly stream: CameraStream;
  readonly areas: readonly MaskArea[];
  /** Parent of the folder this feed makes for itself. */
  readonly dir: string;
  readonly supervisor: Supervisor;
  readonly clock: Clock;
  readonly log: Logger;
}

/** One camera shown in one way to all who watch it so: one ffmpeg, started again when it dies. */
export class Feed {
  readonly key: string;
  readonly device: DeviceKey;
  readonly plan: Plan;
  /** Monotonic time of the last request of any viewer; infinite until it has started. */
  usedAt = Number.POSITIVE_INFINITY;
  #options: FeedOptions;
  #ending = new AbortController();
  #playlist: Playlist = createPlaylist();
  #folder = '';
  #run = 0;
  #running: Running | undefined;
  #failures = 0;
  #reason: FeedReason | null = null;
  #gaveUp = false;
  #progress = 0;
  #progressAt = 0;
  #pictureAt: number | null = null;
  #looking: Promise<void> | undefined;
  #over: Promise<void> = Promise.resolve();

  constructor(options: FeedOptions) {
    this.#options = options;
    this.key = options.key;
    this.device = options.device;
    this.plan = options.plan;
  }

  get ended(): boolean {
    return this.#ending.signal.aborted || this.#gaveUp;
  }

  /** Why there is no picture now; null while all is well. */
  get reason(): FeedReason | null {
    return this.#reason;
  }

  get folder(): string {
    return this.#folder;
  }

  get pid(): number | null {
    return this.#running?.pid ?? null;
  }

  /** Rejects when no process can be had (ProcessFailure `busy`) or the camera cannot be dialled (SourceError). */
  async start(): Promise<void> {
    this.#folder = await mkdtemp(join(this.#options.dir, 'feed-'));
    try {
      await this.#launch();
      this.touch();
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Ends the process and removes every file. */
  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#running?.stop();
    await this.#over;
    if (this.#folder !== '') await rm(this.#folder, { recursive: true, force: true });
  }

  touch(): void {
    this.usedAt = this.#options.clock.monotonic();
  }

  /** The playlist as soon as there is a first piece; undefined when there is none within `waitMs`. */
  async playlist(waitMs: number): Promise<string | undefined> {
    return this.#await(waitMs, async () => {
      await this.#look();
      return this.#playlist.text();
    });
  }

  /** Whether this name of ours may be read now. */
  has(name: string): boolean {
    return this.#playlist.has(name);
  }

  /** The newest picture and when it was taken (epoch ms), not older than `maxAgeMs`. */
  async picture(waitMs: number, maxAgeMs: number): Promise<{ data: Buffer; at: number } | undefined> {
    return this.#await(waitMs, async () => {
      await this.#look();
      const at = this.#pictureAt;
      if (at === null || this.#options.clock.now() - at > maxAgeMs) return undefined;
      const data = await readFile(join(this.#folder, pictureName(this.#run))).catch(missing);
      return data && data.length > 0 ? { data, at } : undefined;
    });
  }

  /** Called every second or so: a process that stands still or writes without end is ended, and starts anew. */
  async check(): Promise<void> {
    if (this.ended || !this.#running) return;
    await this.#look();
    const now = this.#options.clock.monotonic();
    if (now - this.#progressAt > STALL_MS) await this.#kill('noFrames');
    else if ((await sizeOf(this.#folder)) > MOST_BYTES) await this.#kill('tooLarge');
  }

  async #kill(reason: FeedReason): Promise<void> {
    this.#reason = reason;
    await this.#running?.stop();
  }

  async #launch(): Promise<void> {
    const { stream, supervisor, plan, areas, deviceId } = this.#options;
    this.#run += 1;
    const run = this.#run;
    let access: StreamAccess | undefined;
    try {
      const running = await supervisor.spawn({
        kind: plan.transcodes ? 'transcode' : 'live',
        program: 'ffmpeg',
        args: async (signal) => {
          access = await stream.open({ signal });
          return feedArguments({ plan, url: access.url, dir: this.#folder, run, areas });
        },
        deadlineMs: null,
        signal: this.#ending.signal,
        label: `live ${deviceId}`,
        whenFull: 'refuse',
        workDir: this.#folder,
      });
      running.stdout.resume();
      this.#running = running;
      this.#progressAt = this.#options.clock.monotonic();
      this.#over = running.ended.then(({ failure }) => this.#ended(access, failure));
    } catch (error) {
      access?.close();
      throw error;
    }
  }

  async #ended(access: StreamAccess | undefined, failure: ProcessFailure | null): Promise<void> {
    const refused = access?.failure() ?? null;
    access?.close();
    // What it wrote last may not have been seen yet.
    if (!this.#ending.signal.aborted) await this.#look();
    this.#running = undefined;
    if (this.#ending.signal.aborted) return;
    this.#reason = refused ?? this.#reason ?? 'noFrames';
    this.#options.log.warn(
      { device: this.#options.deviceId, reason: this.#reason, failure: failure?.kind, stderr: tail(failure) },
      'a live feed ended',
    );
    void this.#again();
  }

  async #again(): Promise<void> {
    while (!this.#ending.signal.aborted) {
      const wait = BACKOFF_MS[this.#failures];
      if (wait === undefined || HOPELESS.has(this.#reason ?? '')) {
        this.#gaveUp = true;
        return;
      }
      this.#failures += 1;
      await sleep(wait, undefined, { signal: this.#ending.signal }).catch(aborted);
      if (this.#ending.signal.aborted) return;
      try {
        this.#playlist.nextRun();
        this.#progress = 0;
        await removeRun(this.#folder, this.#run - 1);
        await this.#launch();
        return;
      } catch (error) {
        this.#reason = reasonOf(error);
        this.#options.log.warn({ device: this.#options.deviceId, error }, 'a live feed could not start again');
      }
    }
  }

  /** Reads what the current run has written; many viewers share one reading. */
  #look(): Promise<void> {
    this.#looking ??= this.#read().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #read(): Promise<void> {
    let progress: number | undefined;
    if (this.plan.mode === 'snapshots') {
      progress = (await stat(join(this.#folder, pictureName(this.#run))).catch(missing))?.mtimeMs;
    } else {
      const text = await readFile(join(this.#folder, listName(this.#run)), 'utf8').catch(missing);
      const list = text === undefined ? undefined : readRunList(text);
      if (list) {
        this.#playlist.update(list);
        progress = list.first + list.segments.length;
      }
    }
    if (progress === undefined || progress === this.#progress) return;
    this.#progress = progress;
    this.#progressAt = this.#options.clock.monotonic();
    this.#pictureAt = this.#options.clock.now();
    this.#failures = 0;
    this.#reason = null;
  }

  async #await<T>(waitMs: number, look: () => Promise<T | undefined>): Promise<T | undefined> {
    const deadline = performance.now() + waitMs;
    for (;;) {
      const found = await look();
      if (found !== undefined || this.ended || performance.now() >= deadline) return found;
      await sleep(LOOK_MS);
    }
  }
}

/** The camera's or the process's reason behind a failure to start. */
export function reasonOf(error: unknown): FeedReason {
  if (error instanceof SourceError) return error.reason;
  return error instanceof ProcessFailure && error.kind === 'busy' ? 'busy' : 'noFrames';
}

function tail(failure: ProcessFailure | null): string | undefined {
  return failure?.stderr.slice(-500);
}

/** A file that is not there (yet, or any more) is nothing; everything else is a fault. */
function missing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  throw error;
}

function aborted(error: Error): void {
  if (error.name !== 'AbortError') throw error;
}

async function removeRun(folder: string, run: number): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.startsWith(`r${run}-`) || name === listName(run)) await rm(join(folder, name), { force: true });
  }
}

async function sizeOf(folder: string): Promise<number> {
  let bytes = 0;
  for (const name of (await readdir(folder).catch(missing)) ?? []) {
    bytes += (await stat(join(folder, name)).catch(missing))?.size ?? 0;
  }
  return bytes;
}
