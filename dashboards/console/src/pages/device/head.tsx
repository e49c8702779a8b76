import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Alert, Button, Typography } from 'antd';
import { type Answer, api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { t, tCode } from '../../language.ts';
import { ConfirmButton } from '../../parts/confirm.tsx';
import { Mark } from '../../parts/mark.tsx';
import { StateMark } from '../../parts/marks.tsx';
import { useNames } from '../../parts/names.ts';
import { ProblemNotice } from '../../parts/problem.tsx';
import { Ago, exactTime, lengthOf, useNow } from '../../parts/time.tsx';
import { isCamera, useType } from './type.ts';

type Device = Answer<'Device'>;
const OPEN = 'discovered,filed,dispatched,handling,verifying,returned,suspended';

/** Who it is, how it is since when, whose it is, and who is on it. */
export function Head({ device }: { device: Device }) {
  const { health, flags } = device;
  const now = useNow();
  const orgs = useNames('orgs');
  const sites = useNames('sites');
  const vendors = useNames('vendors');
  const units = useNames('maintenanceUnits');
  const modules = useNames('modules');
  const type = useType(device.type);
  const facts: readonly (readonly [string, string])[] = [
    [t('device.place'), [orgs.name(device.orgId), sites.name(device.siteId)].filter(Boolean).join(' / ')],
    [t('device.type'), [modules.name(device.module), type.title].filter(Boolean).join(' · ')],
    [t('device.vendor'), vendors.name(device.vendorId)],
    [t('device.unit'), units.name(device.maintenanceUnitId)],
  ];
  return (
    <section className="sheet device-head">
      <div className="device-now">
        <span className={`device-state state-${health.state}`}>
          <StateMark of="health" code={health.state} suspect={health.suspect} />
        </span>
        <span>{tCode('reason', health.reason)}</span>
        <span className="quiet" title={exactTime(health.since)}>
          {t('device.since', { length: lengthOf(now - Date.parse(health.since)) })}
        </span>
        <StateMark of="lifecycle" code={device.lifecycle} />
        {flags.map((flag) => (
          <Mark key={flag} tone="warning" shape="triangle" label={tCode('flag', flag)} />
        ))}
        <OpenTickets id={device.id} />
      </div>
      <dl className="device-facts">
        <div>
          <dt>{t('device.code')}</dt>
          <dd>
            <Typography.Text copyable={{ text: device.id }}>{device.id}</Typography.Text>
            {device.nickname && <span className="quiet"> {t('device.called', { name: device.nickname })}</span>}
          </dd>
        </div>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value || <span className="quiet">{t('device.none')}</span>}</dd>
          </div>
        ))}
        <div>
          <dt>{t('device.lastSeen')}</dt>
          <dd>
            <Ago at={device.lastSeenAt} />
          </dd>
        </div>
      </dl>
    </section>
  );
}

function OpenTickets({ id }: { id: string }) {
  const may = useMay();
  const open = useQuery({
    queryKey: ['tickets', 'of', id],
    queryFn: () => body(api.GET('/api/v1/tickets', { params: { query: { deviceId: id, stage: OPEN, limit: 3 } } })),
    enabled: may('tickets', 'read'),
  });
  if (!open.data) return null;
  if (open.data.items.length === 0) return <span className="quiet">{t('device.noTicket')}</span>;
  return open.data.items.map((ticket) => (
    <span key={ticket.id} className="device-ticket">
      <Link to="/tickets/$id" params={{ id: ticket.id }}>
        {t('device.ticket', { no: ticket.no })}
      </Link>{' '}
      <StateMark of="stage" code={ticket.stage} />
    </span>
  ));
}

/** What whoever looks may do right now. */
export function Actions({ device }: { device: Device }) {
  const may = useMay();
  const queries = useQueryClient();
  const probe = useMutation({
    mutationFn: () => body(api.POST('/api/v1/devices/{id}/probe', { params: { path: { id: device.id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['devices'] }),
  });
  const looks = may('tickets', 'update') && device.lifecycle !== 'retired' && device.lifecycle !== 'pending';
  return (
    <>
      {probe.isError && <ProblemNotice error={probe.error} />}
      {probe.data && (
        <Alert
          type={probe.data.ok ? 'success' : 'error'}
          showIcon
          closable
          title={`${t(probe.data.ok ? 'device.probe.ok' : 'device.probe.bad')}${probe.data.ok ? '' : ` · ${tCode('reason', probe.data.reason)}`}`}
        />
      )}
      {looks && (
        <Button type="primary" loading={probe.isPending} onClick={() => probe.mutate()}>
          {t('device.probe')}
        </Button>
      )}
      {isCamera(device) && may('commands', 'operate') && (
        <ConfirmButton
          title={t('device.reboot')}
          consequence={t('device.reboot.consequence')}
          reason
          danger
          act={(reason) =>
            api.POST('/api/v1/cameras/{id}/reboot', { params: { path: { id: device.id } }, body: { reason } })
          }
        >
          {t('device.reboot')}
        </ConfirmButton>
      )}
    </>
  );
}
