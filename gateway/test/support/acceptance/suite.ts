import { afterAll, afterEach, beforeAll } from 'vitest';
import { ENGINES, type Engine } from '../databases.ts';
import { createWorld, type World } from './composition.ts';
import { createScenario, type Scenario } from './scenario.ts';
import type { StreetPlan } from './street.ts';

/** Scenarios take a while on a busy machine. */
export const PLAY_WITHIN_MS = 120_000;

/** One database for the scenarios of a file, emptied for each of them. */
export function useScenarios(engine: Engine = ENGINES.at(-1) ?? 'pglite') {
  let world: World | undefined;
  const open: Scenario[] = [];
  beforeAll(async () => {
    world = await createWorld(engine);
  }, PLAY_WITHIN_MS);
  afterEach(async () => {
    for (const { street } of open.splice(0)) await street.close();
  });
  afterAll(() => world?.close());

  return async function scenario(plan: StreetPlan = {}): Promise<Scenario> {
    if (!world) throw new Error('no database');
    const made = await createScenario(world, plan);
    open.push(made);
    return made;
  };
}
