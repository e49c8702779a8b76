import { isMass } from '../../domain/grouping.ts';
import { text } from '../../messages/index.ts';
import type { Case } from './cases.ts';
import { MASS_KEY, REST_KEY } from './keys.ts';
import { type Scene, take } from './scene.ts';

/** Fewer devices than this are no street. */
const LEAST_JUDGED = 20;
/** Unexplained devices from which a mass outage has a ticket for them together. */
const LEAST_REST = 3;

/** So many fell silent at once that it may be ourselves. */
export interface Mass {
  readonly silent: number;
  readonly judged: number;
  /** Whether it is all devices together, or those of one path only. */
  readonly everywhere: boolean;
  /** Paths on which devices fell silent. */
  readonly paths: readonly string[];
}

export async function massOf(scene: Pick<Scene, 'context' | 'tx'>, recent: readonly Case[]): Promise<Mass | null> {
  const { context, tx } = scene;
  const share = context.massShare();
  const cases = recent.filter(({ quiet }) => quiet.length === 0);
  // Too few for the smallest street that counts: the population need not be asked for.
  if (cases.length <= LEAST_JUDGED * share) return null;
  const alive = await context.groups.population(tx);
  const silent = new Map<string, number>();
  for (const { row } of cases) silent.set(row.path, (silent.get(row.path) ?? 0) + 1);
  const judged = cases.length + [...alive.values()].reduce((sum, n) => sum + n, 0);
  const everywhere = isMass(cases.length, judged, share, LEAST_JUDGED);
  const paths = [...silent].flatMap(([path, n]) =>
    everywhere || isMass(n, n + (alive.get(path) ?? 0), share, LEAST_JUDGED) ? [path] : [],
  );
  return paths.length === 0 ? null : { silent: cases.length, judged, everywhere, paths };
}

/** Our own path is sound: the outage is theirs. One incident tells of it, beside one ticket for each cause. */
export function tellOfMass(scene: Scene, mass: Mass): void {
  const cases = scene.recent.filter(({ quiet }) => quiet.length === 0);
  const figures = { silent: mass.silent, expected: mass.judged };
  const tests = Object.fromEntries(
    mass.paths.map((path) => {
      const { ok = true, evidence = {} } = scene.context.ownPaths.verdict(path) ?? {};
      return [path, { ...evidence, ok }];
    }),
  );
  scene.found.push({
    key: MASS_KEY,
    fault: 'massOutage',
    reason: 'massOutage',
    severity: 'critical',
    names: [],
    cause: () => text('zh-CN', 'group.cause.mass', figures),
    evidence: { kind: 'mass', ...figures, ownPath: tests, causes: scene.found.map(({ key }) => key) },
    suppressed: [],
    speaksFor: [],
    members: cases.map(({ row }) => row.device),
    ticket: false,
  });
  const rest = [...scene.left.keys()].filter((device) => !scene.waiting.has(device));
  if (rest.length < LEAST_REST) return;
  scene.found.push({
    key: REST_KEY,
    fault: 'offline',
    reason: 'massOutage',
    severity: 'major',
    names: [],
    cause: () => text('zh-CN', 'group.cause.rest', { silent: rest.length }),
    evidence: { kind: 'rest', silent: rest.length },
    suppressed: [],
    speaksFor: rest,
    members: rest,
    ticket: true,
  });
  take(scene, rest);
}
