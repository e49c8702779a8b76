import { createSecrets, randomSecret, type Secrets } from '../../src/access/secrets.ts';
import { createManualClock, type ManualClock } from '../../src/clock.ts';
import type { Actor } from '../../src/domain/actor.ts';
import type { Role } from '../../src/domain/permission.ts';
import { shippedRights } from '../../src/domain/role-rights.ts';
import type { Scope } from '../../src/domain/scope.ts';
import { createLogger } from '../../src/log.ts';
import type { DevicesDeps } from '../../src/registry/device-finder.ts';
import { createDevices } from '../../src/registry/devices.ts';
import { createDirectory } from '../../src/registry/directory.ts';
import { type AcceptancePort, createAcceptances } from '../../src/registry/registration/acceptance.ts';
import { createAuditStore } from '../../src/store/audit.ts';
import { type Database, sql } from '../../src/store/database.ts';
import { createDeviceLookups } from '../../src/store/device-directory.ts';
import { createDeviceStore } from '../../src/store/devices.ts';
import { createDuplicateStore } from '../../src/store/duplicates.ts';
import { createQuietStore } from '../../src/store/quiet.ts';
import { createTrialStore } from '../../src/store/trials.ts';

/** An actor for tests; an administrator over everything unless said otherwise. */
export function testActor(role: Exclude<Role, 'system'> = 'admin', scope: Scope = { kind: 'all' }): Actor {
  return { kind: 'user', id: `u-${role}`, name: role, role, rights: shippedRights(role), scope, address: '127.0.0.1' };
}

export const TEST_KEY = 'a master secret for tests, 32 characters or more';

/** Types the test registry knows. */
export const TEST_TYPES = new Map([
  ['generic/camera', { module: 'video' }],
  ['generic/ebike-charger', { module: 'charging' }],
  ['generic/garbage-room', { module: 'garbage' }],
]);

/** What the registry told the outside, in order. */
export interface Reactions {
  readonly disconnected: [string, string][];
  readonly probed: number[];
  readonly retired: [number[], string][];
}

/** The registry over a database, with its reactions recorded. */
export function createTestRegistry(
  db: Database,
  clock: ManualClock = createManualClock(),
  acceptances?: AcceptancePort,
) {
  const store = { ...createDeviceStore(), ...createDeviceLookups() };
  const directory = createDirectory({ devices: store });
  const secrets: Secrets = createSecrets(TEST_KEY);
  const reactions: Reactions = { disconnected: [], probed: [], retired: [] };
  const registration =
    acceptances ??
    createAcceptances({
      db,
      store: { ...createTrialStore(), ...createDuplicateStore() },
      devices: store,
      types: {
        get: (id) =>
          TEST_TYPES.has(id)
            ? { title: { zh: id, en: id }, adapter: 'mqtt', metrics: new Map(), health: { interval: 30_000 } }
            : undefined,
      },
      settings: () => ({ trialReadings: 3, trialIntervals: 2 }),
      audit: createAuditStore(),
      timeZone: 'Asia/Shanghai',
      clock,
    });
  const deps: DevicesDeps = {
    db,
    registration,
    security: createQuietStore(),
    devices: store,
    directory,
    types: TEST_TYPES,
    sealing: secrets,
    newSecret: randomSecret,
    audit: createAuditStore(),
    clock,
    log: createLogger('silent'),
    reactions: {
      onRetired: async (_tx, keys, reason) => {
        reactions.retired.push([[...keys], reason]);
      },
      disconnect: async (id, reason) => {
        reactions.disconnected.push([id, reason]);
      },
      probeNow: (key) => {
        reactions.probed.push(key);
      },
    },
  };
  return { devices: createDevices(deps), directory, store, secrets, reactions, clock, deps, registration };
}

/** Two streets with a neighbourhood each, two vendors, a maintenance unit and the modules of the types above. */
export async function seedTestOrganisations(db: Database): Promise<void> {
  await sql(db.autocommit).script(`
    insert into org (id, parent_id, kind, level, name) values
      ('city', null, 'area', 1, '市'), ('district', 'city', 'area', 2, '区'),
      ('street-a', 'district', 'area', 3, '甲街道'), ('street-b', 'district', 'area', 3, '乙街道'),
      ('hood-a', 'street-a', 'area', 5, '甲一居'), ('hood-b', 'street-b', 'area', 5, '乙一居');
    insert into org (id, kind, name) values ('fixers', 'maintenance', '维保公司');
    insert into vendor (id, name) values ('acme', '甲厂'), ('globex', '乙厂');
    insert into site (id, name, org_id) values ('site-a', '一号厢房', 'hood-a');
    insert into module (id, name_zh, name_en) values
      ('video', '视频监控', 'Video'), ('charging', '充电设施', 'Charging'), ('garbage', '垃圾分类', 'Garbage')
      on conflict do nothing;
  `);
}
