import { useQuery } from '@tanstack/react-query';
import { api, body } from '../api/client.ts';
import { useMay } from '../app/rights.ts';
import { language } from '../language.ts';
import { whole } from './whole.ts';

const LONG = 5 * 60_000;

/** Lists of things whose names stand in other things; read once in a while, whole. */
const LISTS = {
  orgs: () => whole((query) => body(api.GET('/api/v1/orgs', { params: { query } }))),
  sites: () => whole((query) => body(api.GET('/api/v1/sites', { params: { query } }))),
  vendors: () => whole((query) => body(api.GET('/api/v1/vendors', { params: { query } }))),
  modules: () => whole((query) => body(api.GET('/api/v1/modules', { params: { query } }))),
  maintenanceUnits: () => whole((query) => body(api.GET('/api/v1/maintenance-units', { params: { query } }))),
} as const;
export type Named = keyof typeof LISTS;

interface NamedThing {
  readonly id: string;
  readonly name: string | { readonly zh: string; readonly en?: string };
}

/** Names by id of one kind of thing; an id that may not be seen stands for itself, and what one may not read is not asked for. */
export function useNames(of: Named): {
  readonly name: (id: string | null | undefined) => string;
  readonly all: readonly { readonly id: string; readonly name: string }[];
} {
  const may = useMay();
  const { data } = useQuery({
    queryKey: ['names', of],
    queryFn: async (): Promise<readonly NamedThing[]> => LISTS[of](),
    staleTime: LONG,
    retry: false,
    enabled: may(of, 'read'),
  });
  const all = (data ?? []).map(({ id, name }) => ({
    id,
    name: typeof name === 'string' ? name : (language() === 'en' && name.en) || name.zh,
  }));
  const byId = new Map(all.map(({ id, name }) => [id, name]));
  return { all, name: (id) => (id ? (byId.get(id) ?? id) : '') };
}
