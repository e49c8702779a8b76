import type { DeviceKey } from '../../domain/device.ts';
import { GROUP_KINDS } from '../../domain/grouping.ts';
import type { Decision } from '../../domain/health.ts';
import { incidentId } from '../incidents.ts';
import type { GroupRow, LiveGroup, Member } from './ports.ts';
import type { Found, Scene } from './scene.ts';
import { type Cause, causeNames, causeText } from './words.ts';

/** Writes what was found: groups, the incidents they speak for, members. Seven statements, whatever the numbers. */
export async function writeGroups(scene: Scene): Promise<{ spokenFor: Set<DeviceKey>; decisions: Decision[] }> {
  const { context, tx, at, found } = scene;
  const decisions: Decision[] = [];
  const names =
    found.length === 0
      ? new Map<string, string>()
      : await context.groups.names(
          tx,
          found.flatMap((one) => one.names),
        );
  const rows = found.map((one) => rowOf(scene, one, names));
  const inserted = await context.groups.open(tx, rows);
  // A group of the same key that somebody opened meanwhile takes the members in.
  const live = inserted.size === rows.length ? scene.live : await context.groups.live(tx);
  const idOf = new Map(live.map(({ key, id }) => [key, id]));
  for (const row of rows) if (inserted.has(row.id)) idOf.set(row.key, row.id);

  const wanted: Member[] = [
    ...scene.joins,
    ...found.flatMap(({ key, speaksFor }) => speaksFor.map((device) => ({ group: idOf.get(key) ?? '', device }))),
  ].filter(({ group }) => group !== '');
  const absorbed = await context.groups.absorb(tx, wanted);
  const others = found.flatMap(({ key, speaksFor, members }) => {
    const group = idOf.get(key) ?? '';
    const own = new Set(speaksFor);
    return group === '' ? [] : members.filter((device) => !own.has(device)).map((device) => ({ group, device }));
  });
  await context.groups.join(tx, [...absorbed, ...others], at);

  const byGroup = new Map<string, DeviceKey[]>();
  for (const { group, device } of absorbed) byGroup.set(group, [...(byGroup.get(group) ?? []), device]);
  for (const [index, row] of rows.entries()) {
    const one = found[index];
    if (one && inserted.has(row.id) && row.notified) decisions.push(decisionOf(row, one.members, one.ticket, at));
  }
  const grown = live.filter(({ id }) => byGroup.has(id) && !inserted.has(id));
  for (const group of await retell(scene, grown, byGroup)) {
    if (group.notified) decisions.push(decisionOf(group, byGroup.get(group.id) ?? [], true, at));
  }
  return { spokenFor: new Set(absorbed.map(({ device }) => device)), decisions };
}

/** A group that grew says so in its cause. */
async function retell(
  { context, tx }: Scene,
  grown: readonly LiveGroup[],
  byGroup: ReadonlyMap<string, readonly DeviceKey[]>,
): Promise<readonly GroupRow[]> {
  if (grown.length === 0) return [];
  const told = grown.map((group) => ({ group, cause: grownCause(group, byGroup.get(group.id)?.length ?? 0) }));
  const names = await context.groups.names(
    tx,
    told.flatMap(({ cause }) => cause ?? []),
  );
  const rows = told.map(({ group, cause }) =>
    cause === null
      ? group
      : {
          ...group,
          cause: causeText(cause, names),
          evidence: [
            { ...group.evidence[0], silent: cause.silent, expected: cause.expected, ...causeNames(cause, names) },
          ],
        },
  );
  await context.groups.retell(tx, rows);
  return rows;
}

function grownCause({ key, evidence, bad, good }: LiveGroup, more: number): Cause | null {
  const { kind, id, expected } = evidence[0] ?? {};
  const known = GROUP_KINDS.find((one) => one === kind && key === `${one}:${String(id)}`);
  if (known === undefined || typeof id !== 'string' || typeof expected !== 'number') return null;
  // The device above is a member of its group and none of those below it.
  const silent = bad + good + more - (known === 'parent' ? 1 : 0);
  return { kind: known, id, silent, expected: Math.max(expected, silent) };
}

function rowOf(scene: Scene, one: Found, names: ReadonlyMap<string, string>): GroupRow {
  const { at } = scene;
  const first = scene.recent.find(({ row }) => row.device === one.members[0]) ?? scene.recent[0];
  return {
    id: incidentId(at),
    key: one.key,
    fault: one.fault,
    reason: one.reason,
    cause: one.cause(names),
    severity: one.severity,
    openedAt: at,
    path: first?.row.path ?? '',
    notified: one.suppressed.length === 0,
    suppressed: one.suppressed,
    evidence: [{ ...one.evidence, ...(one.names[0] ? causeNames(one.names[0], names) : {}) }],
  };
}

/** A decision about many devices at once. `opened` for a group that is open already adds its devices. */
export function decisionOf(
  row: GroupRow,
  devices: readonly DeviceKey[],
  ticket: boolean,
  at: number,
  action: Decision['action'] = 'opened',
): Decision {
  return {
    incidentId: row.id,
    action,
    kind: 'group',
    groupKey: row.key,
    fault: row.fault,
    severity: row.severity,
    lifeSafety: false,
    late: false,
    devices,
    component: null,
    reason: row.reason,
    cause: row.cause,
    ...(ticket ? {} : { ticket: false }),
    evidence: row.evidence,
    advice: null,
    at,
  };
}
