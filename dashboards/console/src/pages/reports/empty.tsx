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

/** The last days and how each went. */
export function useDays() {
  const scope = useScope();
  return useQuery({
    queryKey: ['reports', 'days', scope],
    queryFn: () => body(api.GET('/api/v1/reports/availability/days', { params: { query: { days: 31, ...scope } } })),
  });
}

/** The day counting began, or its month when that is long ago; undefined = never, or not known yet. */
function useBegin(): string | undefined {
  const month = useMonths().data?.items.find(({ deviceDays }) => deviceDays > 0)?.month;
  const days = useDays().data;
  const first = days?.items[0]?.days.find(({ onlineRate }) => onlineRate !== null)?.day;
  // A first day right at the edge of what was asked for may have others before it.
  return first && days && first > days.from && month === first.slice(0, 7) ? first : month;
}

/** Why a period is empty: when counting began. */
export function NothingCounted() {
  const begin = useBegin();
  return (
    <Nothing
      title={begin ? t('reports.none.since', { begin }) : t('reports.none')}
      next={<span>{t(begin ? 'reports.none.since.next' : 'reports.none.next')}</span>}
    />
  );
}

/** Days of a period of which nothing is known. */
export function MissingDays({ days }: { days: number }) {
  const begin = useBegin();
  if (days === 0) return null;
  return (
    <Alert
      type="info"
      showIcon
      title={t('reports.missingDays', { n: days }) + (begin ? t('reports.missingDays.since', { begin }) : '')}
    />
  );
}
