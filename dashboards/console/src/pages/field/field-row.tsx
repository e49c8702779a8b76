import { Link } from '@tanstack/react-router';
import { t } from '../../language.ts';
import { StateMark } from '../../parts/marks.tsx';
import { dueWords, farWords, faultWords, nameIn, type Ticket } from './ticket-facts.ts';

interface RowProps {
  readonly ticket: Ticket;
  readonly now: number;
  readonly place: string;
  readonly metres: number | null;
  /** What was done and waits to be sent. */
  readonly waits: number;
}

/** One ticket as a thumb wants it: how late, what, where. */
export function FieldRow({ ticket, now, place, metres, waits }: RowProps) {
  const { id, no, priority, deviceIds, deviceCount } = ticket;
  const due = dueWords(ticket, now);
  const [first] = deviceIds;
  return (
    <li className={`field-row priority-${priority}`}>
      <Link to="/field/$id" params={{ id }}>
        <span className="field-line">
          <StateMark of="priority" code={priority} />
          <span className="quiet">{no}</span>
          <b className={due.late ? 'field-late' : 'field-left'}>{due.text}</b>
        </span>
        <span className="field-what">
          {faultWords(ticket)}
          {first && ` · ${nameIn(ticket, first)}`}
          {deviceCount > 1 && <small> {t('field.devices', { n: deviceCount })}</small>}
        </span>
        <span className="field-line">
          <span className="field-where">{place}</span>
          {waits > 0 && <span className="field-waits">{t('field.waits', { n: waits })}</span>}
          {metres !== null && <b>{farWords(metres)}</b>}
        </span>
      </Link>
    </li>
  );
}
