import { Link } from '@tanstack/react-router';
import { Alert, Button } from 'antd';
import type { Answer } from '../../api/client.ts';
import { language, t, tCode } from '../../language.ts';
import { StateMark } from '../../parts/marks.tsx';

type Report = Answer<'DuplicateReport'>;
type Place = NonNullable<Report['coordinates'][number]['proposed']>;

interface SimilarProps {
  readonly report: Report;
  readonly busy: boolean;
  /** Takes the place that was probably meant. */
  readonly take: (place: Place) => void;
  readonly go: () => void;
}

const say = ({ zh, en }: { zh: string; en: string }) => (language() === 'en' ? en : zh);

/** What is registered already and looks the same, and what looks wrong about the place, before anything is written. */
export function Similar({ report, busy, take, go }: SimilarProps) {
  const same = report.identities.some(({ level }) => level === 'exact');
  return (
    <section className="sheet similar" aria-live="polite">
      <h2>{t('similar.title')}</h2>
      {report.coordinates.map((warning) => (
        <Alert
          key={warning.code}
          type="warning"
          showIcon
          title={say(warning)}
          action={
            warning.proposed && (
              <Button size="small" onClick={() => warning.proposed && take(warning.proposed)}>
                {t('similar.take', { lon: warning.proposed.lon.toFixed(6), lat: warning.proposed.lat.toFixed(6) })}
              </Button>
            )
          }
        />
      ))}
      {report.identities.map((match) => (
        <Alert
          key={`${match.field}${match.deviceId}`}
          type={match.level === 'exact' ? 'error' : 'warning'}
          showIcon
          title={say(match)}
          description={
            match.deviceId && (
              <Link to="/devices/$id" params={{ id: match.deviceId }} target="_blank">
                {match.deviceName ?? match.deviceId}
                {match.lifecycle && ` · ${tCode('lifecycle', match.lifecycle)}`}
              </Link>
            )
          }
        />
      ))}
      {report.items.length > 0 && (
        <>
          <h3>{t('similar.near', { n: report.items.length, radius: report.radius ?? 0 })}</h3>
          <ul className="near">
            {report.items.slice(0, 20).map(({ camera, distance, direction, advice }) => (
              <li key={camera.id}>
                <StateMark of="health" code={camera.health.state} suspect={camera.health.suspect} bare />{' '}
                <Link to="/devices/$id" params={{ id: camera.id }} target="_blank">
                  {camera.name}
                </Link>{' '}
                {t('similar.distance', { m: Math.round(distance) })}
                {direction && ` · ${say(direction)}`} <span className="quiet">{say(advice)}</span>
              </li>
            ))}
          </ul>
        </>
      )}
      {report.hidden > 0 && <p className="quiet">{t('similar.hidden', { n: report.hidden })}</p>}
      <p>{t(same ? 'similar.same' : 'similar.next')}</p>
      <Button type="primary" danger={same} loading={busy} onClick={go}>
        {t('similar.go')}
      </Button>
    </section>
  );
}
