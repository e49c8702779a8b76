import { DISK_LEVELS, type DiskLevel, type Growth, STOPPED_AT } from '../domain/capacity.ts';

/** Whether something may grow now. Asked by whoever writes files, set by whoever looks at the disk. */
export interface Room {
  allows(what: Growth): boolean;
  level(): DiskLevel;
  set(level: DiskLevel): void;
  /** What stands still. */
  stopped(): readonly Growth[];
}

export function createRoom(): Room {
  let level: DiskLevel = 'ok';
  const stops = ({ level: from }: (typeof STOPPED_AT)[number]) =>
    DISK_LEVELS.indexOf(level) >= DISK_LEVELS.indexOf(from);
  const stopped = () => STOPPED_AT.filter(stops).map(({ what }) => what);
  return {
    allows: (what) => !stopped().includes(what),
    level: () => level,
    set(now) {
      level = now;
    },
    stopped,
  };
}
