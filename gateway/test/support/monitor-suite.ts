import { afterAll, afterEach, beforeAll } from 'vitest';
import type { DeviceBrief, HealthPolicy, Lifecycle } from '../../src/domain/device.ts';
import { type Database, sql } from '../../src/store/database.ts';
import { createTestDatabase, type Engine, type TestDatabase } from './databases.ts';
import { emptyTables } from './empty-tables.ts';
import { addDevices, CHARGER, createMonitorRig, type MonitorRig } from './monitor.ts';

/** A database for the tests of one `describe`, emptied after each, and what they ask of monitors on it. */
export function useMonitors(engine: Engine) {
  let database: TestDatabase;
  const rigs: MonitorRig[] = [];

  beforeAll(async () => {
    database = await createTestDatabase(engine);
  });
  afterEach(async () => {
    for (const rig of rigs.splice(0)) await rig.monitor.stop();
    await emptyTables(
      database.db,
      'incident',
      'incident_member',
      'health',
      'health_fact',
      'health_history',
      'alarm_state',
      'alarm_watch',
      'device_seen',
      'learned_deadline',
      'observed_clock',
      'blind_interval',
      'device_event',
    );
  });
  afterAll(() => database.close());

  async function rigOf(devices: readonly DeviceBrief[], groupHoldMs: number): Promise<MonitorRig> {
    const rig = await createMonitorRig(database.db, devices, { groupHoldMs });
    rigs.push(rig);
    return rig;
  }

  async function rigFor(
    count: number,
    options: { type?: string; lifecycle?: Lifecycle; healthPolicy?: HealthPolicy; groupHoldMs?: number } = {},
  ): Promise<{ rig: MonitorRig; devices: DeviceBrief[]; one: DeviceBrief }> {
    const { type = CHARGER.id, groupHoldMs = 60_000, ...rest } = options;
    const devices = await addDevices(database.db, count, type, rest);
    const rig = await rigOf(devices, groupHoldMs);
    const [one] = devices;
    if (!one) throw new Error('no device');
    return { rig, devices, one };
  }

  const state = async (rig: MonitorRig, brief: DeviceBrief) => (await rig.states()).get(brief.key);
  const incidents = async () =>
    (
      await sql(database.db.autocommit).query<{
        fault: string;
        state: string;
        notified: boolean;
        suppressed: string[];
      }>('select fault, state, notified, suppressed from incident order by opened_at, id')
    ).rows;
  const told = (rig: MonitorRig) => rig.decisions.map((made) => `${made.fault} ${made.action}`);

  return { rigFor, rigOf, state, incidents, told, db: (): Database => database.db };
}

/** For `ms` milliseconds every device but some speaks, at once and every quarter of a minute. */
export async function speakBut(rig: MonitorRig, ms: number, but: readonly DeviceBrief[] = []): Promise<void> {
  const silent = new Set(but.map(({ key }) => key));
  const speak = () => {
    for (const key of rig.briefs.keys()) if (!silent.has(key)) rig.say(key, { power: 1 });
  };
  speak();
  await rig.pass(ms, { step: 15_000, each: speak });
}
