import { Link } from '@tanstack/react-router';
import { Alert, Button } from 'antd';
import type { ReactNode } from 'react';
import type { Answer } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { t, tCode } from '../../language.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { SmallMap } from '../../parts/map/small-map.tsx';
import { Mark } from '../../parts/mark.tsx';
import { useNames } from '../../parts/names.ts';
import { exactTime } from '../../parts/time.tsx';
import { useAcceptance } from './progress.tsx';
import { inWords } from './words.ts';

type Device = Answer<'Device'>;
type Acceptance = Answer<'Acceptance'>;

/** All that a decision needs, on one sheet: what was registered, what is doubtful about it, what it has shown. */
export function Dossier({ device }: { device: Device }) {
  const acceptance = useAcceptance(device.id);
  return (
    <div className="dossier">
      <section>
        <h2>{t('registrations.data')}</h2>
        <Data device={device} />
      </section>
      <section>
        <h2>{t('registrations.checks')}</h2>
        <Loaded query={acceptance}>{(data) => <Checks acceptance={data} />}</Loaded>
      </section>
      {device.location && (
        <section>
          <h2>{t('registrations.place')}</h2>
          <SmallMap lon={device.location.lon} lat={device.location.lat} name={device.name} height={200} />
        </section>
      )}
    </div>
  );
}

function Data({ device }: { device: Device }) {
  const vendors = useNames('vendors');
  const orgs = useNames('orgs');
  const sites = useNames('sites');
  const modules = useNames('modules');
  const units = useNames('maintenanceUnits');
  const { connection, location } = device;
  const rows: readonly (readonly [string, ReactNode])[] = [
    [t('registrations.id'), device.id],
    [t('registrations.type'), device.type],
    [t('registrations.serial'), device.serial],
    [t('registrations.mac'), device.mac],
    [t('registrations.nationalCode'), device.nationalCode],
    [t('registrations.module'), modules.name(device.module)],
    [t('registrations.vendor'), vendors.name(device.vendorId)],
    [t('registrations.org'), orgs.name(device.orgId)],
    [t('registrations.site'), sites.name(device.siteId)],
    [t('registrations.maintenanceUnit'), units.name(device.maintenanceUnitId)],
    [t('registrations.address'), location?.address],
    [t('registrations.connection'), connection && (connection.url ?? connection.host)],
    [t('registrations.installed'), device.installedOn],
    [t('registrations.registered'), exactTime(device.createdAt)],
    [t('registrations.lastReason'), device.lifecycleReason],
  ];
  return (
    <dl className="two">
      {rows.map(([label, value]) =>
        value ? [<dt key={`${label}-of`}>{label}</dt>, <dd key={label}>{value}</dd>] : null,
      )}
    </dl>
  );
}

function Checks({ acceptance }: { acceptance: Acceptance }) {
  const may = useMay();
  const { checks, duplicates, coordinates, quarantined, conflicts, clockSkew, returned, report, deviceId } = acceptance;
  return (
    <div className="dossier-checks">
      {returned && (
        <Alert
          type="warning"
          showIcon
          title={t('registrations.returned', { at: exactTime(returned.at) })}
          description={returned.reason}
        />
      )}
      <ul className="dossier-doubts">
        {duplicates.map((doubt) => (
          <li key={doubt.zh}>
            <Mark
              tone={doubt.level === 'exact' ? 'bad' : 'warning'}
              shape={doubt.level === 'exact' ? 'square' : 'triangle'}
              label=""
            />
            {inWords(doubt)}{' '}
            {doubt.deviceId && (
              <Link to="/devices/$id" params={{ id: doubt.deviceId }}>
                {t('registrations.see')}
              </Link>
            )}
            {doubt.lifecycle && <span className="quiet"> {tCode('lifecycle', doubt.lifecycle)}</span>}
          </li>
        ))}
        {coordinates.map((doubt) => (
          <li key={doubt.code}>
            <Mark tone="warning" shape="triangle" label="" />
            {inWords(doubt)}{' '}
            {doubt.proposed && (
              <span className="quiet">
                {t('registrations.proposed', {
                  lat: doubt.proposed.lat.toFixed(6),
                  lon: doubt.proposed.lon.toFixed(6),
                })}
              </span>
            )}
          </li>
        ))}
      </ul>
      {checks.length === 0 && duplicates.length + coordinates.length === 0 && (
        <p className="quiet">{t('registrations.noDoubt')}</p>
      )}
      <ul className="dossier-list">
        {checks.map((check) => (
          <li key={check.name}>
            <Mark
              tone={check.ok ? 'good' : check.waits ? 'warning' : 'bad'}
              shape={check.ok ? 'disc' : check.waits ? 'ring' : 'cross'}
              label={inWords(check.title)}
            />
            <div className="quiet">
              {t('registrations.wantedSeen', { wanted: inWords(check.wanted), seen: inWords(check.seen) })}
            </div>
            {!check.ok && check.advice && <div>{inWords(check.advice)}</div>}
          </li>
        ))}
      </ul>
      <p className="quiet">
        {t('registrations.beside', {
          refused: quarantined.total,
          conflicts,
          clock: t(clockSkew ? 'registrations.clockWrong' : 'registrations.clockRight'),
        })}
        {Object.entries(quarantined.codes).map(([code, n]) => (
          <span key={code}> {t('registrations.refusedOf', { what: tCode('refused', code), n })}</span>
        ))}
      </p>
      {may('devices', 'export') && (
        <Link to="/registrations/$id/report" params={{ id: deviceId }}>
          <Button size="small">
            {report ? t('registrations.report', { no: report.no }) : t('registrations.draftReport')}
          </Button>
        </Link>
      )}
    </div>
  );
}
