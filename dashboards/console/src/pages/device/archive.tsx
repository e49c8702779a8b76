import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button, Typography } from 'antd';
import { useState } from 'react';
import { type Answer, api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { t } from '../../language.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { SmallMap } from '../../parts/map/small-map.tsx';
import { useNames } from '../../parts/names.ts';
import { Nothing } from '../../parts/nothing.tsx';
import { exactTime } from '../../parts/time.tsx';
import { CameraArchive } from './camera-archive.tsx';
import { EditDevice } from './edit-device.tsx';
import { History } from './history.tsx';
import { inWords, isCamera, useType } from './type.ts';

type Device = Answer<'Device'>;

/** What is on file: registration, place, duplicates, 一机一档, and who changed what. */
export function Archive({ device }: { device: Device }) {
  const may = useMay();
  const [editing, setEditing] = useState(false);
  return (
    <>
      <div className="device-halves">
        <section className="sheet">
          <h2 className="device-line">
            {t('archive.title')}
            {may('devices', 'update') && (
              <Button size="small" onClick={() => setEditing(!editing)}>
                {t(editing ? 'archive.cancel' : 'archive.edit')}
              </Button>
            )}
          </h2>
          {editing ? <EditDevice device={device} done={() => setEditing(false)} /> : <Registered device={device} />}
        </section>
        <Place device={device} />
      </div>
      {isCamera(device) && <CameraArchive id={device.id} />}
      <Acceptance device={device} />
      <History id={device.id} />
    </>
  );
}

function Registered({ device }: { device: Device }) {
  const orgs = useNames('orgs');
  const sites = useNames('sites');
  const vendors = useNames('vendors');
  const units = useNames('maintenanceUnits');
  const modules = useNames('modules');
  const type = useType(device.type);
  const { connection } = device;
  const rows: readonly (readonly [string, string | null | undefined])[] = [
    [t('device.code'), device.id],
    [t('archive.name'), device.name],
    [t('archive.nickname'), device.nickname],
    [t('archive.nationalCode'), device.nationalCode],
    [t('archive.serial'), device.serial],
    [t('archive.externalId'), device.externalId],
    [t('archive.mac'), device.mac],
    [t('device.type'), `${type.title} (${device.type})`],
    [t('archive.module'), modules.name(device.module)],
    [t('archive.orgId'), orgs.name(device.orgId)],
    [t('archive.siteId'), sites.name(device.siteId)],
    [t('device.vendor'), vendors.name(device.vendorId)],
    [t('device.unit'), units.name(device.maintenanceUnitId)],
    [t('archive.parentId'), device.parentId],
    [t('archive.installedOn'), device.installedOn],
    [
      t('archive.connection'),
      connection &&
        (connection.url ??
          `${connection.protocol}${connection.tls ? '+https' : ''}://${connection.host}${connection.port ? `:${connection.port}` : ''}`),
    ],
    [t('register.project'), device.labels.project],
    [
      t('archive.labels'),
      Object.entries(device.labels)
        .filter(([key]) => key !== 'project')
        .map(([key, value]) => `${key}=${value}`)
        .join('，'),
    ],
    [t('archive.created'), exactTime(device.createdAt)],
    [t('archive.updated'), `${exactTime(device.updatedAt)} · ${t('archive.revision', { n: device.revision })}`],
  ];
  return (
    <dl className="two">
      {rows.map(([name, value]) => [
        <dt key={`${name}.`}>{name}</dt>,
        <dd key={name}>{value || <span className="quiet">{t('device.none')}</span>}</dd>,
      ])}
    </dl>
  );
}

function Place({ device: { location, name, health, labels } }: { device: Device }) {
  return (
    <section className="sheet">
      <h2>{t('archive.place')}</h2>
      {location ? (
        <>
          <SmallMap
            lon={location.lon}
            lat={location.lat}
            name={name}
            state={health.state}
            azimuth={Number(labels.azimuth) || null}
            navigate
          />
          {location.address && <p>{location.address}</p>}
        </>
      ) : (
        <Nothing title={t('archive.noPlace')} />
      )}
    </section>
  );
}

/** Duplicates, doubts about the coordinates, and the acceptance report. */
function Acceptance({ device }: { device: Device }) {
  const may = useMay();
  const found = useQuery({
    queryKey: ['devices', 'acceptance', device.id],
    queryFn: () => body(api.GET('/api/v1/devices/{id}/acceptance', { params: { path: { id: device.id } } })),
  });
  return (
    <section className="sheet">
      <h2>{t('archive.checks')}</h2>
      <Loaded query={found}>
        {({ duplicates, coordinates, report }) => (
          <ul className="device-log">
            {duplicates.length === 0 && coordinates.length === 0 && (
              <li className="quiet">{t('archive.noDuplicates')}</li>
            )}
            {duplicates.map((one) => (
              <li key={`${one.field}${one.deviceId}`}>
                {inWords(one)}{' '}
                {one.deviceId && (
                  <Link to="/devices/$id" params={{ id: one.deviceId }}>
                    {one.deviceName ?? one.deviceId}
                  </Link>
                )}
              </li>
            ))}
            {coordinates.map((one) => (
              <li key={one.code}>{inWords(one)}</li>
            ))}
            {report && (
              <li>
                {t('archive.report', { no: report.no, by: report.byName, at: exactTime(report.at) })}{' '}
                <Typography.Text type="secondary">{report.reason}</Typography.Text>
              </li>
            )}
            {may('devices', 'export') && (
              <li>
                <a
                  href={`/api/v1/devices/${encodeURIComponent(device.id)}/acceptance/report?purpose=${encodeURIComponent(t('archive.reportPurpose'))}`}
                  target="_blank"
                  rel="noreferrer"
                >
                  {t(report ? 'archive.openReport' : 'archive.openDraft')}
                </a>
              </li>
            )}
          </ul>
        )}
      </Loaded>
    </section>
  );
}
