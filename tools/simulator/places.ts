import { type ApiClient, ApiError } from './api-client.ts';

const STREETS = ['东明路', '三林路', '上南路', '凌兆路', '长清路'];
const PLACES = ['一村', '二村', '三村', '苑', '花园', '广场'];
/** The street the gateway comes with. */
const STREET = 'dongming';
/** Made-up residents' committees. */
const COMMITTEES = [
  { id: 'hood-ginkgo', name: '银杏居民区' },
  { id: 'hood-camphor', name: '香樟居民区' },
  { id: 'hood-plane', name: '梧桐居民区' },
] as const;

export interface Place {
  readonly name: string;
  readonly orgId: string;
  readonly siteId: string;
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
    const orgId = COMMITTEES[street % COMMITTEES.length]?.id ?? STREET;
    await api.post('/sites', { id: siteId, name, orgId }).catch(unlessThere);
    return { name, orgId, siteId };
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
