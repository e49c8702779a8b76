import { useQuery } from '@tanstack/react-query';
import { Skeleton } from 'antd';
import { api, body } from '../../api/client.ts';
import { t, tCode } from '../../language.ts';
import { Mark } from '../../parts/mark.tsx';
import { exactTime } from '../../parts/time.tsx';
import { Waited } from './age.tsx';
import { inWords } from './words.ts';

export const useAcceptance = (id: string) =>
  useQuery({
    queryKey: ['devices', 'acceptance', id],
    queryFn: () => body(api.GET('/api/v1/devices/{id}/acceptance', { params: { path: { id } } })),
    staleTime: 15_000,
    retry: false,
  });

/** How many conditions of the acceptance are met, and which one is not; doubts of the registration itself beside it. */
export function Conditions({ id }: { id: string }) {
  const { data, isError } = useAcceptance(id);
  if (isError) return <span className="quiet">—</span>;
  if (!data) return <Skeleton.Button size="small" active />;
  const met = data.checks.filter(({ ok }) => ok).length;
  const open = data.checks.filter(({ ok }) => !ok);
  const doubts = data.duplicates.length + data.coordinates.length;
  return (
    <div className="registrations-conditions">
      {data.state === 'notInTrial' ? (
        <span className="quiet">{t('registrations.notYet')}</span>
      ) : (
        <Mark
          tone={data.state === 'met' ? 'good' : data.state === 'failed' ? 'bad' : 'warning'}
          shape={data.state === 'met' ? 'disc' : data.state === 'failed' ? 'square' : 'ring'}
          label={t('registrations.met', { met, of: data.checks.length, state: tCode('acceptance', data.state) })}
        />
      )}
      {data.state !== 'notInTrial' && open.length > 0 && (
        <div className="quiet">{open.map(({ title }) => inWords(title)).join(t('registrations.and'))}</div>
      )}
      {doubts > 0 && <Mark tone="warning" shape="triangle" label={t('registrations.doubts', { n: doubts })} />}
    </div>
  );
}

export function ReturnedFor({ id }: { id: string }) {
  const { data, isError } = useAcceptance(id);
  if (isError) return <span className="quiet">—</span>;
  if (!data) return <Skeleton.Button size="small" active />;
  return (
    <div className="registrations-conditions">
      {data.returned?.reason ?? '—'}
      {data.returned && <div className="quiet">{exactTime(data.returned.at)}</div>}
    </div>
  );
}

/** How long its vendor has had it back. */
export function ReturnedSince({ id }: { id: string }) {
  const at = useAcceptance(id).data?.returned?.at;
  return at ? <Waited since={at} /> : <span className="quiet">—</span>;
}
