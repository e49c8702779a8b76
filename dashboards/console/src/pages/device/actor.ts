import { useQuery } from '@tanstack/react-query';
import { api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { useMe } from '../../app/session.tsx';
import { t } from '../../language.ts';
import { whole } from '../../parts/whole.ts';

/** Who it was, as the records write it (`user:<id>`, `system`), in a name; whom one may not know is a colleague. */
export function useActor(): (by: string | null) => string {
  const may = useMay();
  const me = useMe();
  const { data } = useQuery({
    queryKey: ['names', 'users'],
    queryFn: async () => ({ items: await whole((query) => body(api.GET('/api/v1/users', { params: { query } }))) }),
    enabled: may('users', 'read'),
    staleTime: 5 * 60_000,
    retry: false,
  });
  const names = new Map((data?.items ?? []).map(({ id, name }) => [id, name]));
  return (by) => {
    if (by === null || by === 'system') return t('actor.system');
    const [kind = '', id = ''] = by.split(/:(.*)/s);
    if (kind !== 'user') return by;
    return id === me.id ? me.name : (names.get(id) ?? t('actor.somebody'));
  };
}
