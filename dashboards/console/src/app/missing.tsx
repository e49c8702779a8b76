import { Link } from '@tanstack/react-router';
import { t } from '../language.ts';
import { Nothing } from '../parts/nothing.tsx';

/** An address that leads nowhere. */
export function Missing() {
  return <Nothing title={t('app.missing')} next={<Link to="/">{t('app.toOverview')}</Link>} />;
}
