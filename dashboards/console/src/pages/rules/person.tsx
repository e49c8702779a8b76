import { useQuery } from '@tanstack/react-query';
import { api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { useMe } from '../../app/session.tsx';
import { t } from '../../language.ts';
import { whole } from '../../parts/whole.ts';

/** Somebody by name, where the reader may know names; an id would say nothing. */
export function Person({ id, name }: { id: string; name?: string | null | undefined }) {
  const me = useMe();
  const may = useMay();
  const people = useQuery({
    queryKey: ['names', 'people', 'whole'],
    queryFn: () => whole((query) => body(api.GET('/api/v1/users', { params: { query } }))),
    enabled: may('users', 'read'),
    staleTime: 5 * 60_000,
  });
  const bare = id.replace(/^user:/, '');
  if (bare === 'system') return <span>{t('quiet.system')}</span>;
  if (bare === me.id) return <span>{me.name}</span>;
  return <span title={id}>{name ?? people.data?.find((one) => one.id === bare)?.name ?? t('quiet.somebody')}</span>;
}
