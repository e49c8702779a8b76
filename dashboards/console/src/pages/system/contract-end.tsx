import { t } from '../../language.ts';
import { Mark } from '../../parts/mark.tsx';
import { useNow } from '../../parts/time.tsx';

const DAY = 24 * 3_600_000;
const SOON_DAYS = 30;

/** The last day something counts, with a warning when it is near or over. */
export function ContractEnd({ on }: { on: string | null | undefined }) {
  const now = useNow();
  if (!on) return <span className="quiet">{t('thing.none')}</span>;
  // The day itself still counts.
  const left = Math.floor((Date.parse(on) + DAY - now) / DAY);
  if (left < 0) return <Mark tone="bad" shape="square" label={t('contract.ended', { on })} />;
  if (left <= SOON_DAYS) return <Mark tone="warning" shape="triangle" label={t('contract.soon', { on, n: left })} />;
  return on;
}
