import { useQuery } from '@tanstack/react-query';
import { type Answer, api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { gcj02ToWgs84, wgs84ToGcj02 } from './gcj.ts';
import type { Position } from './geometry.ts';

export type Background = Answer<'MapBackground'>;

/** Without tiles of somebody the map shows boundaries on a grid, and asks nobody outside. */
export const NO_TILES: Background = { tiles: [], crs: 'wgs84', maxZoom: 18, attribution: '' };

const LONG = 10 * 60_000;

/** What the administrator chose to draw under the devices. */
export function useBackground(): Background {
  const { data } = useQuery({
    queryKey: ['names', 'mapBackground'],
    queryFn: () => body(api.GET('/api/v1/map/background')),
    staleTime: LONG,
    retry: false,
  });
  return data ?? NO_TILES;
}

/** Between where things are (WGS-84) and where the tiles show them. */
export interface Shift {
  readonly shown: (place: Position) => Position;
  readonly real: (place: Position) => Position;
}
const NONE: Shift = { shown: (place) => place, real: (place) => place };
const GCJ: Shift = { shown: wgs84ToGcj02, real: gcj02ToWgs84 };
export const shiftOf = ({ crs }: Background): Shift => (crs === 'gcj02' ? GCJ : NONE);

export interface Boundary {
  readonly id: string;
  readonly name: string;
  readonly level: number | null;
  readonly parentId: string | null;
  readonly rings: readonly (readonly Position[])[];
}

/** Boundaries of organisations whose names one may read; those without one are not in it. */
export function useBoundaries(): readonly Boundary[] {
  const may = useMay();
  const { data } = useQuery({
    queryKey: ['names', 'boundaries'],
    queryFn: readBoundaries,
    staleTime: LONG,
    retry: false,
    enabled: may('orgs', 'read'),
  });
  return data ?? EMPTY;
}
const EMPTY: readonly Boundary[] = [];

async function readBoundaries(): Promise<Boundary[]> {
  const all: Boundary[] = [];
  let cursor: string | undefined;
  do {
    const query = { limit: 500, ...(cursor === undefined ? {} : { cursor }) };
    const page = await body(api.GET('/api/v1/orgs', { params: { query } }));
    for (const { id, name, level, parentId, boundary } of page.items) {
      if (boundary) all.push({ id, name, level, parentId, rings: boundary.coordinates as unknown as Position[][] });
    }
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return all;
}
