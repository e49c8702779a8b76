import { PhoneOutlined } from '@ant-design/icons';
import { Link } from '@tanstack/react-router';
import { useMay } from '../../app/rights.ts';
import { t } from '../../language.ts';
import { LivePicture } from '../../parts/live/live-picture.tsx';
import { SmallMap } from '../../parts/map/small-map.tsx';
import { StateMark } from '../../parts/marks.tsx';
import { Ago, exactTime } from '../../parts/time.tsx';
import { useOrgs, useSites } from './questions.ts';
import { type Device, nameIn, reasonWords, type Ticket, whyOf } from './ticket-facts.ts';

/** What is broken, and why the gateway thinks so. */
export function What({ ticket, device, offline }: { ticket: Ticket; device: Device | undefined; offline: boolean }) {
  const may = useMay();
  const why = whyOf(ticket);
  const [first] = ticket.deviceIds;
  return (
    <section className="sheet">
      {first && (
        <h2>
          <Link to="/field/device/$id" params={{ id: first }}>
            {device ? [device.nickname, device.name].filter(Boolean).join(' · ') : nameIn(ticket, first)}
          </Link>
        </h2>
      )}
      <dl className="field-facts">
        <dt>{t('field.why')}</dt>
        <dd>
          {why.reason}
          <div className="quiet">{why.more}</div>
        </dd>
        {device && (
          <>
            <dt>{t('field.now')}</dt>
            <dd>
              <StateMark of="health" code={device.health.state} suspect={device.health.suspect} />{' '}
              {device.health.reason !== 'ok' && reasonWords(device.health.reason)} <Ago at={device.health.since} />
            </dd>
          </>
        )}
        {ticket.advice && (
          <>
            <dt>{t('field.advice')}</dt>
            <dd>{ticket.advice}</dd>
          </>
        )}
      </dl>
      {ticket.deviceCount > 1 && <p className="quiet">{t('field.devices', { n: ticket.deviceCount })}</p>}
      {device?.connection && !offline && may('cameras', 'operate') && <LivePicture camera={device.id} />}
    </section>
  );
}

interface PlaceProps {
  readonly ticket?: Ticket;
  readonly device: Device | undefined;
  readonly owner: string;
}

/** Where it is, how to get there, whom to call. */
export function Place({ ticket, device, owner }: PlaceProps) {
  const sites = useSites(owner).read?.value.items ?? [];
  const orgs = useOrgs(owner).read?.value.items ?? [];
  const site = sites.find(({ id }) => id === (ticket?.siteId ?? device?.siteId));
  const location = device?.location ?? site?.location ?? null;
  const concerned = [ticket?.orgId, device?.orgId, site?.orgId, ticket?.handlerOrgId];
  const phones = orgs
    .filter(({ id }) => concerned.includes(id))
    .flatMap(({ name, responsible, contact }) =>
      [responsible, contact].flatMap((who) =>
        who?.phone ? [{ who: `${name} ${who.name ?? ''}`, phone: who.phone }] : [],
      ),
    );
  return (
    <section className="sheet">
      <h2>{site?.name ?? t('field.place')}</h2>
      {location?.address && <p>{location.address}</p>}
      {location && (
        <SmallMap
          lat={location.lat}
          lon={location.lon}
          name={device?.nickname ?? device?.name ?? site?.name ?? ''}
          height={150}
          navigate
          {...(device && { state: device.health.state })}
        />
      )}
      {phones.map(({ who, phone }) => (
        <a key={who + phone} className="field-call" href={`tel:${phone.replace(/[^\d+]/g, '')}`}>
          <PhoneOutlined aria-hidden /> {t('field.call', { name: who.trim(), phone })}
        </a>
      ))}
    </section>
  );
}

const LAST = 6;

/** What happened to it, newest first. */
export function Steps({ ticket }: { ticket: Ticket }) {
  // Where nothing moved, something else is told about.
  const moves = ticket.history.map(({ from, to, by, at, note }) => ({ at, by, to: from === to ? null : to, note }));
  const words = ticket.comments.map(({ by, at, text }) => ({ at, by, to: null, note: text }));
  const all = [...moves, ...words].sort((a, b) => Date.parse(b.at) - Date.parse(a.at)).slice(0, LAST);
  return (
    <section className="sheet">
      <h2>{t('field.history')}</h2>
      <ul className="field-steps">
        {all.map(({ at, by, to, note }) => (
          <li key={`${at}${to}${note}`}>
            <span className="quiet">{exactTime(at).slice(5, 16)}</span> {to && <StateMark of="stage" code={to} />}{' '}
            {by !== 'system' && nameIn(ticket, by)} {note}
          </li>
        ))}
      </ul>
    </section>
  );
}
