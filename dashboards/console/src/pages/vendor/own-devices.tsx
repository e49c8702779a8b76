import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { Segmented } from 'antd';
import { useState } from 'react';
import { type Answer, api, body } from '../../api/client.ts';
import { t, tCode } from '../../language.ts';
import { StateMark } from '../../parts/marks.tsx';
import { ServerTable } from '../../parts/server-table.tsx';
import { Ago } from '../../parts/time.tsx';
import { acceptanceOf, type Lifecycle } from './progress.ts';
import { say } from './words.ts';

type Device = Answer<'Device'>;
const SHOWN: readonly ('all' | Lifecycle)[] = ['all', 'pending', 'trial', 'active', 'suspended', 'rejected'];

/** A vendor's devices by stage, each with what it still lacks. */
export function OwnDevices({ vendorId }: { vendorId: string }) {
  const [lifecycle, setLifecycle] = useState<'all' | Lifecycle>('all');
  const navigate = useNavigate();
  return (
    <section className="sheet">
      <h2>
        {t('own.title')}
        <Segmented
          size="small"
          value={lifecycle}
          onChange={setLifecycle}
          options={SHOWN.map((value) => ({
            value,
            label: value === 'all' ? t('own.all') : tCode('lifecycle', value),
          }))}
        />
      </h2>
      <ServerTable<Device>
        of={['devices', 'own', vendorId, lifecycle]}
        limit={20}
        rowKey="id"
        read={(page) =>
          body(
            api.GET('/api/v1/devices', {
              params: { query: { ...page, vendorId, ...(lifecycle !== 'all' && { lifecycle }) } },
            }),
          )
        }
        onOpen={({ id }) => void navigate({ to: '/vendor/validator', search: { device: id } })}
        empty={{ title: t('own.none'), next: <Link to="/devices/new">{t('steps.device.next')}</Link> }}
        columns={[
          {
            title: t('own.device'),
            render: (_, { id, name }) => (
              <>
                <Link to="/devices/$id" params={{ id }} onClick={(event) => event.stopPropagation()}>
                  {name}
                </Link>
                <div className="quiet">{id}</div>
              </>
            ),
          },
          { title: t('own.type'), dataIndex: 'type' },
          { title: t('own.stage'), render: (_, device) => <StateMark of="lifecycle" code={device.lifecycle} /> },
          {
            title: t('own.health'),
            render: (_, { health }) => <StateMark of="health" code={health.state} suspect={health.suspect} />,
          },
          { title: t('own.lastSeen'), render: (_, { lastSeenAt }) => <Ago at={lastSeenAt} /> },
          { title: t('own.lacks'), render: (_, device) => <Lacks device={device} /> },
        ]}
      />
    </section>
  );
}

/** What a device still owes before it is in service, or what is wrong with it now. */
function Lacks({ device }: { device: Device }) {
  const { id, lifecycle, lifecycleReason, health, flags } = device;
  const acceptance = useQuery({
    queryKey: ['devices', 'acceptance', id],
    queryFn: () => acceptanceOf(id),
    enabled: lifecycle === 'trial',
    staleTime: 30_000,
  });
  if (lifecycle === 'pending') return t('own.lacks.approval');
  if (lifecycle === 'rejected') return t('own.lacks.rejected', { reason: lifecycleReason ?? '' });
  if (lifecycle === 'trial') {
    const { checks = [], state } = acceptance.data ?? {};
    if (state === 'met') return t('own.lacks.decision');
    return checks
      .filter(({ ok }) => !ok)
      .map(({ title }) => say(title))
      .join(t('own.and'));
  }
  const words = [
    ...(health.state === 'online' ? [] : [tCode('reason', health.reason)]),
    ...flags.map((flag) => tCode('flag', flag)),
  ];
  return words.length > 0 ? words.join(t('own.and')) : <span className="quiet">{t('own.lacks.nothing')}</span>;
}
