import { useQuery } from '@tanstack/react-query';
import { Tabs } from 'antd';
import { api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { t, tCode } from '../../language.ts';
import { useFilters } from '../../parts/filters.ts';
import { Page } from '../../parts/page.tsx';
import { Applications } from './applications.tsx';
import { Queue } from './queue.tsx';
import { QUEUES } from './queues.ts';
import './registrations.css';

const NAMES = ['pending', 'trial', 'returned'] as const;

/** What waits for a decision: devices at each step on their way into service, and companies that ask to come in. */
export default function Registrations() {
  const may = useMay();
  const [{ tab = 'pending' }, change] = useFilters();
  const counts = useQuery({
    queryKey: ['devices', 'registrations', 'counts'],
    queryFn: async () =>
      Object.fromEntries(
        await Promise.all(
          NAMES.map(async (name) => {
            const { total } = await body(api.GET('/api/v1/devices/counts', { params: { query: QUEUES[name] } }));
            return [name, total] as const;
          }),
        ),
      ),
  });
  const waiting = useQuery({
    queryKey: ['lists', 'vendors', 'applied', 'count'],
    queryFn: () => body(api.GET('/api/v1/vendors', { params: { query: { state: 'applied', limit: 1 } } })),
    enabled: may('vendors', 'read'),
  });
  const label = (name: string, n: number | null | undefined) =>
    typeof n === 'number' ? t('registrations.tab', { name: tCode('registrations.tab', name), n }) : tabName(name);
  return (
    <Page title={t('registrations.title')} guide="registration">
      <Tabs
        className="registrations-tabs"
        activeKey={tab}
        onChange={(next) => change({ tab: next, q: undefined })}
        destroyOnHidden
        items={[
          ...NAMES.map((name) => ({
            key: name,
            label: label(name, counts.data?.[name]),
            children: <Queue name={name} />,
          })),
          ...(may('vendors', 'read')
            ? [{ key: 'vendors', label: label('vendors', waiting.data?.total), children: <Applications /> }]
            : []),
        ]}
      />
    </Page>
  );
}

const tabName = (name: string) => tCode('registrations.tab', name);
