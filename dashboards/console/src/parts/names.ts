import { useQuery } from '@tanstack/react-query';
import { api, body } from '../api/client.ts';
import { language } from '../language.ts';

const LONG = 5 * 60_000;
const ALL = { limit: 500 } as const;

/** Lists of things whose names stand in other things; read once in a while, whole. */
const LISTS = {
  orgs: () => body(api.GET('/api/v1/orgs', { params: { query: ALL } })),
  sites: () => body(api.GET('/api/v1/sites', { params: { query: ALL } })),
  vendors: () => body(api.GET('/api/v1/vendors', { params: { query: ALL } })),
  modules: () => body(api.GET('/api/v1/modules', { params: { query: ALL } })),
  maintenanceUnits: () => body(api.GET('/api/v1/maintenance-units', { params: { query: ALL } })),
} as const;
export type Named = keyof typeof LISTS;

interface NamedThing {
  readonly id: string;
  readonly name: string | { readonly zh: string; readonly en?: string };
}

/** Names by id of one kind of thing; an id that may not be seen stands for itself. */
export function useNames(of: Named): {
  readonly name: (id: string | null | undefined) => string;
  readonly all: readonly { readonly id: string; readonly name: string }[];
} {
  const { data } = useQuery({
    queryKey: ['names', of],
    queryFn: async () => (await LISTS[of]()) as { items: NamedThing[] },
    staleTime: LONG,
    retry: false,
  });
  const all = (data?.items ?? []).map(({ id, name }) => ({
    id,
    name: typeof name === 'string' ? name : (language() === 'en' && name.en) || name.zh,
  }));
  const byId = new Map(all.map(({ id, name }) => [id, name]));
  return { all, name: (id) => (id ? (byId.get(id) ?? id) : '') };
}
