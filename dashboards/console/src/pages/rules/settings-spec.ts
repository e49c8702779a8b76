import type { components } from '../../api/schema.d.ts';

export type Values = components['schemas']['Settings'];
export type SettingName = keyof Values;

interface Common {
  /** What holds until somebody changes it. */
  readonly fallback: unknown;
}

/** How a setting is entered, and between what. The gateway judges; a test compares this with the gateway's own list. */
export type Spec = Common &
  (
    | { readonly kind: 'duration'; readonly least: string; readonly orNever?: true }
    | {
        readonly kind: 'number';
        readonly min: number;
        readonly max: number;
        readonly unit: string;
        readonly step?: number;
      }
    | {
        readonly kind:
          | 'switch'
          | 'time'
          | 'timeOrOff'
          | 'dateOrOff'
          | 'hours'
          | 'levels'
          | 'networks'
          | 'metrics'
          | 'bands'
          | 'thresholds'
          | 'quotas'
          | 'address'
          | 'tiles'
          | 'week'
          | 'desk'
          | 'limits'
          | 'escalation'
          | 'inspecting'
          | 'modules'
          | 'weekday';
      }
  );

const duration = (fallback: string, least = '0s'): Spec => ({ kind: 'duration', fallback, least });
const number = (fallback: number, min: number, max: number, unit: string, step = 1): Spec => ({
  kind: 'number',
  fallback,
  min,
  max,
  unit,
  step,
});
const on = (fallback: boolean): Spec => ({ kind: 'switch', fallback });

/** By subject, in the order people look for them. */
export const GROUPS: Readonly<Record<string, Partial<Readonly<Record<SettingName, Spec>>>>> = {
  faults: {
    groupHold: duration('60s'),
    massShare: number(30, 5, 100, '%'),
    freezeAtMost: duration('10m', '1s'),
    leftoverAfter: duration('30m', '1s'),
    securityPace: number(3, 1, 10, 'times'),
    maintenanceGrace: duration('30m'),
    lifeSafetyRepeatEvery: duration('5m', '30s'),
    lifeSafetyRaiseAfter: number(1, 1, 12, 'occasions'),
  },
  duty: {
    workingHours: { kind: 'week', fallback: { days: [1, 2, 3, 4, 5], from: '08:30', to: '17:30' } },
    dutyDesk: { kind: 'desk', fallback: { orgId: 'ops-center', userId: null } },
    ticketLimits: { kind: 'limits', fallback: [] },
    escalation: {
      kind: 'escalation',
      fallback: [
        { centre: 'decide', centreAfter: '4h', leader: 'decide', leaderAfter: '8h' },
        { priority: 'critical', centre: 'auto', centreAfter: '30m', leader: 'auto', leaderAfter: '1h' },
      ],
    },
    ticketStableFor: duration('30m', '1s'),
    recurrenceWithin: duration('30d', '1h'),
    hazardFaults: number(3, 2, 100, 'occasions'),
    hazardWithin: duration('7d', '1h'),
    hazardIgnoresShorter: duration('10m'),
    photoDistance: number(200, 10, 100_000, 'metres'),
  },
  inspections: {
    inspectionAt: { kind: 'timeOrOff', fallback: '08:00' },
    inspectionDueAt: { kind: 'time', fallback: '17:30' },
    inspectionBy: { kind: 'inspecting', fallback: 'lead' },
    surveyDay: number(0, 0, 28, 'dayOfMonth'),
    surveyModules: { kind: 'modules', fallback: ['charging'] },
    surveyDays: number(15, 1, 31, 'days'),
    hotSpotWeekday: { kind: 'weekday', fallback: 0 },
    hotSpotFrom: number(2, 0, 10, 'deviations', 0.1),
  },
  reports: {
    reportDailyAt: { kind: 'timeOrOff', fallback: '08:30' },
    reportBiweeklyFrom: { kind: 'dateOrOff', fallback: '2026-01-05' },
    reportMonthlyDay: number(1, 0, 28, 'dayOfMonth'),
  },
  video: {
    describeEvery: duration('5m', '1s'),
    pictureEvery: duration('60m', '5s'),
    pictureConfirm: duration('3m', '1s'),
    pictureLooks: number(2, 1, 10, 'occasions'),
    pictureCpu: number(50, 1, 6_400, '%'),
    pictureClockBands: { kind: 'bands', fallback: { top: 0.12, bottom: 0.12 } },
    pictureThresholds: { kind: 'thresholds', fallback: {} },
    eventsEvery: duration('30s'),
    eventsAtOnce: number(32, 1, 512, 'cameras'),
    liveIdle: duration('20s', '1s'),
    liveToken: duration('60s', '2s'),
    defaultPasswordCheck: on(false),
  },
  registration: {
    trialReadings: number(3, 1, 100, 'readings'),
    trialIntervals: number(2, 0, 100, 'intervals'),
    duplicateRadius: number(50, 1, 2_000, 'metres'),
    duplicateAngle: number(45, 1, 180, 'degrees'),
    vendorApplications: on(true),
    vendorAgreementRequired: on(true),
    vendorQuotas: { kind: 'quotas', fallback: {} },
  },
  keeping: {
    rawDays: number(90, 7, 3_650, 'days'),
    hourlyDays: number(1_826, 30, 36_500, 'days'),
    dailyDays: number(3_653, 30, 36_500, 'days'),
    metricKeeping: { kind: 'metrics', fallback: [] },
    eventDays: number(1_095, 90, 3_650, 'days'),
    historyDays: number(1_095, 420, 3_650, 'days'),
    databaseBudgetBytes: number(0, 0, 2 ** 50, 'bytes'),
    quarantineRows: number(100_000, 1_000, 10_000_000, 'rows'),
    backupAt: { kind: 'timeOrOff', fallback: '03:00' },
    backupKeep: number(7, 1, 365, 'copies'),
    auditDays: number(400, 183, 3_650, 'days'),
  },
  security: {
    sessionIdle: duration('8h', '1m'),
    sessionAbsolute: duration('7d', '5m'),
    passwordMaxAge: { kind: 'duration', fallback: '30d', least: '1d', orNever: true },
    loginHours: { kind: 'hours', fallback: '07:00-22:00' },
    requireTotpForAdmins: on(false),
    auditBulkLimit: number(50, 1, 100_000, 'items'),
    trustedProxies: { kind: 'networks', fallback: [] },
  },
  look: {
    // The gateway's own default, in every language: data, not words of the console.
    orgLevelNames: { kind: 'levels', fallback: ['\u5e02', '\u533a', '\u8857\u9547', '\u7f51\u683c', '\u793e\u533a'] },
    publicUrl: { kind: 'address', fallback: '' },
    mapTiles: { kind: 'tiles', fallback: { source: 'none' } },
  },
};

/** Where a picture stops being good, until somebody changes it. */
export const THRESHOLDS = {
  noSignalU: 180,
  noSignalSaturation: 77,
  dark: 22,
  bright: 200,
  stillBlock: 3,
  frozenPulse: 0.002,
  frozenAcross: 3,
  noiseChange: 15,
  noiseBlur: 4.5,
  noiseChangeUsual: 8,
  noiseRatio: 0.95,
  blurRatio: 1.18,
  castGreenMagenta: 6,
  castDistance: 10,
  coveredShare: 0.4,
  flatContrast: 2.5,
  shiftedLikeness: 0.5,
} as const;

/** What one vendor may use, until somebody changes it: [default, least, most]. */
export const QUOTAS = {
  maxDevices: [5_000, 0, 1_000_000],
  messagesPerSecond: [2_000, 1, 100_000],
  messageBurst: [10_000, 1, 1_000_000],
  messagesPerDay: [20_000_000, 0, 1_000_000_000],
  requestsPerMinute: [1_200, 1, 100_000],
  maxDeviceTypes: [50, 0, 10_000],
  quarantineRows: [10_000, 0, 1_000_000],
} as const;

/** Whether two values of a setting are one and the same. */
export const same = (a: unknown, b: unknown): boolean => JSON.stringify(ordered(a)) === JSON.stringify(ordered(b));

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, one]) => one !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, one]) => [name, ordered(one)]),
  );
}
