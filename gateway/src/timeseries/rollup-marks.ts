import type { Reading } from '../domain/reading.ts';
import type { Session } from '../store/database.ts';
import { HOUR_MS } from './rollup-state.ts';

/** Hours that changed after they were summed up, told by whoever changed them. */

/** Before which time readings have to be marked. Holds the summing up off until the transaction ends. */
export async function openFrom(session: Session): Promise<number> {
  const { rows } = await session.query<{ open: number }>('select reading_open_from() as open');
  return rows[0]?.open ?? 0;
}

/** Marks the hours of what was stored late; costs nothing when nothing was. */
export async function markLate(
  session: Session,
  readings: readonly Reading[],
  open: number,
  stored: (index: number) => boolean,
): Promise<void> {
  const hours = new Map<string, { device: number; hour: number }>();
  for (const [index, { device, time }] of readings.entries()) {
    if (time >= open || !stored(index)) continue;
    const hour = Math.floor(time / HOUR_MS) * HOUR_MS;
    hours.set(`${device} ${hour}`, { device, hour });
  }
  if (hours.size === 0) return;
  const marks = [...hours.values()];
  await session.query(
    `insert into reading_dirty (device, hour)
     select device, to_timestamp(hour / 1000) from unnest($1::int[], $2::float8[]) as m (device, hour)`,
    [marks.map(({ device }) => device), marks.map(({ hour }) => hour)],
  );
}
