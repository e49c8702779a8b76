import type { Clock, Logger } from '../../../adapters/adapter.ts';
import type { Actor } from '../domain/actor.ts';
import type { AuditPort } from '../domain/audit.ts';
import { fieldError, refuseIf } from '../domain/input.ts';
import type { ReportCalendar } from '../domain/report-period.ts';
import type { FileTickets } from '../domain/ticket-request.ts';
import type { Transactor, Tx } from '../domain/tx.ts';
import { GatewayError } from '../errors.ts';
import { bilingual, type MessageKey } from '../messages/index.ts';
import type { InspectionStore, MaintenancePort, TypeFacts } from './ports.ts';

/** What is `off` or 0 does not happen by itself. */
export interface InspectionSettings {
  /** `HH:MM` or `off`. */
  readonly inspectionAt: string;
  readonly inspectionDueAt: string;
  readonly inspectionBy: 'lead' | 'cooperate' | 'both';
  readonly surveyDay: number;
  readonly surveyModules: readonly string[];
  readonly surveyDays: number;
  readonly hotSpotWeekday: number;
  readonly hotSpotFrom: number;
}

export interface InspectionContext {
  readonly store: InspectionStore;
  readonly transactor: Transactor;
  readonly audit: AuditPort;
  readonly file: FileTickets;
  readonly maintenance: MaintenancePort;
  readonly types: () => readonly TypeFacts[];
  readonly calendar: ReportCalendar;
  readonly timeZone: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly settings: () => InspectionSettings;
}

/** Minute of the day of `HH:MM`; undefined for `off`. */
export function minuteOf(time: string): number | undefined {
  const match = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(time);
  return match ? Number(match[1]) * 60 + Number(match[2]) : undefined;
}

export function conflict(key: MessageKey, values: Readonly<Record<string, string | number>> = {}): GatewayError {
  return new GatewayError('CONFLICT', bilingual(key, values));
}

/** The cursor of lists that are counted off is the place in the list. */
export function readOffset(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  if (!/^\d{1,9}$/.test(cursor)) refuseIf([fieldError('cursor', 'cursor', 'report.badCursor')]);
  return Number(cursor);
}

/** One page of a list that was read with one item too many. */
export function cutPage<T>(rows: readonly T[], offset: number, limit: number) {
  return { items: rows.slice(0, limit), nextCursor: rows.length > limit ? String(offset + limit) : null };
}

export function readDay(value: string, path: string, calendar: ReportCalendar): number {
  const day = calendar.parse(value);
  if (day === undefined) refuseIf([fieldError(path, 'date', 'report.badDate')]);
  return day ?? 0;
}

export function proof(
  { audit, clock }: InspectionContext,
  tx: Tx,
  actor: Actor,
  entry: {
    readonly action: string;
    readonly resourceId: string;
    readonly reason?: string;
    readonly before?: unknown;
    readonly after?: unknown;
  },
): Promise<void> {
  return audit.append(tx, [{ at: clock.now(), actor, resource: 'inspections', ...entry }]);
}
