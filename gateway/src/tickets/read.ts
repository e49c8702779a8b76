import type { Title } from '../domain/device-type/types.ts';
import type { Escalation } from '../domain/escalation.ts';
import { causeOf } from '../domain/group-cause.ts';
import type { StageLimits } from '../domain/stage-limits.ts';
import type { TicketEvidence, TicketKind, TicketPriority, TicketRecord, TicketStage } from '../domain/ticket.ts';
import { MANUAL_KINDS } from '../domain/ticket-codes.ts';
import type {
  LoggedEntry,
  PartyDuty,
  StoredTicket,
  TicketAsk,
  TicketAttachment,
  TicketBelongings,
  TicketParty,
} from '../domain/ticket-rows.ts';
import type { Duty, TransitionRefusal } from '../domain/ticket-transition.ts';
import { GatewayError } from '../errors.ts';
import { bilingual, codeText, type Language, type MessageKey, text, textOr } from '../messages/index.ts';
import { dueOf } from './due.ts';
import type { TitleOf } from './ports.ts';
import type { TicketSettings } from './settings.ts';

/** A ticket as answered; times in epoch milliseconds, absent values null. */
export interface TicketDetails {
  readonly id: string;
  readonly no: string;
  readonly kind: TicketKind;
  readonly title: string | null;
  readonly fault: string;
  /** In the language asked for. */
  readonly faultText?: string;
  readonly priority: TicketPriority;
  readonly stage: TicketStage;
  readonly deviceIds: readonly string[];
  readonly component: string | null;
  readonly siteId: string | null;
  readonly orgId: string | null;
  readonly module: string | null;
  readonly incidentId: string | null;
  readonly handlerOrgId: string | null;
  readonly assigneeId: string | null;
  readonly cause: string | null;
  readonly evidence: readonly TicketEvidence[];
  readonly history: readonly {
    readonly from: TicketStage | null;
    readonly to: TicketStage;
    readonly by: string;
    readonly at: number;
    readonly note: string | null;
    readonly cause: string | null;
  }[];
  readonly comments: readonly { readonly by: string; readonly at: number; readonly text: string }[];
  readonly openedAt: number;
  readonly stageSince: number;
  readonly dueAt: number | null;
  readonly overdueSeconds: number;
  readonly suspendedUntil: number | null;
  readonly firing: boolean;
  readonly fireCount: number;
  readonly lifeSafety: boolean;
  readonly reopenOf: string | null;
  readonly drill: boolean;
  /** `deviceIds` holds the first of them. */
  readonly deviceCount: number;
  readonly openedBy: string;
  readonly faultType: string | null;
  /** 处置建议 in the language asked for. */
  readonly advice: string | null;
  readonly returnCount: number;
  readonly superviseCount: number;
  readonly mergedInto: string | null;
  readonly merged: readonly { readonly id: string; readonly no: string }[];
  readonly extensions: readonly ShownAsk[];
  readonly suspensions: readonly ShownAsk[];
  readonly escalations: readonly Omit<Escalation, 'ticketId'>[];
  readonly supervisions: readonly { readonly by: string; readonly at: number; readonly text: string }[];
  readonly parties: readonly ShownParty[];
  readonly attachments: readonly ShownAttachment[];
  /** Of the people, organisations and devices named here, by id. */
  readonly names?: Readonly<Record<string, string>>;
  /** Of one ticket: stages the reader may move it to now. */
  readonly allowed?: readonly TicketStage[];
  readonly duties?: readonly Exclude<Duty, 'system'>[];
}

export interface ShownAttachment extends Omit<TicketAttachment, 'ticketId'> {
  /** Taken further from the device than `photoDistance`. */
  readonly far: boolean;
}

export interface ShownAsk extends Omit<TicketAsk, 'ticketId' | 'kind'> {}

/** 主办 (`lead`) is the handling organisation itself. */
export interface ShownParty {
  readonly orgId: string;
  readonly duty: 'lead' | PartyDuty;
  readonly addedAt: number | null;
  readonly respondBy: number | null;
  readonly acknowledgedBy: string | null;
  readonly acknowledgedAt: number | null;
  readonly overdue: boolean;
  readonly note: string | null;
}

export function details(
  { ticket, deviceIds, deviceCount }: StoredTicket,
  log: readonly LoggedEntry[],
  belongings: TicketBelongings | undefined,
  context: {
    now: number;
    limits: StageLimits;
    language: Language;
    titleOf?: TitleOf;
    settings: Pick<TicketSettings, 'photoDistance'>;
  },
): TicketDetails {
  const t: TicketRecord = ticket;
  const { now, limits, language } = context;
  const titleOf = (code: string) => context.titleOf?.(code, deviceIds);
  const asks = (kind: TicketAsk['kind']) =>
    (belongings?.asks ?? []).flatMap(({ ticketId: _, kind: one, ...ask }) => (one === kind ? [ask] : []));
  const spoken = (kind: LoggedEntry['kind']) =>
    log.filter((entry) => entry.kind === kind).map(({ by, at, note }) => ({ by, at, text: note ?? '' }));
  // What the gateway says there itself has a code, and its words are made here.
  const comments = log.flatMap((entry) =>
    entry.kind === 'comment' ? [{ by: entry.by, at: entry.at, text: noteOf(entry, language, titleOf) ?? '' }] : [],
  );
  return {
    id: t.id,
    no: t.no,
    kind: t.kind,
    title: titleIn(language, t),
    fault: t.fault,
    faultText: codeText(language, t.fault, titleOf(t.fault)),
    priority: t.priority,
    stage: t.stage,
    deviceIds,
    component: t.component,
    siteId: t.siteId,
    orgId: t.orgId,
    module: t.module,
    incidentId: t.incidentId,
    handlerOrgId: t.handlerOrgId,
    assigneeId: t.assigneeId,
    cause: t.cause,
    evidence: t.evidence,
    history: log
      .filter((entry) => entry.kind !== 'comment')
      .map((entry) => ({ ...pick(entry), note: noteOf(entry, language, titleOf), cause: entry.cause })),
    comments,
    openedAt: t.openedAt,
    stageSince: t.stageSince,
    ...dueOf(log, t, now, limits),
    suspendedUntil: t.suspendedUntil,
    firing: t.firing,
    fireCount: t.fireCount,
    lifeSafety: t.lifeSafety,
    reopenOf: t.reopenOf,
    drill: t.drill,
    deviceCount,
    openedBy: t.openedBy,
    faultType: t.faultType,
    advice: t.advice?.[language === 'en' ? 'en' : 'zh'] ?? t.advice?.zh ?? null,
    returnCount: t.returnCount,
    superviseCount: t.superviseCount,
    mergedInto: t.mergedInto,
    merged: belongings?.merged ?? [],
    extensions: asks('extension'),
    suspensions: asks('suspension'),
    escalations: (belongings?.escalations ?? []).map(({ ticketId: _, ...step }) => step),
    supervisions: spoken('supervision'),
    parties: parties(t, log, belongings?.parties ?? [], now),
    attachments: (belongings?.attachments ?? []).map(({ ticketId: _, ...file }) => ({
      ...file,
      far: isFar(file.distance, context.settings.photoDistance),
    })),
  };
}

/** Taken so far from the device that it may show something else. */
export function isFar(metres: number | null, limit: number): boolean {
  return metres !== null && metres > limit;
}

function parties(
  t: TicketRecord,
  log: readonly LoggedEntry[],
  helping: readonly TicketParty[],
  now: number,
): ShownParty[] {
  const accepted = log.findLast((entry) => entry.to === 'handling' && entry.at === t.acceptedAt);
  const dispatched = log.findLast((entry) => entry.to === 'dispatched' && entry.from !== 'dispatched');
  const lead: ShownParty[] =
    t.handlerOrgId === null
      ? []
      : [
          {
            orgId: t.handlerOrgId,
            duty: 'lead',
            addedAt: dispatched?.at ?? null,
            respondBy: t.stage === 'dispatched' ? t.dueAt : null,
            acknowledgedBy: accepted?.by ?? null,
            acknowledgedAt: t.acceptedAt,
            overdue: t.stage === 'dispatched' && t.dueAt !== null && t.dueAt < now,
            note: null,
          },
        ];
  return [
    ...lead,
    ...helping.map(({ ticketId: _, addedBy: __, ...party }) => ({
      ...party,
      overdue: party.acknowledgedAt === null && party.respondBy !== null && party.respondBy < now,
    })),
  ];
}

function pick({ from, to, by, at }: LoggedEntry) {
  return { from, to, by, at };
}

/** What the gateway called it itself comes in the reader's language; what a person wrote stays as it is. */
function titleIn(language: Language, { title, fault, evidence }: TicketRecord): string | null {
  const kind = MANUAL_KINDS.find((one) => one.code === fault && one.title.zh === title);
  if (kind) return language === 'en' ? (kind.title.en ?? kind.title.zh) : kind.title.zh;
  const cause = title === null ? undefined : evidence.find(({ detail }) => causeOf('zh-CN', [detail]) === title);
  return cause === undefined ? title : causeOf(language, [cause.detail]);
}

function noteOf(entry: LoggedEntry, language: Language, titleOf: (code: string) => Title | undefined): string | null {
  if (entry.code === null) return entry.note;
  const { reason } = entry.values ?? {};
  const values =
    typeof reason === 'string'
      ? { ...entry.values, reason: codeText(language, reason, titleOf(reason)) }
      : (entry.values ?? {});
  const said = textOr(language, `ticket.note.${entry.code}`, entry.code, values);
  return entry.note === null ? said : `${said}${between(said, language)}${entry.note}`;
}

/** Chinese has no space between sentences: what was said ends with a mark of its own or gets one. */
function between(said: string, language: Language): string {
  if (language !== 'zh-CN') return ' ';
  return /[。：；]$/u.test(said) ? '' : '：';
}

/** The refusal as the API answers it: allowed stages always, and which rule of which field is not met. */
export function refusalError(refusal: TransitionRefusal, extra: Record<string, unknown> = {}): GatewayError {
  const message = bilingual(`ticket.refused.${refusal.rule}` as MessageKey);
  const path = FIELD_OF[refusal.rule] ?? 'to';
  return new GatewayError(refusal.code, message, {
    errors: [{ path: pointer(path), code: refusal.rule, message }],
    extra: { allowed: refusal.allowed, ...extra },
  });
}

/** A refusal outside the table of transitions; `rule` is the last part of its text's key. */
export function refused(
  code: 'FORBIDDEN' | 'CONFLICT' | 'UNPROCESSABLE' | 'INVALID_INPUT' | 'TRANSITION_NOT_ALLOWED',
  rule: string,
  path: string,
  extra: Record<string, unknown> = {},
): GatewayError {
  const message = bilingual(`ticket.refused.${rule}` as MessageKey);
  return new GatewayError(code, message, { errors: [{ path: pointer(path), code: rule, message }], extra });
}

/** Parts of the address and of the query go by their names, like everywhere in the API. */
const NAMES: readonly string[] = ['id', 'n', 'cursor'];

/** `evidence.0.detail` of a body as the JSON Pointer the API speaks. */
export function pointer(path: string): string {
  return path.startsWith('/') || NAMES.includes(path) ? path : `/${path.replaceAll('.', '/')}`;
}

const FIELD_OF: Partial<Record<TransitionRefusal['rule'], string>> = {
  person: 'assigneeId',
  handlerOrg: 'handlerOrgId',
  note: 'note',
  cause: 'cause',
  knownCause: 'cause',
  knownFaultType: 'faultType',
  photo: 'evidence',
  evidence: 'evidence',
  recheck: 'evidence',
  until: 'until',
  module: 'module',
  fault: 'fault',
};

export function stageText(language: Language, stage: TicketStage): string {
  return text(language, `ticket.stage.${stage}`);
}

/** Opaque to callers; a broken one is refused by name. */
export function encodeCursor(ticket: TicketRecord): string {
  return Buffer.from(JSON.stringify([ticket.openedAt, ticket.id])).toString('base64url');
}

export function decodeCursor(cursor: string): { openedAt: number; id: string } {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(value) && Number.isFinite(value[0]) && typeof value[1] === 'string')
      return { openedAt: Number(value[0]), id: value[1] };
    throw new RangeError('not a cursor of this list');
  } catch (cause) {
    const message = bilingual('ticket.refused.cursor');
    throw new GatewayError('INVALID_INPUT', message, { errors: [{ path: 'cursor', code: 'cursor', message }], cause });
  }
}
