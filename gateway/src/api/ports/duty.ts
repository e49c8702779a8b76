import type { Actor } from '../../domain/actor.ts';
import type { CalendarDay } from '../../domain/calendar.ts';
import type { Absence } from '../../domain/duty-rows.ts';
import type { Language } from '../../messages/index.ts';

/** Holidays and make-up days; all of a change or nothing of it. */
export interface CalendarPort {
  year(
    actor: Actor,
    year: number,
    language: Language,
  ): Promise<{ year: number; days: readonly CalendarDay[]; known: boolean; warning: string | null }>;
  change(
    actor: Actor,
    input: { csv?: string; days?: readonly CalendarDay[]; remove?: readonly string[]; replaceYears?: boolean },
  ): Promise<{ entered: number; removed: number; years: readonly number[] }>;
}

type Why = 'shift' | 'substitute' | 'responsible' | 'responsibleSubstitute' | 'dutyDesk' | 'nobody';

/** Who is on duty, when nobody is, and who is away. A foreign organisation answers NOT_FOUND. */
export interface DutyRosterPort {
  now(
    actor: Actor,
    query: { orgId: string; module?: string; at?: number },
    language: Language,
  ): Promise<{
    orgId: string;
    module: string | null;
    at: number;
    userId: string | null;
    why: Why;
    text: string;
    shiftId: string | null;
    insteadOf: readonly string[];
  }>;
  gaps(
    actor: Actor,
    query: { orgId: string; module?: string; from?: number; to?: number },
    language: Language,
  ): Promise<readonly { from: number; to: number; text: string }[]>;
  absences(actor: Actor, filter: { userId?: string }): Promise<readonly Absence[]>;
  addAbsence(actor: Actor, input: Omit<Absence, 'id'>): Promise<Absence>;
  removeAbsence(actor: Actor, id: string): Promise<void>;
}
