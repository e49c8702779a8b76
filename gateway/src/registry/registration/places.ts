import { type CoordinateWarning, coordinateFindings, type Surroundings } from '../../domain/coordinates.ts';
import type { DeviceRecord } from '../../domain/device-record.ts';
import { type Crs, distance, type Point } from '../../domain/geo.ts';
import type { Tx } from '../../domain/tx.ts';
import type { DuplicateStore } from './ports.ts';
import { words } from './words.ts';

export interface PlaceAsk {
  readonly key: number | null;
  readonly orgId: string | null;
  readonly siteId: string | null;
  /** As it was entered. */
  readonly entered: (Point & { readonly crs: Crs }) | null;
}

/** Fewer neighbours say nothing about where an organisation is. */
const LEAST_NEIGHBOURS = 5;

/** The place of a device as it was entered. */
export const placeOf = (
  record: Pick<DeviceRecord, 'orgId' | 'siteId' | 'location'> & { readonly key?: number | null },
): PlaceAsk => {
  const { location } = record;
  const entered = location && (location.source ?? { lat: location.lat, lon: location.lon, crs: location.crs });
  return { key: record.key ?? null, orgId: record.orgId, siteId: record.siteId, entered };
};

/** What looks wrong about these places, in their order; two statements. Warnings only: nothing is refused here. */
export async function checkPlaces(
  tx: Tx,
  asks: readonly PlaceAsk[],
  store: Pick<DuplicateStore, 'orgPlaces' | 'sitePlaces'>,
): Promise<CoordinateWarning[][]> {
  const placed = asks.filter(({ entered }) => entered !== null);
  const rows = await store.orgPlaces(
    tx,
    placed.flatMap(({ orgId }) => orgId ?? []),
  );
  const orgs = new Map(rows.map((row) => [row.orgId, row]));
  const sites = await store.sitePlaces(
    tx,
    placed.flatMap(({ siteId }) => siteId ?? []),
  );
  return asks.map(({ entered, key, orgId, siteId }) => {
    if (entered === null) return [];
    const org = orgs.get(orgId ?? '');
    const surroundings: Surroundings = {
      site: sites.get(siteId ?? '') ?? null,
      boundary: org?.boundary ?? null,
      neighbours: middleOf((org?.neighbours ?? []).filter((other) => other.key !== key)),
    };
    return coordinateFindings(entered, surroundings).map(({ code, proposed, values }) => ({
      field: 'location',
      code,
      proposed,
      ...words(`coordinate.${code}`, values),
    }));
  });
}

/** The median point, so that one wrong neighbour moves nothing. */
function middleOf(points: readonly Point[]): Surroundings['neighbours'] {
  if (points.length < LEAST_NEIGHBOURS) return null;
  const centre = { lat: median(points.map(({ lat }) => lat)), lon: median(points.map(({ lon }) => lon)) };
  const away = points.map((point) => distance(point, centre)).sort((a, b) => a - b);
  return { centre, radius: away[Math.floor((away.length - 1) * 0.9)] ?? 0 };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
