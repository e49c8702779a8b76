import type { Actor } from '../../domain/actor.ts';
import type {
  Campaign,
  CampaignAnswer,
  CampaignFilter,
  CampaignFind,
  CampaignItem,
  CampaignResult,
  CampaignSheet,
  DeviceUse,
  HotSpot,
  InspectionAnswer,
  InspectionItem,
  InspectionResult,
  InspectionState,
  InspectionTask,
  QualityBy,
  QualityRow,
  SpotKind,
  UseAction,
} from '../../domain/inspection-rows.ts';
import type { Language } from '../../messages/index.ts';

interface Paged {
  readonly limit?: number;
  readonly cursor?: string;
}
interface Listed<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}
interface Ruled<T> extends Listed<T> {
  /** How the numbers are made, in words. */
  readonly rules: readonly string[];
}
type TaskView = Omit<InspectionTask, 'day'> & { readonly date: string };
type TaskWithItems = TaskView & { readonly list: readonly InspectionItem[] };
type CampaignView = Omit<Campaign, 'month'> & { readonly month: string };
type CampaignWithSheets = CampaignView & { readonly sheets: readonly CampaignSheet[] };
type Parts = Readonly<Record<'gaps' | 'duplicates' | 'range' | 'stuck' | 'skew' | 'schema', number | null>>;

/** 巡检, 排摸, hot spots, use and data quality within the reader's reach. Times in epoch milliseconds. */
export interface InspectionPort {
  tasks(
    actor: Actor,
    query: Paged & { readonly date?: string; readonly orgId?: string; readonly state?: InspectionState },
  ): Promise<Listed<TaskView> & { readonly total: number | null }>;
  task(actor: Actor, id: string): Promise<TaskWithItems>;
  answer(actor: Actor, id: string, answers: readonly InspectionAnswer[]): Promise<TaskWithItems>;
  submit(
    actor: Actor,
    id: string,
    input: { readonly items?: readonly InspectionAnswer[]; readonly rest?: InspectionResult; readonly note?: string },
  ): Promise<TaskWithItems>;
  campaigns(actor: Actor, query: Paged): Promise<Listed<CampaignView>>;
  campaign(actor: Actor, id: string): Promise<CampaignWithSheets>;
  startCampaign(
    actor: Actor,
    input: {
      readonly name: string;
      readonly month?: string;
      readonly filter: CampaignFilter;
      readonly dueAt?: number;
    },
  ): Promise<CampaignWithSheets>;
  campaignItems(
    actor: Actor,
    id: string,
    query: Paged & { readonly orgId?: string; readonly result?: CampaignResult | 'unanswered' },
  ): Promise<Listed<CampaignItem>>;
  sheet(actor: Actor, id: string, orgId: string): Promise<CampaignSheet>;
  answerSheet(actor: Actor, id: string, orgId: string, answers: readonly CampaignAnswer[]): Promise<CampaignSheet>;
  addFind(actor: Actor, id: string, orgId: string, find: CampaignFind): Promise<{ readonly n: number }>;
  removeFind(actor: Actor, id: string, orgId: string, n: number): Promise<void>;
  submitSheet(actor: Actor, id: string, orgId: string): Promise<CampaignSheet>;
  countersign(actor: Actor, id: string, orgId: string): Promise<CampaignSheet>;
  returnSheet(actor: Actor, id: string, orgId: string, reason: string): Promise<CampaignSheet>;
  seal(actor: Actor, id: string, reason: string | undefined): Promise<CampaignWithSheets>;
  campaignFile(
    actor: Actor,
    id: string,
    purpose: string,
  ): Promise<{
    readonly bytes: Uint8Array;
    readonly contentType: string;
    readonly title: string;
    readonly name: string;
  }>;
  hotSpots(
    actor: Actor,
    query: Paged & { readonly by: SpotKind; readonly days: number; readonly module?: string },
    language: Language,
  ): Promise<Ruled<HotSpot & { readonly hot: boolean }> & { readonly perDeviceMonth: number }>;
  inspectHotSpot(actor: Actor, key: string): Promise<{ readonly ticketId: string }>;
  use(
    actor: Actor,
    query: Paged & { readonly by: 'lowUse' | 'falseAlarm'; readonly quarter?: string; readonly module?: string },
    language: Language,
  ): Promise<Ruled<DeviceUse> & { readonly by: string; readonly quarter: string; readonly through: number | null }>;
  decideUse(
    actor: Actor,
    deviceId: string,
    input: { readonly action: UseAction; readonly reason: string; readonly quarter?: string },
  ): Promise<{
    readonly action: UseAction;
    readonly reason: string;
    readonly quarter: string;
    readonly ticketId: string | null;
  }>;
  quality(
    actor: Actor,
    query: Paged & {
      readonly by: QualityBy;
      readonly date?: string;
      readonly vendorId?: string;
      readonly module?: string;
      readonly type?: string;
    },
    language: Language,
  ): Promise<
    Ruled<QualityRow & { readonly parts: Parts }> & {
      readonly by: string;
      readonly date: string;
      readonly through: number | null;
    }
  >;
}
