import { Link } from '@tanstack/react-router';
import { Alert } from 'antd';
import type { Answer } from '../../api/client.ts';
import { language, t, tCode } from '../../language.ts';
import { StateMark } from '../../parts/marks.tsx';

export type DuplicateReport = Answer<'DuplicateReport'>;
const KIND = { duplicate: 'error', review: 'warning', clear: 'success' } as const;
const here = ({ zh, en }: { zh: string; en: string }) => (language() === 'en' ? en : zh);

/** 查重: the same marks, cameras nearby with advice, coordinates that look wrong. */
export function Duplicates({ report }: { report: DuplicateReport }) {
  const { items, identities, coordinates, conclusion, hidden } = report;
  return (
    <Alert
      type={KIND[conclusion.code]}
      showIcon
      title={here(conclusion)}
      description={
        <ul className="fields">
          {items.map(({ camera, distance, advice }) => (
            <li key={camera.id}>
              <StateMark of="health" code={camera.health.state} bare />{' '}
              <Link to="/devices/$id" params={{ id: camera.id }}>
                {t('onboard.check.nearby', { name: camera.nickname ?? camera.name, n: Math.round(distance) })}
              </Link>{' '}
              {here(advice)}
            </li>
          ))}
          {identities.map((match) => (
            <li key={`${match.field}${match.deviceId}`}>
              {t('onboard.check.identity', {
                field: tCode('onboard.field', match.field),
                name: match.deviceId ?? '—',
              })}
            </li>
          ))}
          {coordinates.map((warning) => (
            <li key={warning.code}>{here(warning)}</li>
          ))}
          {hidden > 0 && <li>{t('onboard.check.hidden', { n: hidden })}</li>}
        </ul>
      }
    />
  );
}
