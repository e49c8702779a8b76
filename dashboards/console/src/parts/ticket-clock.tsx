import type { Answer } from '../api/client.ts';
import { t, tCode } from '../language.ts';
import { Mark } from './mark.tsx';
import { exactTime, lengthOf, useNow } from './time.tsx';

type Ticket = Answer<'Ticket'>;
const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const SOON = 2 * HOUR;

/** A ticket's clock in one line: what is left, how late in hours, or why it stands. */
export function TicketClock({ ticket }: { ticket: Ticket }) {
  const now = useNow();
  const { stage, dueAt, overdueSeconds, suspendedUntil } = ticket;
  if (stage === 'suspended')
    return (
      <span title={pauseReason(ticket)}>
        <Mark
          tone="none"
          shape="bar"
          label={t('clock.paused', { until: suspendedUntil ? short(suspendedUntil) : '' })}
        />
        {overdueSeconds > 0 && <Late seconds={overdueSeconds} />}
      </span>
    );
  if (overdueSeconds > 0) return <Late seconds={overdueSeconds} {...(dueAt && { dueAt })} />;
  if (dueAt === null) return null;
  const left = Date.parse(dueAt) - now;
  return (
    <span title={exactTime(dueAt)}>
      <Mark
        tone={left < SOON ? 'warning' : 'none'}
        shape={left < SOON ? 'triangle' : 'ring'}
        label={t(left < 0 ? 'clock.past' : 'clock.left', { length: lengthOf(Math.abs(left)) })}
      />
    </span>
  );
}

/** Late is said in hours: that is what is reported upwards. */
function Late({ seconds, dueAt }: { seconds: number; dueAt?: string }) {
  return (
    <span title={dueAt && exactTime(dueAt)}>
      <Mark tone="bad" shape="square" label={t('clock.late', { hours: lateHours(seconds) })} />
    </span>
  );
}

export const lateHours = (seconds: number): string => (seconds / 3_600).toFixed(seconds < 36_000 ? 1 : 0);

/** Why it stands still: what was said when it was suspended. */
export function pauseReason({ suspensions, history }: Ticket): string {
  const granted = suspensions.findLast(({ state }) => state === 'approved');
  return granted?.reason ?? history.findLast(({ to }) => to === 'suspended')?.note ?? '';
}

const short = (iso: string) => iso.slice(5, 16).replace('T', ' ');

/** What a ticket is about, in words. */
export const ticketTitle = ({ title, faultText, fault }: Ticket): string =>
  title ?? (faultText === undefined ? tCode('fault', fault) : begun(faultText));

const begun = (words: string) => words.slice(0, 1).toUpperCase() + words.slice(1);

/** Its devices by name: the first one, and how many more. */
export function ticketDevices({ deviceIds, deviceCount, names }: Ticket): string {
  const [first] = deviceIds;
  if (first === undefined) return '';
  const name = names?.[first] ?? first;
  return deviceCount > 1 ? t('ticket.andMore', { name, n: deviceCount }) : name;
}

/** Whoever stands behind an id of a ticket's answer. */
export const nameIn =
  ({ names }: Pick<Ticket, 'names'>) =>
  (id: string | null | undefined): string =>
    !id ? '—' : id === 'system' ? t('ticket.system') : (names?.[id] ?? id);
