import { Link } from '@tanstack/react-router';
import type { Answer } from '../../api/client.ts';
import { t, tCode } from '../../language.ts';
import { StateMark } from '../../parts/marks.tsx';
import { useNames } from '../../parts/names.ts';
import { Ago } from '../../parts/time.tsx';

/** What the camera is, where it stands, and what it says of itself. */
export function Facts({ camera }: { camera: Answer<'Camera'> }) {
  const orgs = useNames('orgs');
  const sites = useNames('sites');
  const units = useNames('maintenanceUnits');
  const { health, facts } = camera;
  return (
    <>
      <dl className="two">
        <dt>{t('video.state')}</dt>
        <dd>
          <StateMark of="health" code={health.state} suspect={health.suspect} /> <Ago at={health.since} />
          {health.state !== 'online' && <div>{tCode('reason', health.reason)}</div>}
        </dd>
        <dt>{t('video.org')}</dt>
        <dd>
          {orgs.name(camera.orgId) || '—'} {sites.name(camera.siteId)}
        </dd>
        <dt>{t('video.unit')}</dt>
        <dd>{units.name(camera.maintenanceUnitId) || '—'}</dd>
        <dt>{t('video.id')}</dt>
        <dd>{camera.id}</dd>
        <dt>{t('video.model')}</dt>
        <dd>{[facts?.manufacturer, facts?.model].filter(Boolean).join(' ') || '—'}</dd>
        <dt>{t('video.streams')}</dt>
        <dd>
          {(facts?.streams ?? []).map(({ role, codec, width, height, fps }) => (
            <div key={role}>
              {tCode('video.role', role)} {codec} {width !== null && `${width}×${height}`}{' '}
              {fps !== null && t('video.fps', { n: fps })}
            </div>
          ))}
          {camera.factsError && <div>{tCode('reason', camera.factsError)}</div>}
        </dd>
        <dt>{t('video.firstFrame')}</dt>
        <dd>
          <Ago at={camera.firstFrameAt} />
        </dd>
      </dl>
      <p>
        <Link to="/devices/$id" params={{ id: camera.id }}>
          {t('video.toDevice')}
        </Link>
      </p>
    </>
  );
}
