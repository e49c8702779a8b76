import { createManualClock } from '../../../src/clock.ts';
import { SYSTEM } from '../../../src/domain/actor.ts';
import type { DeviceBrief } from '../../../src/domain/device.ts';
import type { MessageEvidence } from '../../../src/domain/evidence.ts';
import type { Notice } from '../../../src/domain/notice.ts';
import type { RuleInput } from '../../../src/notify/notifications.ts';
import { sql } from '../../../src/store/database.ts';
import { emptyTables } from '../empty-tables.ts';
import { type Composition, compose, type Surroundings, type World } from './composition.ts';
import { type Listener, listen } from './receivers.ts';

/** Monday, 09:00 in Shanghai. */
export const MONDAY = Date.UTC(2026, 10, 23, 1);
/** Shorter than a stall of the process (15 s), so that time goes on for the monitor. */
const SLICE_MS = 10_000;
const PACE_MS = 30_000;
const SLOW_MS = 60_000;

export interface StreetPlan {
  /** Devices by site: `{ a: 15 }` makes `a-1` … `a-15`. */
  readonly sites?: Readonly<Record<string, number>>;
  /** Devices that share nothing with anybody: `alone-1` … */
  readonly alone?: number;
  /** How often every device speaks, ms. */
  readonly speaksEvery?: number;
  /** Per device: its own policy. */
  readonly healthPolicy?: DeviceBrief['healthPolicy'];
  /** Channels by name and their rules; `duty` hears of the beginning and end of everything unless told otherwise. */
  readonly channels?: Readonly<Record<string, Omit<RuleInput, 'channelId'> & { readonly kind?: string }>>;
  readonly around?: Surroundings['around'];
  /** Gateways on the one database. */
  readonly gateways?: number;
  /** How far the clock goes between two sweeps, ms. */
  readonly pace?: number;
}

/** A notice as its receiver got it, by the clock of the test. */
export interface Heard {
  readonly channel: string;
  readonly at: number;
  readonly key: string;
  readonly title: string;
  readonly text: string;
  readonly notice: Notice | undefined;
}

const TABLES = ['device', 'site', 'incident', 'ticket', 'ticket_number', 'observed_clock', 'blind_interval'];
const MORE = ['outbox', 'notification_rule', 'notification_channel', 'notice_trace', 'quiet_time', 'quiet_place'];

/** A street of devices, the gateways that care for it and everybody who is told, with one clock moved by hand. */
export async function createStreet(world: World, plan: StreetPlan = {}) {
  const { store } = world;
  const query = sql(store.db.autocommit).query;
  await emptyTables(store.db, ...TABLES, ...MORE);
  await addDevices(world, plan);

  const clock = createManualClock(MONDAY);
  const heard: Heard[] = [];
  const listeners: Listener[] = [];
  const silent = new Set<string>();
  const values = new Map<string, MessageEvidence['values']>();
  let brokerBroken = false;
  let gateways: Composition[] = [];
  let nextWord = clock.now();
  let lastSlow = 0;
  let pace = plan.pace ?? PACE_MS;

  const begin = () =>
    compose(world, clock, {
      sing: async () => {
        if (brokerBroken) throw new Error('broker: no answer');
        return 3;
      },
      ...(plan.around ? { around: plan.around } : {}),
    });
  const one = (): Composition => {
    const [first] = gateways;
    if (!first) throw new Error('no gateway runs');
    return first;
  };

  async function start(count = plan.gateways ?? 1): Promise<void> {
    gateways = Array.from({ length: count }, begin);
    for (const gateway of gateways) await gateway.start();
  }

  function note(channel: string, body: string, key: string): void {
    const said = JSON.parse(body) as { id?: string; title?: string; text?: string; notice?: Notice };
    const text = typeof said.text === 'string' ? said.text : body;
    heard.push({ channel, at: clock.now(), key: said.id ?? key, title: said.title ?? '', text, notice: said.notice });
  }

  await start();
  for (const [name, { kind = 'webhook', ...rule }] of Object.entries(
    plan.channels ?? { duty: { events: ['firing', 'resolved'] } },
  )) {
    const listener = await listen(kind, (body, key) => note(name, body, key));
    listeners.push(listener);
    const { config, secret } = listener;
    const { channel } = await one().notifications.createChannel(SYSTEM, {
      ...{ name, kind, config },
      ...(secret === '' ? {} : { secret }),
    });
    await one().notifications.createRule(SYSTEM, { channelId: channel.id, ...rule });
  }

  const key = (id: string): number => {
    const found = one().registry.directory.byId(id);
    if (!found) throw new Error(`no device ${id}`);
    return found.key;
  };

  function say(id: string, more: Partial<MessageEvidence> = {}): void {
    const receivedAt = clock.now();
    const evidence = {
      device: key(id),
      path: 'mqtt',
      receivedAt,
      late: false,
      values: values.get(id) ?? {},
      events: [],
    };
    for (const gateway of gateways) gateway.monitor.observe([{ ...evidence, ...more }]);
  }

  function speak(): void {
    const every = plan.speaksEvery ?? 30_000;
    if (clock.now() < nextWord) return;
    nextWord = clock.now() + every;
    const receivedAt = clock.now();
    const evidence = [...one().registry.directory.all()]
      .filter(({ id }) => !silent.has(id))
      .map(({ id, key: device }) => ({
        ...{ device, path: 'mqtt', receivedAt, late: false, events: [] },
        values: values.get(id) ?? { totalPower: 40, gridVoltage: 230, cabinetTemp: 20 },
      }));
    for (const gateway of gateways) gateway.monitor.observe(evidence);
  }

  /** What the gateway does every few seconds. */
  async function work(): Promise<void> {
    const slow = clock.now() - lastSlow >= SLOW_MS;
    if (slow) lastSlow = clock.now();
    await Promise.all(
      gateways.map(async (gateway) => {
        await gateway.monitor.sweep();
        await gateway.monitor.flush();
        if (slow) {
          await gateway.tendRules();
          await gateway.quiet.sweep();
          await gateway.tickets.sweep();
          await gateway.watchdog();
        }
        await gateway.insistence.look();
      }),
    );
    await deliver();
  }

  async function outboxCount(state: string): Promise<number> {
    const { rows } = await query<{ n: number }>('select count(*)::int as n from outbox where state = $1', [state]);
    return rows[0]?.n ?? 0;
  }

  /** Lets the sender hand over what may go out now. */
  async function deliver(): Promise<void> {
    const waiting = async () => {
      const { rows } = await query<{ n: number }>(
        `select count(*)::int as n from outbox where state = 'pending' and next_at <= to_timestamp($1 / 1000.0)`,
        [clock.now()],
      );
      return rows[0]?.n ?? 0;
    };
    let left = await waiting();
    if (left === 0) return;
    for (const gateway of gateways) gateway.sender.kick();
    // What a limit of the platform keeps back stays; nothing else takes so long.
    for (let still = 0; left > 0 && still < 20; still += 1) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      const now = await waiting();
      if (now < left) still = 0;
      left = now;
    }
  }

  return {
    clock,
    heard,
    query,
    key,
    say,
    outboxCount,
    get now() {
      return clock.now() - MONDAY;
    },
    get gateways() {
      return gateways;
    },
    get gateway() {
      return one();
    },
    silence: (...ids: string[]) => {
      for (const id of ids) silent.add(id);
    },
    speaks: (...ids: string[]) => {
      for (const id of ids) silent.delete(id);
    },
    values: (id: string, said: MessageEvidence['values']) => {
      values.set(id, said);
    },
    /** An event of a device, now or from its memory. */
    event(id: string, code: string, more: { late?: boolean; time?: number; lifeSafety?: boolean } = {}): void {
      const receivedAt = clock.now();
      const { late = false, time = receivedAt, lifeSafety = true } = more;
      const severity = lifeSafety ? 'critical' : 'major';
      say(id, { late, events: [{ device: key(id), code, time, receivedAt, severity, lifeSafety, data: {} }] });
    },
    pace(ms: number): void {
      pace = ms;
    },
    breakBroker(broken: boolean): void {
      brokerBroken = broken;
    },
    /** Moves on to a time after the start. */
    async until(ms: number): Promise<void> {
      while (clock.now() - MONDAY < ms) {
        let left = Math.min(pace, ms - (clock.now() - MONDAY));
        while (left > 0) {
          clock.advance(Math.min(SLICE_MS, left));
          left -= SLICE_MS;
          for (const { monitor } of gateways) monitor.observe([]);
          speak();
        }
        await work();
      }
    },
    /** `kill -9`, and another start so long after. */
    async crash(downMs: number): Promise<void> {
      const count = gateways.length;
      await Promise.all(gateways.map((gateway) => gateway.kill()));
      clock.advance(downMs);
      await start(count);
    },
    /** An orderly stop and another start. */
    async restart(downMs: number): Promise<void> {
      const count = gateways.length;
      for (const gateway of gateways) await gateway.stop();
      clock.advance(downMs);
      await start(count);
    },
    async close(): Promise<void> {
      await Promise.all(gateways.map((gateway) => gateway.kill()));
      await Promise.all(listeners.map((listener) => listener.stop()));
    },
  };
}

export type Street = Awaited<ReturnType<typeof createStreet>>;

async function addDevices(world: World, plan: StreetPlan): Promise<void> {
  const { query } = sql(world.store.db.autocommit);
  const sites = Object.entries(plan.sites ?? {});
  await query('insert into site (id, name) select s, s from unnest($1::text[]) s', [sites.map(([site]) => site)]);
  const devices = [
    ...sites.flatMap(([site, count]) => numbered(site, count).map((id) => ({ id, site }))),
    ...numbered('alone', plan.alone ?? 0).map((id) => ({ id, site: null })),
  ];
  await query(
    `insert into device (id, type, name, lifecycle, module, site_id, health_policy)
     select id, 'generic/ebike-charger', id, 'active', 'charging', site, $3::jsonb
     from unnest($1::text[], $2::text[]) as d (id, site)`,
    [
      devices.map(({ id }) => id),
      devices.map(({ site }) => site),
      plan.healthPolicy ? JSON.stringify(plan.healthPolicy) : null,
    ],
  );
}

export function numbered(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, n) => `${name}-${n + 1}`);
}
