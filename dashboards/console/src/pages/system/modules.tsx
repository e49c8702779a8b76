import { t } from '../../language.ts';
import { Nothing } from '../../parts/nothing.tsx';

export default function Modules() {
  return <Nothing title={t('app.missing')} />;
}
