import { type ApiClient, ApiError } from './api-client.ts';

const STREETS = ['东明路', '三林路', '上南路', '凌兆路', '长清路'];
const PLACES = ['一村', '二村', '三村', '苑', '花园', '广场'];
/** The street the gateway comes with. */
const STREET = 'dongming';
/** Made-up residents' committees side by side from west to east, WGS-84; corners meet those of the neighbour. */
const BORDERS = [
  [
    [121.5, 31.131],
    [121.4992, 31.1402],
    [121.5004, 31.1498],
  ],
  [
    [121.5068, 31.1302],
    [121.5061, 31.1407],
    [121.5074, 31.1503],
  ],
  [
    [121.5136, 31.1306],
    [121.5127, 31.1396],
    [121.5139, 31.15],
  ],
  [
    [121.5198, 31.1299],
    [121.5204, 31.1405],
    [121.5193, 31.1497],
  ],
] as const;
const COMMITTEES = [
  { id: 'hood-ginkgo', name: '银杏居民区', boundary: between(0) },
  { id: 'hood-camphor', name: '香樟居民区', boundary: between(1) },
  { id: 'hood-plane', name: '梧桐居民区', boundary: between(2) },
] as const;

function between(n: number) {
  const [west = [], east = []] = [BORDERS[n], BORDERS[n + 1]];
  const ring = [...west, ...east.toReversed(), ...west.slice(0, 1)];
  return { type: 'Polygon', coordinates: [ring] };
}

export interface Place {
  readonly name: string;
  readonly orgId: string;
  readonly siteId: string;
  /** A box inside the committee's boundary: west, south, east, north. */
  readonly box: readonly [number, number, number, number];
}

export interface Places {
  /** Where the nth device of a kind stands; devices of other kinds with the same number stand beside it. */
  at(n: number): Promise<Place>;
}

/** Registers residents' committees and sites as they are needed; existing ones are left alone. */
export function createPlaces(api: ApiClient): Places {
  const made = new Map<string, Promise<Place>>();
  let committees: Promise<void> | undefined;

  async function register(): Promise<void> {
    for (const committee of COMMITTEES) {
      await api.post('/orgs', { ...committee, kind: 'area', level: 5, parentId: STREET }).catch(unlessThere);
    }
  }

  async function make(n: number): Promise<Place> {
    committees ??= register();
    await committees;
    const street = n % STREETS.length;
    const name = `${STREETS[street]}${PLACES[n % PLACES.length]}`;
    const siteId = `site-${street + 1}-${(n % PLACES.length) + 1}`;
    const nth = street % COMMITTEES.length;
    const orgId = COMMITTEES[nth]?.id ?? STREET;
    await api.post('/sites', { id: siteId, name, orgId }).catch(unlessThere);
    const west = 121.5008 + nth * 0.0068;
    return { name, orgId, siteId, box: [west, 31.1312, west + 0.005, 31.1494] };
  }

  return {
    at(n) {
      const key = `${n % STREETS.length} ${n % PLACES.length}`;
      const known = made.get(key) ?? make(n);
      made.set(key, known);
      return known;
    },
  };
}

/** A start that was broken off may have left some of them. */
function unlessThere(error: unknown): void {
  if (!(error instanceof ApiError) || error.status !== 409) throw error;
}
