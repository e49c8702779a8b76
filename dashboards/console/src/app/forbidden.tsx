import { Link } from '@tanstack/react-router';
import { t } from '../language.ts';
import { Nothing } from '../parts/nothing.tsx';
import { useSections } from './rights.ts';

/** An address that exists, for others. */
export function Forbidden() {
  const first = useSections()[0]?.places[0];
  return (
    <Nothing
      title={t('app.forbidden')}
      next={
        <>
          <p>{t('app.forbidden.next')}</p>
          {first && <Link to={first.to}>{t('app.toPlace', { place: t(first.label) })}</Link>}
        </>
      }
    />
  );
}
