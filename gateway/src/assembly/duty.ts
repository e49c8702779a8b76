import type { CalendarDay } from '../domain/calendar.ts';
import { datesOf } from '../domain/calendar.ts';
import type { SettingValues } from '../domain/settings.ts';
import { createWorkingTime, type WorkingHours, type WorkingTime } from '../domain/working-time.ts';
import type { TicketSettings } from '../tickets/settings.ts';
import { DEFAULT_TICKET_SETTINGS } from '../tickets/settings.ts';

interface Sources {
  readonly settings: {
    current(): SettingValues;
    ms(name: 'ticketStableFor' | 'recurrenceWithin' | 'hazardWithin' | 'hazardIgnoresShorter'): number;
  };
  readonly calendar: { current(): readonly CalendarDay[] };
  readonly timeZone: string;
}

/** Settings and calendar as those who count working time want them; the same objects as long as nothing changed. */
export function createDutySettings({ settings, calendar, timeZone }: Sources) {
  const keep = <T>(): ((made: T) => T) => {
    let kept: { text: string; value: T } | undefined;
    return (made) => {
      const text = JSON.stringify(made);
      if (kept?.text !== text) kept = { text, value: made };
      return kept.value;
    };
  };
  const hoursKept = keep<WorkingHours>();
  const limitsKept = keep<TicketSettings['limits']>();
  let seen: { values: SettingValues; days: readonly CalendarDay[]; hours: WorkingHours } | undefined;
  let time: { hours: WorkingHours; working: WorkingTime } | undefined;

  const workingHours = (): WorkingHours => {
    const values = settings.current();
    const days = calendar.current();
    if (seen?.values !== values || seen.days !== days) {
      const hours = hoursKept({ zone: timeZone, ...values.workingHours, ...datesOf(days) });
      seen = { values, days, hours };
    }
    return seen.hours;
  };
  return {
    workingHours,
    workingTime(): WorkingTime {
      const hours = workingHours();
      if (time?.hours !== hours) time = { hours, working: createWorkingTime(hours) };
      return time.working;
    },
    ticketSettings(): TicketSettings {
      const values = settings.current();
      return {
        ...DEFAULT_TICKET_SETTINGS,
        workingHours: workingHours(),
        limits: limitsKept(values.ticketLimits),
        stableFor: settings.ms('ticketStableFor'),
        recurrenceWithin: settings.ms('recurrenceWithin'),
        dutyDesk: values.dutyDesk,
        escalation: values.escalation,
        photoDistance: values.photoDistance,
        hazard: {
          faults: values.hazardFaults,
          within: settings.ms('hazardWithin'),
          ignoresShorter: settings.ms('hazardIgnoresShorter'),
        },
      };
    },
  };
}
