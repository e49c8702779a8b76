import { statfs } from 'node:fs/promises';
import type { Clock, Logger } from '../../../adapters/adapter.ts';
import { byteText } from '../domain/byte-text.ts';
import {
  DISK_LEVELS,
  type DiskArea,
  type DiskLevel,
  type DiskState,
  diskLevel,
  fullInDays,
  growthOf,
} from '../domain/capacity.ts';
import { type Notice, OF_NO_DEVICE } from '../domain/notice.ts';
import type { Transactor, Tx } from '../domain/tx.ts';
import { text } from '../messages/index.ts';
import type { CapacityStore } from './ports.ts';
import type { Room } from './room.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** What a week grew by says what the next will; a month would hide a new fleet, a day the weekend. */
const GROWTH_OVER_MS = 7 * DAY_MS;
const FORGET_MS = 7 * DAY_MS;

export interface DiskDeps {
  readonly store: CapacityStore;
  readonly db: Transactor;
  readonly clock: Clock;
  readonly log: Logger;
  readonly node: string;
  readonly dataDir: string;
  /** The embedded database lies in the data directory and needs no budget of its own. */
  readonly embedded: boolean;
  /** What the database may take on its own machine; 0 = nobody said. */
  readonly databaseBudget: () => number;
  readonly room: Room;
  readonly notices: (tx: Tx, notices: readonly Notice[]) => Promise<void>;
  readonly onState: (state: 'ready' | 'degraded', reason: string, detail?: string) => void;
  readonly onDisk: (disk: DiskState) => void;
  /** The file system, for tests. */
  readonly measure?: (path: string) => Promise<{ usedBytes: number; totalBytes: number }>;
}

/** Space for us: what is reserved for root counts as used by nobody and is not ours. */
async function fileSystem(path: string): Promise<{ usedBytes: number; totalBytes: number }> {
  const { blocks, bfree, bavail, bsize } = await statfs(path);
  const usedBytes = (blocks - bfree) * bsize;
  return { usedBytes, totalBytes: usedBytes + bavail * bsize };
}

/** Looks at the disks, says so before one is full, and makes room for what must not stop. */
export function createDiskWatch(deps: DiskDeps) {
  const { store, db, clock, log, room, node } = deps;
  const measure = deps.measure ?? fileSystem;

  /** How much it grew a day over the last week, from the samples and what it is now. */
  const growth = async (area: DiskArea, usedBytes: number, now: number): Promise<number | null> => {
    const name = sampleName(area, node);
    const samples = (await store.samples(db.autocommit, now - GROWTH_OVER_MS)).filter(({ area }) => area === name);
    return growthOf([
      ...samples.flatMap(({ at, bytes }) => (bytes === null ? [] : [{ at, bytes }])),
      { at: now, bytes: usedBytes },
    ]);
  };

  /** Level, row and notice in one transaction: people are told once of what stands there. */
  const note = async (area: DiskArea, sizes: { usedBytes: number; totalBytes: number | null }): Promise<DiskState> => {
    const now = clock.now();
    const growthPerDay = await growth(area, sizes.usedBytes, now);
    const measured = { ...sizes, growthPerDay, fullInDays: fullInDays({ ...sizes, growthPerDay }) };
    const owner = area === 'database' ? 'database' : node;
    return db.transaction(async (tx) => {
      const before = await store.lockDisk(tx, owner, area);
      const level = diskLevel(measured, before?.level ?? 'ok');
      const since = before && before.level === level ? before.since : now;
      const disk: DiskState = { node: owner, area, ...measured, level, since, measuredAt: now };
      await store.saveDisk(tx, disk);
      const notice = noticeOf(disk, before ?? { level: 'ok', since: now });
      if (notice) {
        log[level === 'ok' ? 'info' : 'warn']({ ...disk }, 'the disk came to another level');
        await deps.notices(tx, notice);
      }
      return disk;
    });
  };

  const say = (disks: readonly DiskState[]) => {
    const worst = disks.reduce<DiskState | undefined>(
      (worst, disk) => (worst && DISK_LEVELS.indexOf(worst.level) >= DISK_LEVELS.indexOf(disk.level) ? worst : disk),
      undefined,
    );
    const level = worst?.level ?? 'ok';
    const detail = worst && level !== 'ok' ? words(worst, 'en') : undefined;
    // A warning is no harm yet: it is told and shown, and everything works as it should.
    if (level === 'serious' || level === 'full') {
      const stopped = room.stopped();
      deps.onState(
        'degraded',
        level === 'full' ? 'DISK_FULL' : 'DISK_SERIOUS',
        `${detail}; stopped: ${stopped.join(', ') || 'nothing'}`,
      );
    } else deps.onState('ready', level === 'warning' ? 'DISK_WARNING' : 'ok', detail);
  };

  return {
    /** Once a minute. A database that is away leaves its own disk unknown and ours looked at all the same. */
    async look(): Promise<void> {
      const sizes = await measure(deps.dataDir);
      const now = clock.now();
      // Room is made from what was just measured, whether or not it can be written down.
      room.set(diskLevel({ ...sizes, fullInDays: null }, room.level()));
      const unwritten: DiskState = {
        ...sizes,
        node,
        area: 'data',
        level: room.level(),
        since: now,
        measuredAt: now,
        growthPerDay: null,
        fullInDays: null,
      };
      try {
        const disks = [await note('data', sizes)];
        const budget = deps.databaseBudget();
        if (!deps.embedded) {
          const usedBytes = await store.databaseBytes(db.autocommit);
          disks.push(await note('database', { usedBytes, totalBytes: budget === 0 ? null : budget }));
        }
        for (const disk of disks) deps.onDisk(disk);
        say(disks);
      } catch (error) {
        deps.onDisk(unwritten);
        say([unwritten]);
        throw error;
      }
    },
    forget: () => store.forgetDisks(db.autocommit, clock.now() - FORGET_MS),
  };
}

/** Name of a disk in the samples. */
export function sampleName(area: DiskArea, node: string): string {
  return area === 'database' ? 'database' : `disk:${node}`;
}

/**
 * Worse than before: a firing; well again: a resolved. Between two levels that are both bad a better one is told to nobody.
 */
function noticeOf(disk: DiskState, before: Pick<DiskState, 'level' | 'since'>): Notice[] | undefined {
  const rank = (level: DiskLevel) => DISK_LEVELS.indexOf(level);
  if (rank(disk.level) < rank(before.level) && disk.level !== 'ok') return undefined;
  if (disk.level === before.level) return undefined;
  const subject = `disk:${disk.area}:${disk.node}`;
  const resolved = disk.level === 'ok';
  const critical = disk.level === 'serious' || disk.level === 'full';
  const notice: Notice = {
    ...OF_NO_DEVICE,
    event: resolved ? 'resolved' : 'firing',
    key: `${subject}:${disk.level}:${disk.measuredAt}`,
    subject,
    fault: disk.area === 'data' ? 'diskFilling' : 'databaseFilling',
    severity: critical ? 'critical' : 'major',
    priority: critical ? 'critical' : 'urgent',
    login: { userId: null, who: `${words(disk, 'zh-CN')} / ${words(disk, 'en')}`, address: null },
    reason: null,
    advice: null,
    at: disk.measuredAt,
    ...(resolved && { since: before.since }),
  };
  return [notice];
}

function words(disk: DiskState, language: 'zh-CN' | 'en'): string {
  const share = disk.totalBytes === null ? '–' : Math.round((disk.usedBytes / disk.totalBytes) * 100);
  const left = disk.totalBytes === null ? '–' : byteText(disk.totalBytes - disk.usedBytes);
  const what = text(language, disk.area === 'data' ? 'disk.data' : 'disk.database', { node: disk.node });
  const soon =
    disk.fullInDays !== null && disk.fullInDays < 60
      ? text(language, 'disk.fullIn', { days: Math.max(1, Math.round(disk.fullInDays)) })
      : '';
  return `${text(language, disk.level === 'ok' ? 'disk.fineAgain' : 'disk.used', { what, share, left })}${soon}`;
}
