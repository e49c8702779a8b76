import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { Tabs } from 'antd';
import type { ReactNode } from 'react';
import { type Answer, api, body } from '../../api/client.ts';
import { Problem } from '../../api/problem.ts';
import { useMay } from '../../app/rights.ts';
import { t } from '../../language.ts';
import { useFilters } from '../../parts/filters.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { Nothing } from '../../parts/nothing.tsx';
import { Page } from '../../parts/page.tsx';
import { Access } from './access.tsx';
import { Archive } from './archive.tsx';
import { Commands } from './commands.tsx';
import { Data } from './data.tsx';
import { Actions, Head } from './head.tsx';
import { Lifecycle } from './lifecycle.tsx';
import { State } from './state.tsx';
import './device.css';

type Device = Answer<'Device'>;

/** One device: how it is, why, what it says, what it can be told, what is on file, and how it came and goes. */
export default function DevicePage() {
  const { id = '' } = useParams({ strict: false });
  const device = useQuery({
    queryKey: ['devices', 'one', id],
    queryFn: () => body(api.GET('/api/v1/devices/{id}', { params: { path: { id } } })),
    refetchInterval: 15_000,
  });
  if (device.error instanceof Problem && device.error.status === 404) {
    return (
      <Page title={t('device.title')}>
        <div className="sheet">
          <Nothing title={t('device.unknown', { id })} next={<Link to="/devices">{t('device.toList')}</Link>} />
        </div>
      </Page>
    );
  }
  return (
    <Loaded query={device}>
      {(data) => (
        <Page title={data.name} guide="device-states" actions={<Actions device={data} />}>
          <Head device={data} />
          <Sides device={data} />
        </Page>
      )}
    </Loaded>
  );
}

function Sides({ device }: { device: Device }) {
  const may = useMay();
  const [{ tab }, filter] = useFilters();
  const sides: readonly (readonly [string, string, boolean, () => ReactNode])[] = [
    ['state', t('device.tab.state'), true, () => <State device={device} />],
    ['data', t('device.tab.data'), may('telemetry', 'read'), () => <Data device={device} />],
    ['commands', t('device.tab.commands'), may('commands', 'read'), () => <Commands device={device} />],
    ['archive', t('device.tab.archive'), true, () => <Archive device={device} />],
    ['access', t('device.tab.access'), true, () => <Access device={device} />],
    ['lifecycle', t('device.tab.lifecycle'), true, () => <Lifecycle device={device} />],
  ];
  const open = sides.filter(([, , allowed]) => allowed);
  const chosen = open.find(([key]) => key === tab) ?? open[0];
  return (
    <>
      <Tabs
        className="device-tabs"
        activeKey={chosen?.[0] ?? 'state'}
        onChange={(key) => filter({ tab: key })}
        items={open.map(([key, label]) => ({ key, label }))}
      />
      <div className="device-side">{chosen?.[3]()}</div>
    </>
  );
}
