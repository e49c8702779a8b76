import { Tooltip } from 'antd';
import { useSyncExternalStore } from 'react';
import { t } from '../language.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

let now = Date.now();
const watchers = new Set<() => void>();
setInterval(() => {
  now = Date.now();
  for (const watcher of watchers) watcher();
}, 15_000);
/** The time, a few times a minute: one clock for all that says "3 分钟前". */
export const useNow = (): number =>
  useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => now,
  );

/** `2026-11-23 08:00:00` as the gateway's zone has it: the gateway writes its offset into every time. */
export const exactTime = (iso: string): string => iso.slice(0, 19).replace('T', ' ');

/** Lengths of time for people, the two largest parts at most. `ms` in milliseconds. */
export function lengthOf(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 60) return t('time.seconds', { n: seconds });
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return t('time.minutes', { n: minutes });
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return t('time.hours', { n: hours, minutes: minutes % 60 });
  return t('time.days', { n: Math.floor(hours / 24), hours: hours % 24 });
}

/** "3 分钟前", the exact time on hover; the date itself after a week. */
export function Ago({ at }: { at: string | null | undefined }) {
  const moment = useNow();
  if (!at) return <span className="quiet">{t('time.never')}</span>;
  const age = moment - Date.parse(at);
  return (
    <Tooltip title={exactTime(at)}>
      <time dateTime={at}>{ageText(age, at)}</time>
    </Tooltip>
  );
}

function ageText(age: number, at: string): string {
  if (age < -MINUTE) return t('time.in', { length: lengthOf(-age) });
  if (age < MINUTE) return t('time.justNow');
  if (age < HOUR) return t('time.minutesAgo', { n: Math.floor(age / MINUTE) });
  if (age < DAY) return t('time.hoursAgo', { n: Math.floor(age / HOUR) });
  if (age < 7 * DAY) return t('time.daysAgo', { n: Math.floor(age / DAY) });
  return at.slice(0, 16).replace('T', ' ');
}
