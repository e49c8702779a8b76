/** What inspections (巡检), the monthly count (排摸), hot spots and data quality ask of the store. Days = days since 1970-01-01 in the gateway's zone. */

export const INSPECTION_RESULTS = ['normal', 'abnormal'] as const;
export type InspectionResult = (typeof INSPECTION_RESULTS)[number];
export const INSPECTION_KINDS = ['overdueTicket', 'offline', 'stale', 'neverSeen'] as const;
export type InspectionKind = (typeof INSPECTION_KINDS)[number];
export const INSPECTION_STATES = ['open', 'overdue', 'submitted', 'late'] as const;
export type InspectionState = (typeof INSPECTION_STATES)[number];

export interface InspectionTask {
  readonly id: string;
  readonly orgId: string;
  readonly orgName: string;
  readonly day: number;
  readonly modules: readonly string[];
  /** Devices in service it is about. */
  readonly devices: number;
  /** Lines of the list, those answered, and findings that did not fit on it. */
  readonly items: number;
  readonly answered: number;
  readonly abnormal: number;
  readonly omitted: number;
  readonly createdAt: number;
  readonly dueAt: number;
  readonly submittedAt: number | null;
  readonly submittedBy: string | null;
  readonly submittedName: string | null;
  readonly note: string | null;
  /** `late` = submitted after its time. */
  readonly state: InspectionState;
}

export interface InspectionItem {
  readonly n: number;
  readonly kind: InspectionKind;
  readonly deviceId: string | null;
  readonly ticketId: string | null;
  readonly name: string;
  readonly place: string | null;
  readonly module: string | null;
  readonly since: number | null;
  readonly reason: string | null;
  readonly result: InspectionResult | null;
  readonly note: string | null;
  readonly photo: string | null;
  readonly by: string | null;
  readonly at: number | null;
}

export interface InspectionAnswer {
  readonly n: number;
  readonly result: InspectionResult;
  readonly note?: string;
  readonly photo?: string;
}

export interface CampaignFilter {
  readonly modules?: readonly string[];
  readonly types?: readonly string[];
}

export interface Campaign {
  readonly id: string;
  /** First day of its month. */
  readonly month: number;
  readonly name: string;
  readonly filter: CampaignFilter;
  readonly dueAt: number;
  readonly startedAt: number;
  readonly startedBy: string;
  /** Devices of the filter that hang on no residents' committee. */
  readonly unplaced: number;
  readonly sealedAt: number | null;
  readonly sealedBy: string | null;
  readonly sealNote: string | null;
}

export const SHEET_STATES = ['open', 'submitted', 'countersigned'] as const;
export type SheetState = (typeof SHEET_STATES)[number];

/** What one residents' committee answers, in numbers. */
export interface CampaignSheet {
  readonly orgId: string;
  readonly orgName: string;
  readonly state: SheetState;
  readonly expected: number;
  readonly confirmed: number;
  readonly wrong: number;
  readonly added: number;
  readonly removed: number;
  readonly unanswered: number;
  /** Everybody who answered anything of it; none of them may countersign. */
  readonly filledBy: readonly { readonly id: string; readonly name: string }[];
  readonly submittedAt: number | null;
  readonly submittedBy: string | null;
  readonly submittedName: string | null;
  readonly signedAt: number | null;
  readonly signedBy: string | null;
  readonly signedName: string | null;
  readonly returnedReason: string | null;
}

export const EXPECTED_RESULTS = ['confirmed', 'wrong', 'removed'] as const;
export const CAMPAIGN_RESULTS = [...EXPECTED_RESULTS, 'new'] as const;
export type CampaignResult = (typeof CAMPAIGN_RESULTS)[number];

/** What a person says of an item; a picture and where they stood, WGS-84. */
export interface CampaignAnswer {
  readonly n: number;
  readonly result: (typeof EXPECTED_RESULTS)[number];
  /** Only and always of `wrong`. */
  readonly wrong?: string;
  readonly note?: string;
  readonly photo?: string;
  readonly lat?: number;
  readonly lon?: number;
}

/** A device that is on no list. */
export interface CampaignFind extends Omit<CampaignAnswer, 'n' | 'result' | 'wrong'> {
  readonly name: string;
  readonly place: string;
}

export interface CampaignItem {
  readonly n: number;
  readonly orgId: string;
  /** null = added by hand. */
  readonly deviceId: string | null;
  readonly name: string;
  readonly type: string | null;
  readonly module: string | null;
  readonly place: string | null;
  readonly siteId: string | null;
  readonly result: CampaignResult | null;
  readonly wrong: string | null;
  readonly note: string | null;
  readonly photo: string | null;
  readonly lat: number | null;
  readonly lon: number | null;
  readonly by: string | null;
  readonly at: number | null;
  readonly ticketId: string | null;
}

export const SPOT_KINDS = ['site', 'device'] as const;
export type SpotKind = (typeof SPOT_KINDS)[number];

export interface HotSpot {
  /** `site:<id>` or `device:<id>`. */
  readonly key: string;
  readonly id: string;
  readonly name: string;
  readonly module: string | null;
  readonly orgId: string | null;
  readonly siteId: string | null;
  readonly devices: number;
  readonly tickets: number;
  readonly deviceMonths: number;
  /** Tickets that the mean of the district would give it. */
  readonly expected: number;
  readonly perDeviceMonth: number;
  readonly z: number;
  readonly lastAt: number;
  /** The inspection that is under way because of it. */
  readonly ticketId: string | null;
}

export const USE_ACTIONS = ['retire', 'move', 'keep'] as const;
export type UseAction = (typeof USE_ACTIONS)[number];

export interface DeviceUse {
  readonly deviceId: string;
  readonly name: string;
  readonly module: string | null;
  readonly orgId: string | null;
  readonly siteName: string | null;
  readonly days: number;
  readonly views: number;
  readonly events: number;
  /** Share of the readings that say whether it is in use that say yes; null = it has none. */
  readonly useShare: number | null;
  readonly tickets: number;
  readonly falseAlarms: number;
  readonly falseAlarmRate: number | null;
  readonly decision: {
    readonly action: UseAction;
    readonly reason: string;
    readonly by: string;
    readonly at: number;
  } | null;
}

/** By what the numbers of a day are read. */
export const QUALITY_BY = ['device', 'vendor', 'type', 'module'] as const;
export type QualityBy = (typeof QUALITY_BY)[number];

/** The numbers behind a score, of one device and day or added up. */
export interface QualityNumbers {
  /** null = no interval is known, so nothing can be missing. */
  readonly expected: number | null;
  /** Not expected because of approved maintenance. */
  readonly excused: number;
  readonly received: number;
  readonly readings: number;
  readonly duplicates: number;
  readonly refused: number;
  readonly unknown: number;
  readonly skewed: number;
  readonly judged: number;
  readonly stuck: number;
}

export interface QualityRow extends QualityNumbers {
  readonly key: string | null;
  readonly name: string | null;
  /** 0 to 100; null = nothing to judge. Of a vendor, type or module the mean of its devices. */
  readonly score: number | null;
  readonly devices: number;
}
