import { type AlarmRuleRow, byPrecedence, concerns, effectiveRules } from '../../domain/alarm-rule.ts';
import type { DeviceBrief } from '../../domain/device.ts';
import type { DeviceType } from '../../domain/device-type/types.ts';
import type { AlarmRuleDeps, RuledType } from './ports.ts';

/** More are not kept in memory; the newest go first. */
const MOST = 20_000;

/** The rules of every device, asked on the ingest path: a few look-ups by key, and only where its type has rules at all. */
export interface AlarmRuleMemory {
  /** The device's type with its rules laid over it; the type itself where there are none. */
  of(device: DeviceBrief): RuledType | undefined;
  /** The rules that are about a device, widest first. */
  rulesOf(device: DeviceBrief): readonly AlarmRuleRow[];
  /** What a rule calls its alarm. */
  titleOf(device: DeviceBrief | undefined, code: string): AlarmRuleRow['title'] | undefined;
  /** Reads what changed; `true` = whether or not something did. Organisations move, so it is made anew now and then. */
  refresh(anew?: boolean): Promise<void>;
}

/** Rules of one device type by what they hang on. */
interface Index {
  readonly type: AlarmRuleRow[];
  readonly module: Map<string, AlarmRuleRow[]>;
  readonly org: Map<string, AlarmRuleRow[]>;
  readonly site: Map<string, AlarmRuleRow[]>;
  readonly device: Map<string, AlarmRuleRow[]>;
}

const ANEW_MS = 60_000;

export function createAlarmRuleMemory({
  db,
  store,
  types,
  log,
  clock,
  onChange,
}: Pick<AlarmRuleDeps, 'db' | 'store' | 'types' | 'log' | 'clock' | 'onChange'>): AlarmRuleMemory {
  let indexes = new Map<string, Index>();
  let paired = new Map<string, Set<string>>();
  let above: ReadonlyMap<string, ReadonlySet<string>> = new Map();
  let known = new WeakMap<DeviceBrief, { readonly base: DeviceType; readonly type: RuledType }>();
  /** One compiled type for all devices under the same rules. */
  let compiled = new Map<string, { readonly base: DeviceType; readonly type: RuledType }>();
  let mark: string | null = null;
  let readAt = Number.NEGATIVE_INFINITY;
  let turn: Promise<void> = Promise.resolve();

  function rulesOf(device: DeviceBrief): readonly AlarmRuleRow[] {
    const index = indexes.get(device.type);
    if (!index) return [];
    const found = [...index.type];
    const take = (rows: readonly AlarmRuleRow[] | undefined) => {
      if (rows) found.push(...rows);
    };
    if (device.module !== null) take(index.module.get(device.module));
    if (device.orgId !== null && index.org.size > 0) {
      for (const root of above.get(device.orgId) ?? []) take(index.org.get(root));
    }
    if (device.siteId !== null) take(index.site.get(device.siteId));
    take(index.device.get(device.id));
    return found.filter((row) => concerns(row, device, isBelow)).sort(byPrecedence);
  }

  const isBelow = (orgId: string, root: string) => above.get(orgId)?.has(root) ?? false;

  function lay(base: DeviceType, rows: readonly AlarmRuleRow[]): RuledType {
    const events = paired.get(base.id);
    if (rows.length === 0 && !events) return base;
    const key = `${base.id}|${rows.map(({ id }) => id).join()}`;
    const before = compiled.get(key);
    if (before?.base === base) return before.type;
    const { alarms, events: ruled, pairs } = effectiveRules(base, rows);
    const type: RuledType = {
      ...base,
      alarms,
      events: ruled,
      alarmMetrics: [...new Set(alarms.flatMap(({ when, clear }) => [...when.metrics, ...clear.metrics]))],
      ...(pairs.length > 0 ? { pairs } : {}),
      ...(events ? { pairedEvents: events } : {}),
    };
    compiled.set(key, { base, type });
    return type;
  }

  async function read(anew: boolean): Promise<void> {
    const now = clock.now();
    const fresh = await store.mark(db.autocommit);
    const changed = anew || fresh !== mark;
    if (!changed && now - readAt < ANEW_MS) return;
    const rows = await store.all(db.autocommit, MOST);
    if (rows.length === MOST) log.error({ most: MOST }, 'more alarm rules than are heeded');
    const roots = new Set(rows.filter(({ scope }) => scope === 'org').map(({ scopeId }) => scopeId));
    above = await store.above(db.autocommit, [...roots]);
    const next = new Map<string, Index>();
    const others = new Map<string, Set<string>>();
    for (const row of rows) {
      put(next, row);
      if (!row.pair) continue;
      const { other } = row.pair;
      const events = others.get(other.deviceType) ?? new Set();
      if ('event' in other) events.add(other.event);
      others.set(other.deviceType, events);
    }
    indexes = next;
    paired = others;
    known = new WeakMap();
    // What looks back is kept by compiled type: the same rules go on as the same.
    if (changed) compiled = new Map();
    mark = fresh;
    readAt = now;
    if (changed) onChange();
  }

  return {
    rulesOf,
    of(device) {
      const base = types.get(device.type);
      if (!base || (indexes.size === 0 && paired.size === 0)) return base;
      const before = known.get(device);
      if (before?.base === base) return before.type;
      const type = lay(base, rulesOf(device));
      known.set(device, { base, type });
      return type;
    },
    titleOf: (device, code) => device && rulesOf(device).findLast((row) => row.code === code && row.title)?.title,
    refresh(anew = false) {
      turn = turn.then(
        () => read(anew),
        () => read(anew),
      );
      return turn;
    },
  };
}

function put(indexes: Map<string, Index>, row: AlarmRuleRow): void {
  const index: Index = indexes.get(row.deviceType) ?? {
    type: [],
    module: new Map(),
    org: new Map(),
    site: new Map(),
    device: new Map(),
  };
  indexes.set(row.deviceType, index);
  if (row.scope === 'type') {
    index.type.push(row);
    return;
  }
  const map = index[row.scope];
  const rows = map.get(row.scopeId);
  if (rows) rows.push(row);
  else map.set(row.scopeId, [row]);
}
