import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, ENGINES, type TestDatabase } from '../../../test/support/databases.ts';
import { emptyTables } from '../../../test/support/empty-tables.ts';
import { addDevices } from '../../../test/support/monitor.ts';
import { testActor } from '../../../test/support/registry.ts';
import { createManualClock } from '../../clock.ts';
import type { AuditEntry } from '../../domain/audit.ts';
import type { DeviceBrief } from '../../domain/device.ts';
import { createLogger } from '../../log.ts';
import { createAlarmRuleStore } from '../../store/alarm-rules.ts';
import { loadDeviceTypes } from '../device-types.ts';
import { type AlarmRuleInput, type AlarmRules, createAlarmRules } from './alarm-rules.ts';

const ADMIN = testActor();
const LEAD = testActor('lead');
const TYPE = 'generic/garbage-room';

describe.each(ENGINES)('alarm rules on %s', (engine) => {
  let database: TestDatabase;
  let rules: AlarmRules;
  let device: DeviceBrief;
  const audited: AuditEntry[] = [];
  const clock = createManualClock();
  const readings = new Map<string, [number, number][]>();

  beforeAll(async () => {
    database = await createTestDatabase(engine);
    const [made] = await addDevices(database.db, 1, TYPE);
    if (!made) throw new Error('no device');
    device = made;
    rules = createAlarmRules({
      db: database.db,
      store: createAlarmRuleStore(),
      audit: { append: async (_tx, entries) => void audited.push(...entries) },
      clock,
      log: createLogger('silent'),
      types: await loadDeviceTypes('device-schemas'),
      directory: { byId: (id) => (id === device.id ? device : undefined) },
      series: () => ({
        latest: async () => [...readings.keys()].map((metric) => ({ metric })),
        query: async ({ metrics = [] }) => ({
          series: metrics.map((metric) => ({ metric, points: readings.get(metric) ?? [] })),
          nextCursor: null,
        }),
      }),
      onChange: () => undefined,
    });
  });
  beforeEach(async () => {
    await emptyTables(database.db, 'alarm_rule');
    await rules.refresh(true);
  });
  afterAll(() => database.close());

  const onDevice = (over: Partial<AlarmRuleInput>): AlarmRuleInput => ({
    scope: { kind: 'device', id: device.id },
    code: 'nh3High',
    reason: '夏季',
    ...over,
  });
  const whenOf = (code: string) => rules.types.of(device)?.alarms.find((rule) => rule.code === code)?.when.text;

  it('an override holds at once, is shown with where it comes from, and goes with the rule', async () => {
    const row = await rules.create(ADMIN, onDevice({ when: 'nh3 > 3', clear: 'nh3 < 2' }));
    expect(whenOf('nh3High')).toBe('nh3 > 3');
    const shown = (await rules.ofDevice(ADMIN, device.id)).find(({ code }) => code === 'nh3High');
    expect(shown).toMatchObject({ when: 'nh3 > 3', ofType: true, sources: [{ id: row.id, scope: 'device' }] });
    await rules.update(ADMIN, row.id, { enabled: false, reason: '检修' });
    expect(whenOf('nh3High')).toBeUndefined();
    await rules.remove(ADMIN, row.id, '不再需要');
    expect(whenOf('nh3High')).toBe('nh3 > 1.5');
    expect(audited.map(({ action }) => action)).toEqual(['create', 'update', 'remove']);
  });

  it('an alarm of two devices has the name of its rule, whichever of them stands first', async () => {
    const title = { zh: '传感器故障（非断电）', en: 'Sensor fault, not power' };
    const pair: AlarmRuleInput['pair'] = {
      own: { state: 'offline' },
      other: { deviceType: 'generic/camera', state: 'online' },
    };
    await rules.create(ADMIN, onDevice({ code: 'sensorFault', severity: 'minor', title, pair }));
    expect(rules.titleOf(['camera-1', device.id], 'sensorFault')).toEqual(title);
    expect(rules.titleOf([device.id, 'camera-1'], 'sensorFault')).toEqual(title);
    expect(rules.titleOf(['camera-1'], 'sensorFault')).toBeUndefined();
  });

  it('one place has one rule of a code', async () => {
    await rules.create(ADMIN, onDevice({ severity: 'major' }));
    await expect(rules.create(ADMIN, onDevice({ severity: 'minor' }))).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('a lead lowers nothing about life and limb; an administrator may, and only one takes it back', async () => {
    const off = onDevice({ code: 'smoke', enabled: false });
    await expect(rules.create(LEAD, off)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await rules.create(LEAD, onDevice({ code: 'smoke', advice: { zh: '拨打 119', en: 'call' } }));
    expect(whenOf('smoke')).toBe('smoke == true');
    await emptyTables(database.db, 'alarm_rule');
    const row = await rules.create(ADMIN, off);
    expect(row.safetyApproved).toBe(true);
    expect(whenOf('smoke')).toBeUndefined();
    await expect(rules.remove(LEAD, row.id, '恢复')).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(rules.create(ADMIN, onDevice({ code: 'hot', forMs: 0, when: 'heat > 1' }))).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    });
  });

  it.each<[Partial<AlarmRuleInput>, string]>([
    [{ when: 'nh3 >' }, '/when'],
    [{ when: 'rate(smoke, 10m) > 1' }, '/when'],
    [{ code: 'offline', severity: 'minor' }, '/code'],
    [{ code: 'overflow2', when: 'nh3 > 1' }, '/title'],
    [{ code: 'cleared', when: 'nh3 > 1' }, '/when'],
    [{ code: 'smoke', forMs: 1_000 }, '/for'],
    [{}, ''],
  ])('%j is refused at %s', async (over, path) => {
    const error = await rules.create(ADMIN, onDevice(over)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'INVALID_INPUT',
      errors: expect.arrayContaining([expect.objectContaining({ path })]),
    });
  });

  it('a preview says when a rule would have been up in the last day', async () => {
    const from = clock.now() - 10 * 3_600_000;
    readings.set('nh3', [
      [from, 1],
      [from + 600_000, 4],
      [from + 1_800_000, 1],
    ]);
    const preview = await rules.preview(ADMIN, onDevice({ when: 'nh3 > 3', forMs: 600_000 }));
    expect(preview).toMatchObject({ total: 1, partial: false });
    expect(preview.devices[0]?.fired).toEqual([{ from: expect.any(Number), to: from + 1_800_000 }]);
    expect((preview.devices[0]?.fired[0]?.from ?? 0) - from).toBeGreaterThanOrEqual(1_200_000);
  });
});
