import type { DeviceKey } from '../../domain/device.ts';
import { keyText } from '../../domain/grouping.ts';
import { ancestorsOf, type Case, windowOf } from './cases.ts';
import { REST_KEY, VENDOR_LINK } from './keys.ts';
import type { LiveGroup, ParentRow } from './ports.ts';
import { type Scene, take } from './scene.ts';
import { causeText } from './words.ts';

/**
 * What comes late joins the open group of something it hangs on, and what falls again the one it belonged to, unless most of
 * that group have returned.
 */
export async function joinLive(scene: Scene): Promise<void> {
  if (scene.live.length === 0) return;
  await rejoinRest(scene);
  const byKey = new Map(scene.live.map((group) => [group.key, group]));
  for (const one of [...scene.left.values()]) {
    const above = ancestorsOf(scene.context, one.brief).flatMap((key) => scene.context.directory.get(key)?.id ?? []);
    const keys = [...above.map((id) => `parent:${id}`), ...linkKey(scene, one), ...one.keys.map(keyText)];
    const group = keys.map((key) => byKey.get(key)).find((found) => found !== undefined && takesIn(found));
    if (!group) continue;
    scene.joins.push({ group: group.id, device: one.row.device });
    take(scene, [one.row.device]);
  }
}

/** Those without a common cause are found by their membership alone: nothing else tells them from other devices. */
async function rejoinRest(scene: Scene): Promise<void> {
  const rest = scene.live.find(({ key }) => key === REST_KEY);
  if (!rest || !takesIn(rest)) return;
  const members = await scene.context.groups.members(scene.tx, [rest.id]);
  const again = members.filter(({ device }) => scene.left.has(device));
  scene.joins.push(...again);
  take(
    scene,
    again.map(({ device }) => device),
  );
}

function takesIn(group: LiveGroup): boolean {
  return group.parentDown ?? group.bad >= group.good;
}

function linkKey(scene: Scene, one: Case): string[] {
  return behindLostLink(scene, one) ? [`${VENDOR_LINK}${one.brief.vendorId}`] : [];
}

/** A device with a login of its own does not hang on its vendor's. */
function behindLostLink({ context }: Scene, { brief, row }: Case): boolean {
  if (brief.vendorId === null || context.memory.get(row.device)?.session !== 'none') return false;
  return context.vendorLinks.down(brief.vendorId) !== undefined;
}

/** What hangs on a silent device, or on a vendor's lost login, is explained by that and by no statistics. */
export async function followLinks(scene: Scene): Promise<void> {
  await followParents(scene);
  followVendorLinks(scene);
}

async function followParents(scene: Scene): Promise<void> {
  const { context, tx } = scene;
  const chains = new Map([...scene.left.values()].map((one) => [one, ancestorsOf(context, one.brief)]));
  const asked = [...new Set([...chains.values()].flat())];
  if (asked.length === 0) return;
  const parents = new Map((await context.groups.parents(tx, asked)).map((row) => [row.device, row]));
  const below = new Map<ParentRow, Case[]>();
  const windowMs = windowOf([...scene.left.values()], scene.holdMs);
  for (const [one, chain] of chains) {
    const { root, doubtful } = rootOf(chain, parents);
    if (root) below.set(root, [...(below.get(root) ?? []), one]);
    // The parent is asked before the child is told of.
    else if (doubtful && scene.at - one.row.at < windowMs) scene.waiting.add(one.row.device);
  }
  if (below.size === 0) return;
  const census = await context.groups.census(
    tx,
    [...below.keys()].map(({ id }) => ({ kind: 'parent' as const, id })),
  );
  const alive = new Map(census.map((row) => [row.id, row.alive]));
  for (const [root, cases] of below) speakFor(scene, root, cases, alive.get(root.id) ?? 0);
}

/** The highest device above that is down; whoever is well breaks the chain, whoever was never judged is passed over. */
function rootOf(
  chain: readonly DeviceKey[],
  parents: ReadonlyMap<DeviceKey, ParentRow>,
): { root: ParentRow | undefined; doubtful: boolean } {
  let root: ParentRow | undefined;
  let doubtful = false;
  for (const key of chain) {
    const parent = parents.get(key);
    if (!parent) continue;
    if (parent.state === 'up') break;
    if (parent.state === 'down') root = parent;
    else doubtful = true;
  }
  return { root, doubtful };
}

function speakFor(scene: Scene, root: ParentRow, cases: readonly Case[], alive: number): void {
  const devices = cases.map(({ row }) => row.device).filter((device) => device !== root.device);
  // The device above is itself explained by a group that is open: its children are explained by the same.
  const above = scene.live.find(({ id }) => root.suppressed.includes(`group:${id}`));
  if (above) {
    scene.joins.push(...devices.map((device) => ({ group: above.id, device })));
    take(scene, devices);
    return;
  }
  const own = scene.left.get(root.device);
  const quiet = scene.recent.find(({ row }) => row.device === root.device)?.quiet ?? root.suppressed;
  const key = { kind: 'parent' as const, id: root.id };
  const figures = { silent: devices.length, expected: devices.length + alive };
  scene.found.push({
    key: keyText(key),
    fault: 'offline',
    reason: 'parentDown',
    severity: 'major',
    names: [key],
    cause: (names) => causeText({ ...key, ...figures }, names),
    evidence: { ...key, ...figures, parent: root.id, parentIncident: root.incident },
    // One that was told before has its ticket; one in maintenance has none.
    suppressed: root.told ? [`incident:${root.incident}`] : quiet,
    speaksFor: own && quiet.length === 0 ? [root.device, ...devices] : devices,
    members: [root.device, ...devices],
    ticket: true,
  });
  take(scene, own && quiet.length === 0 ? [root.device, ...devices] : devices);
}

function followVendorLinks(scene: Scene): void {
  const behind = new Map<string, DeviceKey[]>();
  for (const one of scene.left.values()) {
    const { vendorId } = one.brief;
    if (vendorId === null || !behindLostLink(scene, one)) continue;
    behind.set(vendorId, [...(behind.get(vendorId) ?? []), one.row.device]);
  }
  for (const [id, devices] of behind) {
    const lost = scene.context.vendorLinks.down(id);
    const key = { kind: 'vendorLink' as const, id };
    const figures = { silent: devices.length, expected: devices.length };
    scene.found.push({
      key: keyText(key),
      fault: 'offline',
      reason: 'vendorLinkDown',
      severity: 'major',
      names: [key],
      cause: (names) => causeText({ ...key, ...figures }, names),
      evidence: {
        ...key,
        ...figures,
        ...(lost && { linkDownSince: new Date(lost.since).toISOString(), linkReason: lost.reason }),
      },
      suppressed: [],
      speaksFor: devices,
      members: devices,
      ticket: true,
    });
    take(scene, devices);
  }
}
