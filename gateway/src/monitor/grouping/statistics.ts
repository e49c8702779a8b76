import {
  chooseGroups,
  GROUP_RULES,
  type GroupCandidate,
  type GroupKey,
  keyText,
  usualChance,
} from '../../domain/grouping.ts';
import { type Case, isRecent, LONGEST_WINDOW_MS, windowOf } from './cases.ts';
import type { CensusRow } from './ports.ts';
import { type Scene, take } from './scene.ts';
import { causeText } from './words.ts';

const DAYS = 30;
const DAY_MS = 86_400_000;
/** Kinds small enough to count for every silent device, to see whether others are about to follow. */
const NEAR = new Set(['powerFeed', 'uplink', 'site']);

interface Shared {
  readonly key: GroupKey;
  readonly cases: readonly Case[];
  readonly windowMs: number;
}

/** What many silent devices share, with their numbers against chance, becomes their cause. */
export async function findSharedCauses(scene: Scene): Promise<void> {
  const { context, tx } = scene;
  const shared = sharedKeys(scene);
  const asked = shared.filter(({ key, cases }) => cases.length >= GROUP_RULES.least || NEAR.has(key.kind));
  if (asked.length === 0) return;
  const rows = await context.groups.census(
    tx,
    asked.map(({ key }) => key),
  );
  const census = new Map(rows.map((row) => [keyText(row), row]));
  const candidates = await withChances(scene, asked, census);
  const windows = new Map(shared.map(({ key, windowMs }) => [keyText(key), windowMs]));
  for (const group of chooseGroups(candidates)) {
    const devices = group.silent.filter((device) => scene.left.has(device));
    if (devices.length === 0) continue;
    const { kind, id, expected, chance, p } = group;
    const figures = { silent: group.silent.length, expected };
    scene.found.push({
      key: keyText(group),
      fault: 'offline',
      reason: 'sameCause',
      severity: 'major',
      names: [{ kind, id }],
      cause: (names) => causeText({ kind, id, ...figures }, names),
      evidence: { kind, id, ...figures, chance, p, windowMs: windows.get(keyText(group)) ?? 0 },
      suppressed: [],
      speaksFor: devices,
      members: group.silent,
      ticket: true,
    });
    take(scene, devices);
  }
  waitForOthers(scene, asked, census);
}

/** Every key of what is left, with all that fell silent on it within its own window and that nothing explains yet. */
function sharedKeys(scene: Scene): Shared[] {
  const byKey = new Map<string, { key: GroupKey; cases: Case[] }>();
  const unexplained = scene.recent.filter(
    ({ row, spokenFor, quiet }) =>
      quiet.length === 0 && spokenFor === null && (row.state === 'open' || scene.left.has(row.device)),
  );
  for (const one of unexplained) {
    for (const key of one.keys) {
      const entry = byKey.get(keyText(key));
      if (entry) entry.cases.push(one);
      else byKey.set(keyText(key), { key, cases: [one] });
    }
  }
  return [...byKey.values()].flatMap(({ key, cases }) => {
    const windowMs = windowOf(cases, scene.holdMs);
    const within = cases.filter((one) => isRecent(one, scene.at, scene.holdMs, windowMs));
    return within.some(({ row }) => scene.left.has(row.device)) ? [{ key, cases: within, windowMs }] : [];
  });
}

/** The history is only asked for keys that lost enough to be a cause. */
async function withChances(
  scene: Scene,
  shared: readonly Shared[],
  census: ReadonlyMap<string, CensusRow>,
): Promise<GroupCandidate[]> {
  const { context, tx } = scene;
  const candidates = shared.flatMap(({ key, cases, windowMs }) => {
    const silent = cases.map(({ row }) => row.device);
    const expected = silent.length + (census.get(keyText(key))?.alive ?? 0);
    return silent.length >= GROUP_RULES.least && silent.length >= expected * GROUP_RULES.share
      ? [{ kind: key.kind, id: key.id, expected, silent, windowMs }]
      : [];
  });
  if (candidates.length === 0) return [];
  // What is happening now is no part of what is usual.
  const days = await context.groups.outages(tx, candidates, scene.at - LONGEST_WINDOW_MS, DAYS);
  const counts = new Map<string, number[]>();
  for (const row of days) counts.set(keyText(row), [...(counts.get(keyText(row)) ?? []), row.n]);
  return candidates.map(({ windowMs, ...candidate }) => {
    const windowsADay = DAY_MS / windowMs;
    const perDay = (counts.get(keyText(candidate)) ?? []).map((n) => Math.min(1, n / candidate.expected / windowsADay));
    return { ...candidate, chance: usualChance(perDay, DAYS) };
  });
}

/** Where most of the others are late too, a device is not told of alone: at most for the window of their key. */
function waitForOthers(scene: Scene, shared: readonly Shared[], census: ReadonlyMap<string, CensusRow>): void {
  for (const { key, cases, windowMs } of shared) {
    const { alive = 0, doubtful = 0 } = census.get(keyText(key)) ?? {};
    const coming = cases.length + doubtful;
    if (doubtful === 0 || coming < GROUP_RULES.least || coming < (cases.length + alive) * GROUP_RULES.share) continue;
    for (const { row } of cases) {
      if (scene.left.has(row.device) && scene.at - row.at < windowMs) scene.waiting.add(row.device);
    }
  }
}
