import { CloseOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button } from 'antd';
import { api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { language, t, tCode } from '../../language.ts';
import { LivePicture } from '../../parts/live/live-picture.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Navigate } from '../../parts/map/navigate.tsx';
import { StateMark } from '../../parts/marks.tsx';
import { Ago } from '../../parts/time.tsx';
import { unitOf } from '../../parts/units.ts';
import type { Points } from './points.ts';

interface PanelProps {
  /** One device, or all that stand at one spot. */
  readonly ids: readonly string[];
  readonly points: Points;
  readonly onChoose: (ids: readonly string[]) => void;
  readonly close: () => void;
}

/** What stands at the spot somebody pointed at. */
export function Panel({ ids, points, onChoose, close }: PanelProps) {
  const [only, ...more] = ids;
  return (
    <aside className="sheet map-panel" aria-label={t('map.panel')}>
      <Button className="map-close" type="text" icon={<CloseOutlined />} aria-label={t('map.close')} onClick={close} />
      {more.length > 0 ? (
        <>
          <h2>{t('map.together', { n: ids.length })}</h2>
          <ul className="map-together">
            {ids.map((id) => {
              const i = points.ids.indexOf(id);
              return (
                <li key={id}>
                  <button type="button" onClick={() => onChoose([id])}>
                    <StateMark of="health" code={points.states[points.state[i] ?? 0] ?? 'unknown'} bare />
                    {points.names[i] ?? id}
                  </button>
                </li>
              );
            })}
          </ul>
        </>
      ) : (
        only !== undefined && (
          <One id={only} camera={points.kinds[points.kind[points.ids.indexOf(only)] ?? -1]?.camera ?? false} />
        )
      )}
    </aside>
  );
}

function One({ id, camera }: { id: string; camera: boolean }) {
  const may = useMay();
  const path = { id };
  const device = useQuery({
    queryKey: ['devices', 'one', id],
    queryFn: () => body(api.GET('/api/v1/devices/{id}', { params: { path } })),
  });
  return (
    <Loaded query={device}>
      {({ name, type, health, location, lastSeenAt }) => (
        <>
          <h2>
            <Link to="/devices/$id" params={{ id }}>
              {name}
            </Link>
          </h2>
          {camera && <LivePicture key={id} camera={id} />}
          <dl className="two">
            <dt>{t('map.state')}</dt>
            <dd>
              <StateMark of="health" code={health.state} suspect={health.suspect} /> · {tCode('reason', health.reason)}
            </dd>
            <dt>{t('map.since')}</dt>
            <dd>
              <Ago at={health.since} />
            </dd>
            <dt>{t('map.seen')}</dt>
            <dd>
              <Ago at={lastSeenAt} />
            </dd>
            {location?.address && (
              <>
                <dt>{t('map.address')}</dt>
                <dd>{location.address}</dd>
              </>
            )}
          </dl>
          {may('telemetry', 'read') && <Newest id={id} type={type} />}
          {may('tickets', 'read') && <Tickets id={id} />}
          {location && <Navigate lon={location.lon} lat={location.lat} name={name} />}
        </>
      )}
    </Loaded>
  );
}

/** What a device type says of its metrics, as far as it is read here. */
interface Definition {
  readonly metrics?: Readonly<Record<string, { readonly title?: { readonly zh: string; readonly en: string } }>>;
}

function Newest({ id, type }: { id: string; type: string }) {
  const latest = useQuery({
    queryKey: ['devices', 'latest', id],
    queryFn: () => body(api.GET('/api/v1/devices/{id}/latest', { params: { path: { id } } })),
    retry: false,
  });
  const types = useQuery({
    queryKey: ['names', 'deviceType', type],
    queryFn: () => body(api.GET('/api/v1/device-types/{id}', { params: { path: { id: type } } })),
    staleTime: 300_000,
    retry: false,
  });
  const titles = (types.data?.definition as Definition | undefined)?.metrics;
  const metrics = Object.entries(latest.data?.metrics ?? {});
  if (metrics.length === 0) return null;
  return (
    <section>
      <h3>{t('map.newest')}</h3>
      <dl className="two">
        {metrics.slice(0, 6).flatMap(([metric, { value, unit, time }]) => {
          const title = titles?.[metric]?.title;
          return [
            <dt key={metric}>{(language() === 'en' ? title?.en : title?.zh) ?? metric}</dt>,
            <dd key={`${metric} value`}>
              {String(value)} {unitOf(unit)} · <Ago at={time} />
            </dd>,
          ];
        })}
      </dl>
    </section>
  );
}

const OPEN = 'discovered,filed,dispatched,handling,verifying,returned,suspended';

function Tickets({ id }: { id: string }) {
  const query = { deviceId: id, stage: OPEN, limit: 5 };
  const open = useQuery({
    queryKey: ['tickets', 'of-device', id],
    queryFn: () => body(api.GET('/api/v1/tickets', { params: { query } })),
    retry: false,
  });
  return (
    <section>
      <h3>
        <Link to="/tickets" search={{ deviceId: id }}>
          {t('map.tickets')}
        </Link>
      </h3>
      {open.data?.items.length === 0 && <p className="quiet">{t('map.noTickets')}</p>}
      <ul className="map-together">
        {open.data?.items.map((ticket) => (
          <li key={ticket.id}>
            <Link to="/tickets/$id" params={{ id: ticket.id }}>
              <StateMark of="stage" code={ticket.stage} bare /> {ticket.no} {ticket.title}
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
