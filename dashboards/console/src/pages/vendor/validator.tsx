import { useQuery } from '@tanstack/react-query';
import { Segmented } from 'antd';
import { api, body } from '../../api/client.ts';
import { useMe } from '../../app/session.tsx';
import { t } from '../../language.ts';
import { DeviceSelect } from '../../parts/device-select.tsx';
import { useFilters } from '../../parts/filters.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { StateMark } from '../../parts/marks.tsx';
import { Nothing } from '../../parts/nothing.tsx';
import { Page } from '../../parts/page.tsx';
import { Connection } from './connection.tsx';
import { DryRun } from './dry-run.tsx';
import { Messages } from './messages.tsx';
import './vendor.css';

const EVERY_MS = 2_000;
const MODES = ['device', 'stray', 'dry'] as const;

/** What a device says, as it arrives: accepted or refused, why, and what to do; or a message nobody sent yet. */
export default function Validator() {
  const { vendorId } = useMe();
  const [{ device, mode: wanted }, change] = useFilters();
  const mode = MODES.find((one) => one === wanted) ?? 'device';
  return (
    <Page
      title={t('validator.title')}
      guide="vendor.topics"
      actions={
        <Segmented
          value={mode}
          onChange={(next) => change({ mode: next === 'device' ? undefined : next })}
          options={MODES.filter((one) => one !== 'stray' || vendorId !== null).map((value) => ({
            value,
            label: t(`validator.mode.${value}`),
          }))}
        />
      }
    >
      {mode === 'device' && (
        <div className="validator-choice">
          <DeviceSelect
            value={device}
            aria-label={t('validator.device')}
            placeholder={t('validator.choose')}
            onChange={(id) => change({ device: id })}
          />
        </div>
      )}
      {mode === 'device' && (device ? <OfDevice id={device} /> : <Nothing title={t('validator.choose')} />)}
      {mode === 'stray' && <Stray />}
      {mode === 'dry' && <DryRun />}
    </Page>
  );
}

function OfDevice({ id }: { id: string }) {
  const path = { path: { id } };
  const device = useQuery({
    queryKey: ['devices', 'one', id],
    queryFn: () => body(api.GET('/api/v1/devices/{id}', { params: path })),
  });
  const messages = useQuery({
    queryKey: ['validator', id],
    queryFn: () => body(api.GET('/api/v1/devices/{id}/messages', { params: path })),
    refetchInterval: EVERY_MS,
  });
  return (
    <Loaded query={device}>
      {(data) => (
        <>
          <div className="validator-head">
            <b>{data.name}</b> <span className="quiet">{data.type}</span>
            <StateMark of="lifecycle" code={data.lifecycle} />
            <StateMark of="health" code={data.health.state} suspect={data.health.suspect} />
            {data.lifecycle === 'pending' && <span>{t('validator.pending')}</span>}
          </div>
          <Connection device={data} />
          <Loaded query={messages}>{(recent) => <Messages recent={recent} type={data.type} />}</Loaded>
        </>
      )}
    </Loaded>
  );
}

/** Messages of the own login in which no device was found: the usual first fault. */
function Stray() {
  const messages = useQuery({
    queryKey: ['validator', 'stray'],
    queryFn: () => body(api.GET('/api/v1/vendors/{id}/messages', { params: { path: { id: 'me' } } })),
    refetchInterval: EVERY_MS,
  });
  return (
    <>
      <p className="quiet">{t('validator.stray.hint')}</p>
      <Loaded query={messages}>{(recent) => <Messages recent={recent} type={null} />}</Loaded>
    </>
  );
}
