import { type Static, Type } from 'typebox';
import { DURATION_PATTERN } from './duration.ts';
import { TICKET_PRIORITIES } from './ticket.ts';

const Duration = Type.String({ pattern: DURATION_PATTERN });
const Id = Type.String({ minLength: 1, maxLength: 64 });
const Time = Type.String({ pattern: '^(([01]\\d|2[0-3]):[0-5]\\d|24:00)$' });
const Strict = <P extends Parameters<typeof Type.Object>[0]>(properties: P) =>
  Type.Object(properties, { additionalProperties: false });
const about = {
  /** Absent = every module. */
  module: Type.Optional(Id),
  /** Absent = every priority. */
  priority: Type.Optional(Type.Enum([...TICKET_PRIORITIES])),
};

/** Which time counts: working hours, whole working days, or every minute. */
export const COUNTED_TIMES = ['working', 'workingDays', 'always'] as const;
export type CountedTime = (typeof COUNTED_TIMES)[number];

/** One limit of a stage; the row that says most about module and priority counts. */
const TicketLimit = Strict({
  ...about,
  stage: Type.Enum(['dispatched', 'handling', 'verifying']),
  limit: Duration,
  /** Absent = every minute for critical tickets, working hours for others. With `workingDays`, `5d` are five working days. */
  counts: Type.Optional(Type.Enum([...COUNTED_TIMES])),
});
export type TicketLimit = Static<typeof TicketLimit>;

/** `auto` goes up by itself, `decide` waits for a person (视情), `off` never goes there. */
const Step = Type.Enum(['auto', 'decide', 'off']);

/** What happens when a limit has passed: 牵头部门 at once, then 城运中心, then 分管领导. */
const EscalationRule = Strict({
  ...about,
  /** 城运中心: how, and how long after the limit. */
  centre: Step,
  centreAfter: Duration,
  /** 分管领导: how, and how long after 城运中心 was told. */
  leader: Step,
  leaderAfter: Duration,
  /** A decision nobody made goes up by itself after this; absent = never. */
  decideWithin: Type.Optional(Duration),
});
export type EscalationRule = Static<typeof EscalationRule>;

/** Settings of working time, duty and escalation; see settings.ts for how they are used. */
export const DUTY_SETTINGS = {
  /** Week days (1 = Monday) and hours in which people work; holidays and make-up days stand in the calendar. */
  workingHours: {
    schema: Strict({
      days: Type.Array(Type.Integer({ minimum: 1, maximum: 7 }), { minItems: 1, maxItems: 7 }),
      from: Time,
      to: Time,
    }),
    fallback: { days: [1, 2, 3, 4, 5], from: '08:30', to: '17:30' } as WorkingWeek,
    least: 0,
  },
  /** Who gets what has no other handler: an organisation, and a person of it when its roster names nobody. */
  dutyDesk: {
    schema: Strict({ orgId: Id, userId: Type.Union([Id, Type.Null()]) }),
    fallback: { orgId: 'ops-center', userId: null } as { orgId: string; userId: string | null },
    least: 0,
  },
  /** Limits that differ from the shipped ones, by module, priority and stage. */
  ticketLimits: { schema: Type.Array(TicketLimit, { maxItems: 500 }), fallback: [] as TicketLimit[], least: 0 },
  /** How tickets past their limit go up; the rule that says most about module and priority counts. */
  escalation: {
    schema: Type.Array(EscalationRule, { maxItems: 200 }),
    fallback: [
      { centre: 'decide', centreAfter: '4h', leader: 'decide', leaderAfter: '8h' },
      { priority: 'critical', centre: 'auto', centreAfter: '30m', leader: 'auto', leaderAfter: '1h' },
    ] as EscalationRule[],
    least: 0,
  },
  /** The same fault of the same device this long after its ticket was closed is a recurrence of it. */
  recurrenceWithin: { schema: Duration, fallback: '30d', least: 3_600_000 },
  /** So many faults of one device … */
  hazardFaults: { schema: Type.Integer({ minimum: 2, maximum: 100 }), fallback: 3, least: 0 },
  /** … within this time make one 隐患 ticket. */
  hazardWithin: { schema: Duration, fallback: '7d', least: 3_600_000 },
  /** A fault that was over by itself (自恢复) before this does not count towards a 隐患. */
  hazardIgnoresShorter: { schema: Duration, fallback: '10m', least: 0 },
  /** A picture of a ticket taken further than this from its device is marked, metres. */
  photoDistance: { schema: Type.Integer({ minimum: 10, maximum: 100_000 }), fallback: 200, least: 0 },
} as const;

export interface WorkingWeek {
  readonly days: number[];
  readonly from: string;
  readonly to: string;
}
