import { t } from '../../language.ts';
import { Nothing } from '../../parts/nothing.tsx';

export default function Wall() {
  return <Nothing title={t('app.missing')} />;
}
