import type { DeviceBrief, DeviceKey } from '../../domain/device.ts';
import type { GroupKey } from '../../domain/grouping.ts';
import type { SettleContext } from '../context.ts';
import { suppressions } from '../incidents.ts';
import { isJudged } from '../judge.ts';
import { policyOf } from '../learning.ts';
import { typeOf } from '../ports.ts';
import type { SilentRow } from './ports.ts';

/** Nothing is looked back upon longer than this, however slowly devices speak. */
export const LONGEST_WINDOW_MS = 3_600_000;

/** A silent device as grouping sees it. */
export interface Case {
  readonly row: SilentRow;
  readonly brief: DeviceBrief;
  /** Silence that confirmed it, milliseconds. */
  readonly timeout: number;
  /** Its own reasons to make no ticket; such a device is kept out of every group. */
  readonly quiet: readonly string[];
  /** The group that speaks for it already. */
  readonly spokenFor: string | null;
  /** What it shares by its labels and places, most particular first. */
  readonly keys: readonly GroupKey[];
}

const GROUP = 'group:';

export function casesOf(context: SettleContext, rows: readonly SilentRow[]): Case[] {
  return rows.flatMap((row) => {
    const brief = context.directory.get(row.device);
    if (!isJudged(brief) || row.returning) return [];
    const fault = { fault: 'offline', reason: row.reason, openedAt: row.at, lifeSafety: false };
    const memory = context.memory.get(row.device);
    const policy = memory && policyOf(memory, typeOf(context.types, brief), brief);
    const group = row.suppressed.find((reason) => reason.startsWith(GROUP));
    return [
      {
        row,
        brief,
        timeout: Math.min(policy?.offlineAfter ?? context.groupHoldMs(), LONGEST_WINDOW_MS),
        quiet: suppressions(brief, fault, context),
        spokenFor: group === undefined ? null : group.slice(GROUP.length),
        keys: keysOf(row),
      },
    ];
  });
}

function keysOf({ siteId, orgId, vendorId, feed, uplink }: SilentRow): GroupKey[] {
  const keys: GroupKey[] = [];
  if (feed !== null) keys.push({ kind: 'powerFeed', id: `${siteId ?? ''}/${feed}` });
  if (uplink !== null) keys.push({ kind: 'uplink', id: uplink });
  if (siteId !== null) keys.push({ kind: 'site', id: siteId });
  if (vendorId !== null) keys.push({ kind: 'vendor', id: vendorId });
  if (orgId !== null) keys.push({ kind: 'org', id: orgId });
  return keys;
}

/** W: the hold, or the median of what confirms these devices, whichever is longer. */
export function windowOf(cases: readonly Pick<Case, 'timeout'>[], holdMs: number): number {
  const timeouts = cases.map(({ timeout }) => timeout).sort((a, b) => a - b);
  return Math.max(holdMs, timeouts[timeouts.length >> 1] ?? 0);
}

/** Whether a device fell silent together with those that are decided now; what is held is by itself undecided. */
export function isRecent({ row }: Case, at: number, holdMs: number, windowMs: number): boolean {
  return row.state === 'held' || row.at >= at - holdMs - windowMs;
}

/** All devices on the way from a device to the root, nearest first. */
export function ancestorsOf(context: SettleContext, brief: DeviceBrief): DeviceKey[] {
  const chain: DeviceKey[] = [];
  for (let key = brief.parentKey; key !== null && !chain.includes(key) && key !== brief.key; ) {
    chain.push(key);
    key = context.directory.get(key)?.parentKey ?? null;
  }
  return chain;
}
