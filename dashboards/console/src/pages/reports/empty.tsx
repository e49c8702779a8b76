import { useQuery } from '@tanstack/react-query';
import { Alert } from 'antd';
import { api, body } from '../../api/client.ts';
import { t } from '../../language.ts';
import { Nothing } from '../../parts/nothing.tsx';
import { useScope } from './scope.tsx';

/** Months in which anything was counted, oldest first; asked once for all that want to know when counting began. */
export function useMonths() {
  const scope = useScope();
  return useQuery({
    queryKey: ['reports', 'months', scope],
    queryFn: () => body(api.GET('/api/v1/reports/availability/trend', { params: { query: { months: 12, ...scope } } })),
  });
}

/** Why a period is empty: when counting began. */
export function NothingCounted() {
  const first = useMonths().data?.items.find(({ deviceDays }) => deviceDays > 0)?.month;
  return (
    <Nothing
      title={first ? t('reports.none.since', { month: first }) : t('reports.none')}
      next={<span>{t(first ? 'reports.none.since.next' : 'reports.none.next')}</span>}
    />
  );
}

/** Days of a period of which nothing is known. */
export function MissingDays({ days }: { days: number }) {
  const first = useMonths().data?.items.find(({ deviceDays }) => deviceDays > 0)?.month;
  if (days === 0) return null;
  return (
    <Alert
      type="info"
      showIcon
      title={t('reports.missingDays', { n: days }) + (first ? t('reports.missingDays.since', { month: first }) : '')}
    />
  );
}
