import type { DeviceKey } from '../../domain/device.ts';
import type { Decision } from '../../domain/health.ts';
import type { IncidentRow } from '../../domain/health-rows.ts';
import type { Tx } from '../../domain/tx.ts';
import type { SettleContext } from '../context.ts';
import { casesOf, isRecent, LONGEST_WINDOW_MS, windowOf } from './cases.ts';
import { followLinks, joinLive } from './links.ts';
import { massOf, tellOfMass } from './mass.ts';
import type { Scene } from './scene.ts';
import { findSharedCauses } from './statistics.ts';
import { writeGroups } from './write.ts';

/** What became of held offline incidents that are due. */
export interface Grouped {
  /** Nothing is decided before these paths of ours were tested. */
  readonly test: readonly string[];
  /** How long devices of a path that was frozen have to come back, milliseconds. */
  readonly windowMs: number;
  /** Devices that a group speaks for; their incidents are written. */
  readonly spokenFor: ReadonlySet<DeviceKey>;
  /** Devices that are decided later. */
  readonly waiting: ReadonlySet<DeviceKey>;
  readonly decisions: readonly Decision[];
}

/**
 * Looks at all devices that fell silent together, not only at those that are due: a link that is down explains what hangs
 * on it, then numbers speak. Writes the groups and their members.
 */
export async function groupDue(
  context: SettleContext,
  tx: Tx,
  due: readonly IncidentRow[],
  at: number,
): Promise<Grouped> {
  const holdMs = context.groupHoldMs();
  const rows = await context.groups.silent(tx, at - holdMs - LONGEST_WINDOW_MS);
  const cases = casesOf(context, rows);
  const windowMs = windowOf(cases, holdMs);
  const frozen = new Set(context.ownPaths.frozen().map(({ path }) => path));
  const recent = cases.filter((one) => !frozen.has(one.row.path) && isRecent(one, at, holdMs, windowMs));
  const nothing = { windowMs, spokenFor: new Set<DeviceKey>(), waiting: new Set<DeviceKey>(), decisions: [] };

  const mass = await massOf({ context, tx }, recent);
  const unknown = mass?.paths.filter((path) => context.ownPaths.verdict(path) === undefined) ?? [];
  if (unknown.length > 0) return { ...nothing, test: unknown };

  const scene: Scene = {
    context,
    tx,
    at,
    holdMs,
    recent,
    left: new Map(
      recent
        .filter(({ row, quiet, spokenFor }) => row.state === 'held' && quiet.length === 0 && spokenFor === null)
        .map((one) => [one.row.device, one]),
    ),
    live: await context.groups.live(tx),
    joins: [],
    found: [],
    waiting: new Set(),
  };
  await joinLive(scene);
  await followLinks(scene);
  await findSharedCauses(scene);
  if (mass?.everywhere) tellOfMass(scene, mass);

  const { spokenFor, decisions } = await writeGroups(scene);
  const dueDevices = new Set(due.map(({ device }) => device));
  const waiting = new Set([...scene.waiting].filter((device) => dueDevices.has(device) && !spokenFor.has(device)));
  return { test: [], windowMs, spokenFor, waiting, decisions };
}
