import type { DeviceKey } from '../domain/device.ts';
import type { Value } from '../domain/reading.ts';
import type { ReadingsElsewhere } from '../domain/readings-elsewhere.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { storable, storableJson } from './storable.ts';
import { at } from './time.ts';

interface Probe {
  readonly device: DeviceKey;
  readonly receivedAt: number;
  readonly values: ReadonlyMap<string, Value>;
  readonly events: readonly { readonly code: string; readonly component?: string; readonly data?: unknown }[];
}

/** A probe by its index, and a moment in microseconds at which all it says was stored before. */
type Twin = `${number}@${number}`;

/**
 * Keyless readings and events stand under their receive time, so a repetition is one moment at which all of them agree.
 * Answers the indexes of those that repeat something of the window before them.
 */
export async function findRepeats(
  tx: Tx,
  probes: readonly Probe[],
  windowMs: number,
  elsewhere?: ReadingsElsewhere,
): Promise<ReadonlySet<number>> {
  const readings = elsewhere
    ? new Set((await elsewhere.twins(tx, probes, windowMs)).map(twin))
    : await sameReadings(tx, probes, windowMs);
  const events = await sameEvents(tx, probes, windowMs);
  const repeats = new Set<number>();
  for (const twin of new Set([...readings, ...events])) {
    const i = Number(twin.split('@')[0]);
    const probe = probes[i];
    const values = probe?.values.size === 0 || readings.has(twin);
    if (values && (probe?.events.length === 0 || events.has(twin))) repeats.add(i);
  }
  return repeats;
}

async function sameReadings(tx: Tx, probes: readonly Probe[], windowMs: number): Promise<ReadonlySet<Twin>> {
  const flat = probes.flatMap((probe, i) => [...probe.values].map(([metric, value]) => ({ i, probe, metric, value })));
  if (flat.length === 0) return new Set();
  const { rows } = await sql(tx).query<{ i: number; time: number }>(
    `select p.i, r.time from unnest($1::int[], $2::int[], $3::float8[], $4::text[], $5::float8[], $6::bool[], $7::text[])
       as p (i, device, at, name, num, bool, txt)
     join metric m on m.name = p.name
     join reading r on r.device = p.device and r.metric = m.key
       and r.time >= ${at('(p.at - $8)')} and r.time < ${at('p.at')}
       and r.num is not distinct from p.num and r.bool is not distinct from p.bool and r.txt is not distinct from p.txt
     group by p.i, r.time
     having count(*) = ($9::int[])[p.i + 1]`,
    [
      flat.map((row) => row.i),
      flat.map((row) => row.probe.device),
      flat.map((row) => row.probe.receivedAt),
      flat.map((row) => row.metric),
      flat.map((row) => (typeof row.value === 'number' ? row.value : null)),
      flat.map((row) => (typeof row.value === 'boolean' ? row.value : null)),
      flat.map((row) => (typeof row.value === 'string' ? row.value : null)),
      windowMs,
      probes.map((probe) => probe.values.size),
    ],
  );
  return new Set(rows.map(twin));
}

async function sameEvents(tx: Tx, probes: readonly Probe[], windowMs: number): Promise<ReadonlySet<Twin>> {
  const flat = probes.flatMap((probe, i) => probe.events.map((event) => ({ i, probe, event })));
  if (flat.length === 0) return new Set();
  const { rows } = await sql(tx).query<{ i: number; time: number }>(
    `select p.i, e.received_at as time
     from unnest($1::int[], $2::int[], $3::float8[], $4::text[], $5::text[], $6::text[]) as p (i, device, at, code, component, data)
     join device_event e on e.device = p.device and e.code = p.code and e.component = p.component
       and e.received_at >= ${at('(p.at - $7)')} and e.received_at < ${at('p.at')}
       and e.data is not distinct from p.data::jsonb
     group by p.i, e.received_at
     having count(*) = ($8::int[])[p.i + 1]`,
    [
      flat.map((row) => row.i),
      flat.map((row) => row.probe.device),
      flat.map((row) => row.probe.receivedAt),
      flat.map((row) => storable(row.event.code)),
      flat.map((row) => storable(row.event.component ?? '')),
      flat.map((row) => storableJson(row.event.data)),
      windowMs,
      probes.map((probe) => probe.events.length),
    ],
  );
  return new Set(rows.map(twin));
}

const twin = ({ i, time }: { i: number; time: number }): Twin => `${i}@${Math.round(time * 1_000)}`;
