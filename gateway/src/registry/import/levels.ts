import { GatewayError } from '../../errors.ts';
import { bilingual } from '../../messages/index.ts';

/** Devices of one file below each other; every level is a statement of its own. */
const MOST_LEVELS = 64;

/** A device as far as its place below others goes. */
interface Placed {
  readonly record: { readonly id: string };
  /** Id of a parent that stands in the same file. */
  readonly parentInFile: string | null;
}

/** Parents before their children, so that each can name the other by key. Throws INVALID_INPUT on a circle. */
export function byLevels<T extends Placed>(created: readonly T[]): T[][] {
  const below = Map.groupBy(created, ({ parentInFile }) => parentInFile);
  const levels: T[][] = [];
  let placed = 0;
  for (let level = below.get(null) ?? []; level.length > 0; ) {
    if (levels.length === MOST_LEVELS) {
      throw new GatewayError(
        'INVALID_INPUT',
        bilingual('registry.import.parentLevels', { id: level[0]?.record.id ?? '', max: MOST_LEVELS }),
      );
    }
    levels.push(level);
    placed += level.length;
    level = level.flatMap(({ record }) => below.get(record.id) ?? []);
  }
  if (placed < created.length) {
    const reached = new Set(levels.flat());
    const id = created.find((device) => !reached.has(device))?.record.id ?? '';
    throw new GatewayError('INVALID_INPUT', bilingual('registry.import.parentCircle', { id }));
  }
  return levels;
}
