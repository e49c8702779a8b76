import type { Answer } from '../../api/client.ts';
import { t, tCode } from '../../language.ts';
import { exactTime } from '../../parts/time.tsx';

export type Ticket = Answer<'Ticket'>;
export type Device = Answer<'Device'>;
export interface Point {
  readonly lat: number;
  readonly lon: number;
}

const HOUR = 3_600_000;

/** What is wrong, in words. */
export const faultWords = ({ fault, title }: Ticket): string => title ?? tCode('fault', fault);

/** Hours, because limits are made in hours; minutes below one. `ms` in milliseconds. */
export function hoursOf(ms: number): string {
  const size = Math.abs(ms);
  if (size < HOUR) return t('field.minutes', { n: Math.max(1, Math.round(size / 60_000)) });
  return t('field.hours', { n: size < 10 * HOUR ? Math.round(size / (HOUR / 10)) / 10 : Math.round(size / HOUR) });
}

export function dueWords({ dueAt, stage, suspendedUntil }: Ticket, now: number): { text: string; late: boolean } {
  if (stage === 'suspended' && suspendedUntil)
    return { text: t('field.paused', { time: exactTime(suspendedUntil).slice(5, 16) }), late: false };
  if (dueAt === null) return { text: t('field.noLimit'), late: false };
  const left = Date.parse(dueAt) - now;
  return { text: t(left < 0 ? 'field.late' : 'field.left', { length: hoursOf(left) }), late: left < 0 };
}

/** What is due first; what has no limit last, then the oldest. */
export function byDue(a: Ticket, b: Ticket): number {
  const due = ({ dueAt }: Ticket) => (dueAt === null ? Number.POSITIVE_INFINITY : Date.parse(dueAt));
  const [x, y] = [due(a), due(b)];
  return x === y ? Date.parse(a.openedAt) - Date.parse(b.openedAt) : x - y;
}

/** Metres along the ground; near enough within a street. */
export function metresBetween(a: Point, b: Point): number {
  const rad = Math.PI / 180;
  const x = (b.lon - a.lon) * rad * Math.cos(((a.lat + b.lat) / 2) * rad);
  return Math.hypot(x, (b.lat - a.lat) * rad) * 6_371_000;
}

export const farWords = (metres: number): string =>
  metres < 1_000
    ? t('field.metres', { n: Math.round(metres / 10) * 10 })
    : t('field.kilometres', { n: Math.round(metres / 100) / 10 });

/** Who is meant by an id in a ticket, as far as the answer says so. */
export const nameIn = (ticket: Ticket, id: string): string =>
  (ticket as Ticket & { names?: Readonly<Record<string, string>> }).names?.[id] ?? id;

/** Why the gateway thinks so: the reason it decided by, and since when. */
export function whyOf(ticket: Ticket): { reason: string; more: string } {
  const detail = ticket.evidence.find(({ kind }) => kind === 'decision')?.detail;
  const { reason, failures } = (detail ?? {}) as { reason?: unknown; failures?: unknown };
  const since = t('field.since', { time: exactTime(ticket.openedAt).slice(5, 16) });
  if (typeof reason !== 'string') return { reason: t('field.reported'), more: since };
  const many = typeof failures === 'number' ? `${t('field.failures', { n: failures })} · ` : '';
  return { reason: reasonWords(reason), more: many + since };
}

/** A reason may be a fault's own code. */
export function reasonWords(code: string): string {
  const words = tCode('reason', code);
  return words === code ? tCode('fault', code) : words;
}
