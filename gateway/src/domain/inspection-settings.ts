import { Type } from 'typebox';

const TimeOrOff = Type.String({ pattern: '^(([01]\\d|2[0-3]):[0-5]\\d|off)$' });
const Time = Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d$' });
const Id = Type.String({ minLength: 1, maxLength: 64 });

/** Whose departments inspect every day: those that lead a module, those that help, or both. */
export const INSPECTING = ['lead', 'cooperate', 'both'] as const;

export const INSPECTION_SETTINGS = {
  /** When the daily inspections (每日巡检) are made, `HH:MM` in the gateway's zone, or `off`. */
  inspectionAt: { schema: TimeOrOff, fallback: '08:00', least: 0 },
  /** By when they must be submitted, on the same day. */
  inspectionDueAt: { schema: Time, fallback: '17:30', least: 0 },
  /** Which departments of a module inspect. */
  inspectionBy: { schema: Type.Enum([...INSPECTING]), fallback: 'lead' as (typeof INSPECTING)[number], least: 0 },
  /** Day of the month on which the 排摸 begins by itself; 0 = a person begins it. */
  surveyDay: { schema: Type.Integer({ minimum: 0, maximum: 28 }), fallback: 0, least: 0 },
  /** Modules whose devices such a 排摸 counts. */
  surveyModules: { schema: Type.Array(Id, { minItems: 1, maxItems: 20 }), fallback: ['charging'], least: 0 },
  /** Days the residents' committees have for it. */
  surveyDays: { schema: Type.Integer({ minimum: 1, maximum: 31 }), fallback: 15, least: 0 },
  /** Day of the week (1 = Monday) on which hot spots (工单高发点位) get an inspection by themselves; 0 = never. */
  hotSpotWeekday: { schema: Type.Integer({ minimum: 0, maximum: 7 }), fallback: 0, least: 0 },
  /** From this deviation from the mean on a point is a hot spot, in standard deviations. */
  hotSpotFrom: { schema: Type.Number({ minimum: 0, maximum: 10 }), fallback: 2, least: 0 },
} as const;
