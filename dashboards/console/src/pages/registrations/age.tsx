import { t } from '../../language.ts';
import { Mark } from '../../parts/mark.tsx';
import { lengthOf, useNow } from '../../parts/time.tsx';

const DAY = 86_400_000;
/** From then on somebody should look: three days to notice, a week is too long. */
const LATE = 3 * DAY;
const TOO_LATE = 7 * DAY;

/** How long something has waited for a decision. */
export function Waited({ since }: { since: string }) {
  const age = useNow() - Date.parse(since);
  const label = lengthOf(age);
  if (age >= TOO_LATE) return <Mark tone="bad" shape="square" label={t('registrations.long', { length: label })} />;
  if (age >= LATE) return <Mark tone="warning" shape="triangle" label={label} />;
  return <span>{label}</span>;
}
