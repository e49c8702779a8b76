import type { HealthState } from './health.ts';

/** Devices that have a place, one array per property, in the same order. */
export interface MapPointRows {
  readonly ids: readonly string[];
  readonly names: readonly string[];
  readonly types: readonly string[];
  readonly states: readonly HealthState[];
  /** A fault (or recovery) seen and not confirmed yet. */
  readonly suspects: readonly boolean[];
  /** Degrees WGS-84, six decimals. */
  readonly lon: readonly number[];
  readonly lat: readonly number[];
  /** Of the filter, with and without a place. */
  readonly total: number;
  readonly unplaced: number;
}

/** The same with what repeats a hundred thousand times said once. */
export interface MapPoints {
  readonly kinds: readonly { readonly type: string; readonly camera: boolean }[];
  readonly states: readonly HealthState[];
  readonly ids: readonly string[];
  readonly names: readonly string[];
  readonly lon: readonly number[];
  readonly lat: readonly number[];
  /** Index in `kinds`. */
  readonly kind: readonly number[];
  /** Index in `states`. */
  readonly state: readonly number[];
  /** Indexes of the points that are suspect. */
  readonly suspect: readonly number[];
  readonly total: number;
  readonly unplaced: number;
}

/** `isCamera` tells of a device type. */
export function packPoints(
  rows: MapPointRows,
  states: readonly HealthState[],
  isCamera: (type: string) => boolean,
): MapPoints {
  const known = new Map<string, number>();
  const kind = rows.types.map((type) => {
    const index = known.get(type) ?? known.size;
    if (index === known.size) known.set(type, index);
    return index;
  });
  const kinds = [...known.keys()].map((type) => ({ type, camera: isCamera(type) }));
  const places = new Map(states.map((state, i) => [state, i]));
  return {
    kinds,
    states,
    ids: rows.ids,
    names: rows.names,
    lon: rows.lon,
    lat: rows.lat,
    kind,
    state: rows.states.map((state) => places.get(state) ?? states.length - 1),
    suspect: rows.suspects.flatMap((suspect, i) => (suspect ? [i] : [])),
    total: rows.total,
    unplaced: rows.unplaced,
  };
}
