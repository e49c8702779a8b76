import { countOf } from '../domain/alarm-history.ts';
import type { PairRule, PairSide } from '../domain/alarm-rule.ts';
import type { DeviceBrief, DeviceKey } from '../domain/device.ts';
import { stepAlarm } from './alarms.ts';
import { isJudged } from './judge.ts';
import type { DeviceMemory, Memory } from './memory.ts';
import { type Directory, type TypeSource, typeOf } from './ports.ts';

/** Rules of two devices of one site: looked at when one of the two changes, never by going through all devices. */
export interface Pairs {
  /** Something of a device changed that a rule may look at. Cheap. */
  touched(device: DeviceKey): void;
  /** Rules changed, or the process has just begun. */
  all(): void;
  /** Looks at the sites of what was touched; devices whose alarms changed become dirty. */
  run(): void;
}

/** A site with more devices of paired types than this is looked at in part; a street's rooms have a handful. */
const MOST_OF_SITE = 500;

export function createPairs(options: {
  readonly memory: Memory;
  readonly directory: Directory;
  readonly types: TypeSource;
  readonly now: (path: string) => number;
  readonly wall: () => number;
  readonly dirty: Set<DeviceKey>;
  readonly pending: Set<DeviceKey>;
}): Pairs {
  const { memory, directory, types } = options;
  const sites = new Map<string, Set<DeviceKey>>();
  const placed = new Map<DeviceKey, string>();
  const changed = new Set<string>();

  function touched(key: DeviceKey): void {
    const brief = directory.get(key);
    const type = brief && typeOf(types, brief);
    const site = isJudged(brief) && (type?.pairs || type?.pairedEvents) ? brief.siteId : null;
    const before = placed.get(key);
    if (before !== undefined && before !== site) {
      sites.get(before)?.delete(key);
      placed.delete(key);
      changed.add(before);
    }
    if (site === null) return;
    const members = sites.get(site);
    if (members) members.add(key);
    else sites.set(site, new Set([key]));
    placed.set(key, site);
    changed.add(site);
  }

  function look(site: string): void {
    const members = [...(sites.get(site) ?? [])].slice(0, MOST_OF_SITE).flatMap((key) => {
      const brief = directory.get(key);
      const device = memory.get(key);
      return brief && device ? [{ brief, device }] : [];
    });
    for (const own of members) {
      for (const rule of typeOf(types, own.brief)?.pairs ?? []) step(own, rule, members);
    }
  }

  function step(
    own: { readonly brief: DeviceBrief; readonly device: DeviceMemory },
    rule: PairRule,
    members: readonly { readonly brief: DeviceBrief; readonly device: DeviceMemory }[],
  ): void {
    const others = members.filter(
      ({ brief, device }) => brief.type === rule.other.deviceType && device !== own.device && holds(device, rule.other),
    );
    const when = holds(own.device, rule.own) && others.length > 0;
    const { device } = own;
    const is = stepAlarm(
      device,
      rule,
      { when, clear: !when, wall: options.wall(), now: options.now(device.path) },
      () => ({
        when: `${told(rule.own)} + ${rule.other.deviceType} ${told(rule.other)}`,
        devices: [own.brief.id, ...others.map(({ brief }) => brief.id)],
        with: others.slice(0, 10).map(({ brief }) => brief.key),
        // What is silent while its neighbour is alive is told once, as what it is.
        ...('state' in rule.own && rule.own.state === 'offline' ? { covers: 'offline' } : {}),
      }),
    );
    if (!is) return;
    if (is.phase === 'pending') options.pending.add(device.key);
    options.dirty.add(device.key);
  }

  function holds(device: DeviceMemory, side: PairSide): boolean {
    if ('alarm' in side) return device.alarms?.get(side.alarm)?.state === 'active';
    if ('event' in side) {
      return countOf(device.history?.watches.get(side.event), options.now(device.path), side.withinMs) > 0;
    }
    const dead = device.linkBad || (device.probe?.bad ?? false);
    if (side.state === 'offline') return dead;
    return !dead && ((device.linkKnown && !device.linkTroubled) || (device.probe?.ok ?? false));
  }

  return {
    touched,
    all() {
      for (const { key } of memory.all()) touched(key);
    },
    run() {
      const now = [...changed];
      changed.clear();
      for (const site of now) look(site);
    },
  };
}

function told(side: PairSide): string {
  if ('alarm' in side) return side.alarm;
  return 'event' in side ? side.event : side.state;
}
