import { type Static, Type } from 'typebox';
import { DURATION_PATTERN } from './duration.ts';
import { DUTY_SETTINGS } from './duty-settings.ts';
import { INSPECTION_SETTINGS } from './inspection-settings.ts';
import { MapTilesInput } from './map-tiles.ts';
import { KEEP_PATTERN } from './metric-keeping.ts';
import { PictureThresholdsInput } from './picture-thresholds.ts';
import { VendorQuotasInput } from './vendor-quota.ts';

const Duration = Type.String({ pattern: DURATION_PATTERN });
const LoginHours = Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d-([01]\\d|2[0-3]):[0-5]\\d$' });
/** An address or a network; never so wide that anybody could call himself a proxy. */
const Network = Type.String({ pattern: '^[0-9A-Fa-f:.]{2,45}(/([89]|[1-9]\\d|1[01]\\d|12[0-8]))?$' });
const ReportTime = Type.String({ pattern: '^(([01]\\d|2[0-3]):[0-5]\\d|off)$' });
const ReportDay = Type.String({ pattern: '^(20\\d\\d-(0[1-9]|1[0-2])-([01]\\d|2[0-8])|off)$' });
const LevelName = Type.String({ minLength: 1, maxLength: 20 });

/** Every setting of the system, its schema and what holds until somebody changes it. Durations as `30s 5m 30d`. */
export const SETTINGS = {
  /** When the 巡检日报 is made and sent, `HH:MM` in the gateway's zone, or `off`; the other reports follow at that time. */
  reportDailyAt: { schema: ReportTime, fallback: '08:30', least: 0 },
  /** A day on which a 双周报 is made, and every fourteenth day after it, or `off`. */
  reportBiweeklyFrom: { schema: ReportDay, fallback: '2026-01-05', least: 0 },
  /** Day of the month on which the 月报 of the month before is made; 0 = none. */
  reportMonthlyDay: { schema: Type.Integer({ minimum: 0, maximum: 28 }), fallback: 1, least: 0 },
  /** How long faults are gathered before it is decided whether they are one. */
  groupHold: { schema: Duration, fallback: '60s', least: 0 },
  /** So many times shorter faults are held and devices probed where 重保 goes on. */
  securityPace: { schema: Type.Integer({ minimum: 1, maximum: 10 }), fallback: 3, least: 0 },
  /** Per cent of at least 20 judged devices that fall silent at once above which our own path is tested first. */
  massShare: { schema: Type.Integer({ minimum: 5, maximum: 100 }), fallback: 30, least: 0 },
  /** While our own path is broken nobody behind it is judged, for this long at most. */
  freezeAtMost: { schema: Duration, fallback: '10m', least: 1_000 },
  /** What is still silent this long after its group recovered gets a ticket of its own. */
  leftoverAfter: { schema: Duration, fallback: '30m', least: 1_000 },
  /** Names of the five levels, from the city down. */
  orgLevelNames: {
    schema: Type.Array(LevelName, { minItems: 5, maxItems: 5 }),
    fallback: ['市', '区', '街镇', '网格', '社区'],
    least: 0,
  },
  /** A login without a request for this long ends. */
  sessionIdle: { schema: Duration, fallback: '8h', least: 60_000 },
  /** A login ends after this in any case. */
  sessionAbsolute: { schema: Duration, fallback: '7d', least: 300_000 },
  /** A password older than this must be changed; `0s` = never. Shorter than a day it would lock out whoever could lengthen it again. */
  passwordMaxAge: { schema: Duration, fallback: '30d', least: 86_400_000, orNever: true },
  /** Hours of the day in the gateway's zone in which a login is nothing unusual; `22:00-06:00` goes over midnight. */
  loginHours: { schema: LoginHours, fallback: '07:00-22:00', least: 0 },
  /** Whether administrators must use one-time codes; until they have them they may do nothing else. */
  requireTotpForAdmins: { schema: Type.Boolean(), fallback: false, least: 0 },
  /** Reverse proxies whose X-Forwarded-For and X-Forwarded-Proto are believed; nobody's unless named. */
  trustedProxies: { schema: Type.Array(Network, { maxItems: 20 }), fallback: [] as string[], least: 0 },
  /** Quiet time after a recovery that closes its ticket: 核查 by data, and 自恢复 before anyone accepted. */
  ticketStableFor: { schema: Duration, fallback: '30m', least: 1_000 },
  /** Time after a maintenance window in which devices may come back before anybody is told. */
  maintenanceGrace: { schema: Duration, fallback: '30m', least: 0 },
  /** A good DESCRIBE of a camera stands for this long; until then its port is knocked at. */
  describeEvery: { schema: Duration, fallback: '5m', least: 1_000 },
  /** Between two looks at the picture of a camera. */
  pictureEvery: { schema: Duration, fallback: '60m', least: 5_000 },
  /** Between looks at a picture that has changed its verdict. */
  pictureConfirm: { schema: Duration, fallback: '3m', least: 1_000 },
  /** Per cent of one core that picture checks may use. */
  pictureCpu: { schema: Type.Integer({ minimum: 1, maximum: 6_400 }), fallback: 50, least: 0 },
  /** Looks that must agree before a fault of a picture is told, and before its end is. */
  pictureLooks: { schema: Type.Integer({ minimum: 1, maximum: 10 }), fallback: 2, least: 0 },
  /** Shares of the height above and below in which cameras write their clock; they are not judged. */
  pictureClockBands: {
    schema: Type.Object(
      { top: Type.Number({ minimum: 0, maximum: 0.3 }), bottom: Type.Number({ minimum: 0, maximum: 0.3 }) },
      { additionalProperties: false },
    ),
    fallback: { top: 0.12, bottom: 0.12 },
    least: 0,
  },
  /** Where a picture stops being good, as far as it is to differ from the defaults. */
  pictureThresholds: { schema: PictureThresholdsInput, fallback: {}, least: 0 },
  /** Between two visits to the events of an ONVIF camera; `0s` = they are not asked for. */
  eventsEvery: { schema: Duration, fallback: '30s', least: 0 },
  /** ONVIF cameras whose events are asked for at the same time, a connection each. */
  eventsAtOnce: { schema: Type.Integer({ minimum: 1, maximum: 512 }), fallback: 32, least: 0 },
  /** Days raw readings are kept; older times are taken for a wrong clock. */
  rawDays: { schema: Type.Integer({ minimum: 7, maximum: 3_650 }), fallback: 90, least: 0 },
  /** Days their sums by hour are kept … */
  hourlyDays: { schema: Type.Integer({ minimum: 30, maximum: 36_500 }), fallback: 1_826, least: 0 },
  /** … and those by day; each at least as long as the finer ones. */
  dailyDays: { schema: Type.Integer({ minimum: 30, maximum: 36_500 }), fallback: 3_653, least: 0 },
  /** Metrics kept otherwise, as `vibration.*=14/365/3650`: days of readings, hours and days; the first that fits counts. */
  metricKeeping: {
    schema: Type.Array(Type.String({ pattern: KEEP_PATTERN, maxLength: 120 }), { maxItems: 50 }),
    fallback: [] as string[],
    least: 0,
  },
  /** Days events of devices are kept; what a ticket quotes of them stays in the ticket. */
  eventDays: { schema: Type.Integer({ minimum: 90, maximum: 3_650 }), fallback: 1_095, least: 0 },
  /** Days the turns of health and the commands are kept; figures need the last 400. */
  historyDays: { schema: Type.Integer({ minimum: 420, maximum: 3_650 }), fallback: 1_095, least: 0 },
  /** Bytes the database may take on a machine of its own, whose disk is not seen from here; 0 = nobody said. */
  databaseBudgetBytes: { schema: Type.Integer({ minimum: 0, maximum: 2 ** 50 }), fallback: 0, least: 0 },
  /** Whether factory logins are tried on cameras: at most two a day each, since cameras lock accounts. Off until switched on. */
  defaultPasswordCheck: { schema: Type.Boolean(), fallback: false, least: 0 },
  /** Refused messages kept for a look and a replay; the oldest go first. */
  quarantineRows: { schema: Type.Integer({ minimum: 1_000, maximum: 10_000_000 }), fallback: 100_000, least: 0 },
  /** Valid readings of every required metric that a device on trial must deliver … */
  trialReadings: { schema: Type.Integer({ minimum: 1, maximum: 100 }), fallback: 3, least: 0 },
  /** … spread over this many intervals of its type. */
  trialIntervals: { schema: Type.Integer({ minimum: 0, maximum: 100 }), fallback: 2, least: 0 },
  /** Metres around a proposed camera in which others are looked for. */
  duplicateRadius: { schema: Type.Integer({ minimum: 1, maximum: 2_000 }), fallback: 50, least: 0 },
  /** Degrees between two cameras that are taken to look the same way. */
  duplicateAngle: { schema: Type.Integer({ minimum: 1, maximum: 180 }), fallback: 45, least: 0 },
  /** Whether companies may apply to become vendors without an invitation. */
  vendorApplications: { schema: Type.Boolean(), fallback: true, least: 0 },
  /** Whether vendors that are invited or apply need a 保密协议 on record before they may work. */
  vendorAgreementRequired: { schema: Type.Boolean(), fallback: true, least: 0 },
  /** What one vendor may use, as far as it is to differ from the defaults; a vendor's own quotas go first. */
  vendorQuotas: { schema: VendorQuotasInput, fallback: {}, least: 0 },
  /** When the daily backup is made, `HH:MM` in the gateway's zone, or `off`; only with CGW_BACKUP_KEY. */
  backupAt: { schema: ReportTime, fallback: '03:00', least: 0 },
  /** Backups kept in the data directory; the oldest go first. */
  backupKeep: { schema: Type.Integer({ minimum: 1, maximum: 365 }), fallback: 7, least: 0 },
  /** Days audit records are kept; the law wants six months at least. */
  auditDays: { schema: Type.Integer({ minimum: 183, maximum: 3_650 }), fallback: 400, least: 0 },
  /** Changes and removals by one actor in ten minutes above which an alert is raised. */
  auditBulkLimit: { schema: Type.Integer({ minimum: 1, maximum: 100_000 }), fallback: 50, least: 0 },
  /** A live view without a request for this long ends, and its ffmpeg with the last of them. */
  liveIdle: { schema: Duration, fallback: '20s', least: 1_000 },
  /** How long the pass of a live view is good; the player renews it. */
  liveToken: { schema: Duration, fallback: '60s', least: 2_000 },
  /** A notice about life and limb is repeated this often until somebody acknowledges it … */
  lifeSafetyRepeatEvery: { schema: Duration, fallback: '5m', least: 30_000 },
  /** … and told to the next level after so many repetitions without an answer. */
  lifeSafetyRaiseAfter: { schema: Type.Integer({ minimum: 1, maximum: 12 }), fallback: 1, least: 0 },
  /** Address under which phones reach the gateway, for links in notices; empty = no links. */
  publicUrl: {
    schema: Type.String({ pattern: '^(https?://[^\\s/@?#]+(/[^\\s?#]*)?)?$', maxLength: 200 }),
    fallback: '',
    least: 0,
  },
  /** What the console's map draws under devices; anything but `none` is asked for outside, by browsers. */
  mapTiles: { schema: MapTilesInput, fallback: { source: 'none' }, least: 0 },
  ...DUTY_SETTINGS,
  ...INSPECTION_SETTINGS,
} as const;

export type SettingName = keyof typeof SETTINGS;

/** Body of `PUT /settings`: only what is to change. */
export const SettingsInput = Type.Object(
  {
    groupHold: Type.Optional(SETTINGS.groupHold.schema),
    securityPace: Type.Optional(SETTINGS.securityPace.schema),
    massShare: Type.Optional(SETTINGS.massShare.schema),
    freezeAtMost: Type.Optional(SETTINGS.freezeAtMost.schema),
    leftoverAfter: Type.Optional(SETTINGS.leftoverAfter.schema),
    orgLevelNames: Type.Optional(SETTINGS.orgLevelNames.schema),
    sessionIdle: Type.Optional(SETTINGS.sessionIdle.schema),
    sessionAbsolute: Type.Optional(SETTINGS.sessionAbsolute.schema),
    passwordMaxAge: Type.Optional(SETTINGS.passwordMaxAge.schema),
    loginHours: Type.Optional(SETTINGS.loginHours.schema),
    requireTotpForAdmins: Type.Optional(SETTINGS.requireTotpForAdmins.schema),
    trustedProxies: Type.Optional(SETTINGS.trustedProxies.schema),
    ticketStableFor: Type.Optional(SETTINGS.ticketStableFor.schema),
    maintenanceGrace: Type.Optional(SETTINGS.maintenanceGrace.schema),
    describeEvery: Type.Optional(SETTINGS.describeEvery.schema),
    pictureEvery: Type.Optional(SETTINGS.pictureEvery.schema),
    pictureConfirm: Type.Optional(SETTINGS.pictureConfirm.schema),
    pictureCpu: Type.Optional(SETTINGS.pictureCpu.schema),
    pictureLooks: Type.Optional(SETTINGS.pictureLooks.schema),
    pictureClockBands: Type.Optional(SETTINGS.pictureClockBands.schema),
    pictureThresholds: Type.Optional(SETTINGS.pictureThresholds.schema),
    eventsEvery: Type.Optional(SETTINGS.eventsEvery.schema),
    eventsAtOnce: Type.Optional(SETTINGS.eventsAtOnce.schema),
    rawDays: Type.Optional(SETTINGS.rawDays.schema),
    hourlyDays: Type.Optional(SETTINGS.hourlyDays.schema),
    dailyDays: Type.Optional(SETTINGS.dailyDays.schema),
    metricKeeping: Type.Optional(SETTINGS.metricKeeping.schema),
    eventDays: Type.Optional(SETTINGS.eventDays.schema),
    historyDays: Type.Optional(SETTINGS.historyDays.schema),
    databaseBudgetBytes: Type.Optional(SETTINGS.databaseBudgetBytes.schema),
    defaultPasswordCheck: Type.Optional(SETTINGS.defaultPasswordCheck.schema),
    quarantineRows: Type.Optional(SETTINGS.quarantineRows.schema),
    trialReadings: Type.Optional(SETTINGS.trialReadings.schema),
    trialIntervals: Type.Optional(SETTINGS.trialIntervals.schema),
    duplicateRadius: Type.Optional(SETTINGS.duplicateRadius.schema),
    duplicateAngle: Type.Optional(SETTINGS.duplicateAngle.schema),
    vendorApplications: Type.Optional(SETTINGS.vendorApplications.schema),
    vendorAgreementRequired: Type.Optional(SETTINGS.vendorAgreementRequired.schema),
    vendorQuotas: Type.Optional(SETTINGS.vendorQuotas.schema),
    backupAt: Type.Optional(SETTINGS.backupAt.schema),
    backupKeep: Type.Optional(SETTINGS.backupKeep.schema),
    auditDays: Type.Optional(SETTINGS.auditDays.schema),
    auditBulkLimit: Type.Optional(SETTINGS.auditBulkLimit.schema),
    reportDailyAt: Type.Optional(SETTINGS.reportDailyAt.schema),
    reportBiweeklyFrom: Type.Optional(SETTINGS.reportBiweeklyFrom.schema),
    reportMonthlyDay: Type.Optional(SETTINGS.reportMonthlyDay.schema),
    liveIdle: Type.Optional(SETTINGS.liveIdle.schema),
    liveToken: Type.Optional(SETTINGS.liveToken.schema),
    lifeSafetyRepeatEvery: Type.Optional(SETTINGS.lifeSafetyRepeatEvery.schema),
    lifeSafetyRaiseAfter: Type.Optional(SETTINGS.lifeSafetyRaiseAfter.schema),
    publicUrl: Type.Optional(SETTINGS.publicUrl.schema),
    mapTiles: Type.Optional(SETTINGS.mapTiles.schema),
    workingHours: Type.Optional(SETTINGS.workingHours.schema),
    dutyDesk: Type.Optional(SETTINGS.dutyDesk.schema),
    ticketLimits: Type.Optional(SETTINGS.ticketLimits.schema),
    escalation: Type.Optional(SETTINGS.escalation.schema),
    recurrenceWithin: Type.Optional(SETTINGS.recurrenceWithin.schema),
    hazardFaults: Type.Optional(SETTINGS.hazardFaults.schema),
    hazardWithin: Type.Optional(SETTINGS.hazardWithin.schema),
    inspectionAt: Type.Optional(SETTINGS.inspectionAt.schema),
    inspectionDueAt: Type.Optional(SETTINGS.inspectionDueAt.schema),
    inspectionBy: Type.Optional(SETTINGS.inspectionBy.schema),
    surveyDay: Type.Optional(SETTINGS.surveyDay.schema),
    surveyModules: Type.Optional(SETTINGS.surveyModules.schema),
    surveyDays: Type.Optional(SETTINGS.surveyDays.schema),
    hotSpotWeekday: Type.Optional(SETTINGS.hotSpotWeekday.schema),
    hotSpotFrom: Type.Optional(SETTINGS.hotSpotFrom.schema),
    hazardIgnoresShorter: Type.Optional(SETTINGS.hazardIgnoresShorter.schema),
    photoDistance: Type.Optional(SETTINGS.photoDistance.schema),
  },
  { additionalProperties: false },
);
export type SettingsInput = Static<typeof SettingsInput>;

/** Every setting with its value in force. */
export type SettingValues = Required<SettingsInput>;
