import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Mosquitto, mosquittoHere, startMosquitto } from '../../adapters/mqtt/test-support/mosquitto.ts';
import { login } from '../../tools/simulator/api-client.ts';
import { createRtspServer, type RtspServer } from '../../tools/simulator/rtsp/server.ts';
import { type Database, sql } from '../src/store/database.ts';
import { createMember, type Member } from './support/cluster.ts';
import { createTestDatabase, POSTGRES_MISSING, type TestDatabase } from './support/databases.ts';
import { accountingOf, storageFaults } from './support/exactly-once.ts';
import { presetSettings, registerFleet } from './support/fleet-devices.ts';
import { type Fleet, startFleet } from './support/load.ts';
import { until } from './support/until.ts';

const DEVICES = 12;
const SILENT = 'p0';
/** Shorter than a restart: a gateway that took its own deaths for silence would file faults. */
const POLICY = { interval: 1_000, offlineAfter: 6_000, hold: 2_000 };
const FAILOVER_MS = 10_000;
const CAMERA_LOGIN = { username: 'viewer', password: 'Camera-1' };
const PASSWORDS = ['Whole-path-2026!', 'Whole-path-2027!'] as const;

let database: TestDatabase;
let db: Database;
let broker: Mosquitto;
let camera: RtspServer;
let fleet: Fleet;
const members: Record<'ingest1' | 'ingest2' | 'monitor1' | 'monitor2' | 'api1' | 'api2' | 'video', Member> =
  {} as never;
const { CGW_TEST_REPORT: report } = process.env;

const rows = async <R extends object>(text: string, params: unknown[] = []) =>
  (await sql(db.autocommit).query<R>(text, params)).rows;
const leader = async () =>
  (await rows<{ node: string; epoch: number }>('select node, epoch::int as epoch from leadership'))[0];
const tokenAt = async (member: Member) => {
  await login(member.base, 'admin', ...PASSWORDS);
  const answer = await fetch(`${member.base}/api/v1/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'admin', password: PASSWORDS[1] }),
  });
  return ((await answer.json()) as { token: string }).token;
};

describe.skipIf(POSTGRES_MISSING !== undefined || !mosquittoHere)('a gateway of seven processes', () => {
  let token: string;
  const ask = (member: Member, path: string, body?: object) =>
    fetch(`${member.base}/api/v1${path}`, {
      headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { method: 'POST', body: JSON.stringify(body) }),
    });
  const acknowledgedMore = (by: number) => {
    const before = fleet.acked.size;
    return until('the devices are acknowledged', () => fleet.acked.size > before + by);
  };
  /** Another process works as before, and the one that was killed comes back to it. */
  const killAndRestart = async (victim: Member, meanwhile?: () => Promise<void>) => {
    await victim.kill();
    await meanwhile?.();
    await acknowledgedMore(20);
    await victim.start();
    await acknowledgedMore(20);
  };

  beforeAll(async () => {
    [database, broker] = await Promise.all([createTestDatabase('postgres'), startMosquitto()]);
    db = database.db;
    await presetSettings(db, { groupHold: '0s' });
    const logins = await registerFleet(db, { prefix: 'p', count: DEVICES, healthPolicy: POLICY });
    camera = createRtspServer({ cameras: [{ path: '/gate', login: CAMERA_LOGIN, picture: 'plain', label: 'GATE' }] });
    await camera.start();
    const options = { databaseUrl: database.url ?? '', mqttUrl: broker.url };
    for (const [name, roles] of [
      ['monitor1', 'monitor'],
      ['api1', 'api'],
      ['ingest1', 'ingest'],
      ['ingest2', 'ingest'],
      ['monitor2', 'monitor'],
      ['api2', 'api'],
      ['video', 'video'],
    ] as const) {
      members[name] = await createMember(name, roles, options);
    }
    const all = Object.values(members);
    for (let at = 0; at < all.length; at += 2) await Promise.all(all.slice(at, at + 2).map((member) => member.start()));
    token = await tokenAt(members.api1);
    const connection = { protocol: 'rtsp', url: camera.camera('/gate').url, ...CAMERA_LOGIN };
    const device = { id: 'gate', type: 'generic/camera', name: '东门', module: 'charging', connection };
    expect((await ask(members.api1, '/devices', device)).status).toBe(201);
    fleet = startFleet({ port: () => broker.port, logins, intervalMs: 200, redeliver: true });
    await acknowledgedMore(100);
  });
  afterAll(async () => {
    fleet?.stop();
    await Promise.all(Object.values(members).map((member) => member.remove()));
    await Promise.all([broker?.stop(), camera?.stop()]);
    await database?.close();
  });

  it('loses, doubles and misjudges nothing while each of them is killed in turn', { timeout: 240_000 }, async () => {
    const { ingest1, ingest2, api1, api2, video } = members;
    fleet.silence(SILENT);

    for (const victim of [ingest1, ingest2]) {
      const other = victim === ingest1 ? ingest2 : ingest1;
      await killAndRestart(victim, () =>
        until('the other one stores', async () => {
          const { ended } = accountingOf(await other.running().metrics());
          return ended > 0;
        }).then(() => undefined),
      );
    }

    const before = await leader();
    const monitors = await Promise.all(
      [members.monitor1, members.monitor2].map(async (member) => ({ member, id: await member.id() })),
    );
    const leading = monitors.find(({ id }) => id === before?.node)?.member ?? members.monitor1;
    const standingBy = leading === members.monitor1 ? members.monitor2 : members.monitor1;
    let failoverMs = 0;
    await killAndRestart(leading, async () => {
      const killedAt = performance.now();
      await until('another process leads', async () => (await leader())?.epoch !== before?.epoch);
      failoverMs = performance.now() - killedAt;
    });
    expect(failoverMs).toBeLessThan(FAILOVER_MS);
    expect((await leader())?.node).toBe(await standingBy.id());
    // What restarting is has been seen of its twin.
    await standingBy.kill();
    await acknowledgedMore(20);

    await killAndRestart(api1, async () => {
      expect((await ask(api2, '/devices?limit=1')).status).toBe(200);
    });
    await api2.kill();
    expect((await ask(api1, '/devices?limit=1')).status).toBe(200);

    await killAndRestart(video, async () => {
      const missing = await until('it is missed', async () => {
        const answer = await ask(api1, '/cameras/gate/snapshot.jpg');
        return answer.status === 503 && answer;
      });
      expect(await missing.json()).toMatchObject({ code: 'NODE_AWAY', retry: true });
    });

    const tickets = () =>
      rows<{ id: string; fault: string; n: number }>(
        `select d.id, t.fault, count(*)::int as n from ticket t
         join ticket_device td on td.ticket_id = t.id join device d on d.key = td.device group by 1, 2`,
      );
    await until('the silence is a ticket', async () => (await tickets()).length > 0);
    expect(await tickets()).toEqual([{ id: SILENT, fault: 'offline', n: 1 }]);

    fleet.pause();
    await until('everything is acknowledged', () => fleet.unacknowledged === 0);
    let faults: string[] = [];
    await until('everything is stored', async () => {
      faults = await storageFaults(db, fleet);
      return faults.length === 0;
    }).catch(() => expect(faults.slice(0, 10)).toEqual([]));
    if (report) console.log({ sent: fleet.sent, acked: fleet.acked.size, redelivered: fleet.redelivered, failoverMs });

    for (const member of [ingest1, ingest2]) {
      const { taken, ended, spooled } = accountingOf(await member.running().metrics());
      expect({ name: member.name, ended, spooled }).toEqual({ name: member.name, ended: taken, spooled: 0 });
    }
    const [ledger] = await rows<Record<string, number>>(
      `select sum(drained)::int as drained, sum(stored + duplicate + rejected + quarantined + lost)::int as ended,
         sum(stored)::int as stored, sum(rejected + quarantined + lost)::int as refused from ingest_ledger`,
    );
    expect(ledger).toMatchObject({ ended: ledger?.drained, refused: 0 });
    expect(ledger?.stored).toBeGreaterThanOrEqual(fleet.acked.size);
  });

  it('shows a camera through a process that does not own it', { timeout: 90_000 }, async () => {
    const { api1, ingest1 } = members;
    const picture = await until('a picture', async () => {
      const answer = await ask(ingest1, '/cameras/gate/snapshot.jpg');
      return answer.ok && answer;
    });
    expect(picture.headers.get('content-type')).toBe('image/jpeg');
    const opened = await ask(api1, '/cameras/gate/live', { purpose: '查看路口' });
    const { url } = (await opened.json()) as { url: string };
    expect(opened.status).toBe(200);
    // Another door to the same view: every process has one.
    const list = await fetch(`${ingest1.base}${url}`, { headers: { authorization: `Bearer ${token}` } });
    expect({ status: list.status, text: (await list.text()).split('\n')[0] }).toEqual({ status: 200, text: '#EXTM3U' });
  });

  it('brings in what a dead ingest process kept', { timeout: 90_000 }, async () => {
    const { ingest2 } = members;
    const id = await ingest2.id();
    await ingest2.kill();
    const { code, output } = await ingest2.adopt();
    expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining('入库') });
    expect(
      await rows('select left_at is not null as left, undrained::int as undrained from node where id = $1', [id]),
    ).toEqual([{ left: true, undrained: 0 }]);
  });
});
