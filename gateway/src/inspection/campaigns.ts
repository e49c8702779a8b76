import { randomUUID } from 'node:crypto';
import { type Actor, SYSTEM } from '../domain/actor.ts';
import { fieldError, refuseIf } from '../domain/input.ts';
import type {
  Campaign,
  CampaignAnswer,
  CampaignFilter,
  CampaignFind,
  CampaignItem,
  CampaignResult,
  CampaignSheet,
} from '../domain/inspection-rows.ts';
import { requireRight } from '../domain/permission.ts';
import { monthStart } from '../domain/report-period.ts';
import type { TicketRequest } from '../domain/ticket-request.ts';
import type { Tx } from '../domain/tx.ts';
import { GatewayError } from '../errors.ts';
import { bilingual } from '../messages/index.ts';
import { conflict, cutPage, type InspectionContext, proof, readDay, readOffset } from './context.ts';

export interface CampaignStart {
  readonly name: string;
  /** `YYYY-MM`; absent = this month. */
  readonly month?: string;
  readonly filter: CampaignFilter;
  /** Epoch milliseconds; absent = as long as the setting says. */
  readonly dueAt?: number;
}

export interface CampaignItemsQuery {
  readonly orgId?: string;
  readonly result?: CampaignResult | 'unanswered';
  readonly limit?: number;
  readonly cursor?: string;
}

const DAY_MS = 86_400_000;
const FAULTS = { wrong: 'surveyWrong', new: 'surveyNew', removed: 'surveyRemoved' } as const;

/** The monthly count (排摸): a frozen list, answers by residents' committees, a second signature, a seal. */
export function createCampaigns(context: InspectionContext) {
  const { store, transactor, clock, calendar, settings } = context;
  let looked = -1;

  const view = ({ month, ...campaign }: Campaign) => ({ ...campaign, month: calendar.text(month).slice(0, 7) });

  const monthOf = (month: string | undefined) => {
    const today = monthStart(calendar.dayOf(clock.now()));
    const day = month === undefined ? today : readDay(`${month}-01`, '/month', calendar);
    if (day > today) refuseIf([fieldError('/month', 'range', 'campaign.future')]);
    return day;
  };

  const start = (actor: Actor, { name, month, filter, dueAt }: CampaignStart) =>
    transactor.transaction(async (tx) => {
      const now = clock.now();
      const row = {
        id: `pm_${randomUUID().replaceAll('-', '')}`,
        month: monthOf(month),
        name,
        filter,
        dueAt: dueAt ?? now + settings().surveyDays * DAY_MS,
        startedAt: now,
        startedBy: actor.id,
      };
      if (row.dueAt <= now) refuseIf([fieldError('/dueAt', 'range', 'campaign.dueBefore')]);
      const expected = await store.startCampaign(tx, row, actor.scope);
      if (expected === undefined) throw conflict('campaign.exists', { name });
      if (expected === 0)
        refuseIf([fieldError(filter.modules ? '/filter/modules' : '/filter', 'empty', 'campaign.empty')]);
      await proof(context, tx, actor, { action: 'start', resourceId: row.id, after: { name, filter, expected } });
      return row.id;
    });

  const locked = async (tx: Tx, actor: Actor, id: string) => {
    const campaign = await store.campaign(tx, actor.scope, id, true);
    if (!campaign) throw new GatewayError('NOT_FOUND');
    return campaign;
  };

  /** The sheet of a campaign that is not sealed; both are foreign alike when one is. */
  const writable = async (tx: Tx, actor: Actor, id: string, orgId: string) => {
    const campaign = await locked(tx, actor, id);
    const [seen] = await store.sheets(tx, actor.scope, id, orgId);
    if (!seen) throw new GatewayError('NOT_FOUND');
    if (campaign.sealedAt !== null) throw conflict('campaign.sealed');
    const [sheet = seen] = await store.sheets(tx, { kind: 'all' }, id, orgId);
    return { campaign, sheet };
  };

  const opened = async (tx: Tx, actor: Actor, id: string, orgId: string) => {
    const { campaign, sheet } = await writable(tx, actor, id, orgId);
    if (sheet.state !== 'open') throw conflict('campaign.submitted');
    return { campaign, sheet };
  };

  const sheetOf = async (actor: Actor, id: string, orgId: string): Promise<CampaignSheet> => {
    requireRight(actor, 'inspections', 'read');
    const [sheet] = await store.sheets(transactor.autocommit, actor.scope, id, orgId);
    if (!sheet) throw new GatewayError('NOT_FOUND');
    return sheet;
  };

  /** What differs becomes tickets, each once: an item keeps the ticket it has. */
  const fileDifferences = async (tx: Tx, campaign: Campaign, orgId: string): Promise<number> => {
    const items = await store.differences(tx, campaign.id, orgId);
    const requests = items.map((item) => requestOf(campaign, orgId, item));
    const tickets = await context.file(tx, requests);
    await store.noteTickets(
      tx,
      campaign.id,
      items.flatMap(({ n }, i) => {
        const ticketId = tickets[i];
        return ticketId === undefined ? [] : [{ n, ticketId }];
      }),
    );
    return items.length;
  };

  const requestOf = (campaign: Campaign, orgId: string, item: CampaignItem & { device: number | null }) => {
    const fault = FAULTS[item.result === 'new' || item.result === 'removed' ? item.result : 'wrong'];
    const request: TicketRequest = {
      kind: 'inspection',
      fault,
      subject: `campaign:${campaign.id}:item:${item.n}`,
      severity: 'minor',
      devices: item.device === null ? [] : [item.device],
      module: item.module ?? campaign.filter.modules?.[0] ?? null,
      siteId: item.siteId,
      orgId,
      toLead: true,
      // A ticket names its device and its place itself.
      title: item.device === null ? [item.place, item.name].filter((part) => part !== null).join(' · ') : item.wrong,
      code: fault,
      values: { campaign: campaign.name, name: item.name, wrong: item.wrong ?? '', note: item.note ?? '' },
    };
    return request;
  };

  return {
    campaignItems: async (actor: Actor, id: string, query: CampaignItemsQuery) => {
      requireRight(actor, 'inspections', 'read');
      if (!(await store.campaign(transactor.autocommit, actor.scope, id, false))) throw new GatewayError('NOT_FOUND');
      const { limit = 50, orgId = null, result = null } = query;
      const after = readOffset(query.cursor);
      const rows = await store.campaignItems(transactor.autocommit, actor.scope, id, {
        orgId,
        result,
        after,
        limit: limit + 1,
      });
      const items = rows.slice(0, limit);
      return { items, nextCursor: rows.length > limit ? String(items.at(-1)?.n ?? 0) : null };
    },

    async campaigns(actor: Actor, { limit = 50, cursor }: { readonly limit?: number; readonly cursor?: string }) {
      requireRight(actor, 'inspections', 'read');
      const offset = readOffset(cursor);
      const rows = await store.campaigns(transactor.autocommit, actor.scope, { offset, limit: limit + 1 });
      return cutPage(rows.map(view), offset, limit);
    },

    async campaign(actor: Actor, id: string) {
      requireRight(actor, 'inspections', 'read');
      const campaign = await store.campaign(transactor.autocommit, actor.scope, id, false);
      if (!campaign) throw new GatewayError('NOT_FOUND');
      return { ...view(campaign), sheets: await store.sheets(transactor.autocommit, actor.scope, id, null) };
    },

    async startCampaign(actor: Actor, input: CampaignStart) {
      requireRight(actor, 'inspections', 'create');
      return this.campaign(actor, await start(actor, input));
    },

    sheet: sheetOf,

    async answerSheet(actor: Actor, id: string, orgId: string, answers: readonly CampaignAnswer[]) {
      requireRight(actor, 'inspections', 'update');
      refuseIf(
        answers.flatMap(({ result, wrong }, i) =>
          (result === 'wrong') === (wrong !== undefined)
            ? []
            : [fieldError(`/items/${i}/wrong`, 'wrong', 'campaign.wrongOnly')],
        ),
      );
      await transactor.transaction(async (tx) => {
        await opened(tx, actor, id, orgId);
        const found = await store.answerItems(tx, actor.scope, id, orgId, answers, actor.id, clock.now());
        if (found < new Set(answers.map(({ n }) => n)).size) {
          refuseIf([fieldError('/items', 'unknown', 'inspection.noItem')]);
        }
        await proof(context, tx, actor, { action: 'answer', resourceId: id, after: { orgId, items: answers } });
      });
      return sheetOf(actor, id, orgId);
    },

    /** A device that stands there and is on no list. */
    async addFind(actor: Actor, id: string, orgId: string, find: CampaignFind) {
      requireRight(actor, 'inspections', 'update');
      const n = await transactor.transaction(async (tx) => {
        await opened(tx, actor, id, orgId);
        const added = await store.addFind(tx, id, orgId, find, actor.id, clock.now());
        await proof(context, tx, actor, { action: 'add', resourceId: id, after: { orgId, n: added, ...find } });
        return added;
      });
      return { n };
    },

    async removeFind(actor: Actor, id: string, orgId: string, n: number): Promise<void> {
      requireRight(actor, 'inspections', 'update');
      await transactor.transaction(async (tx) => {
        await opened(tx, actor, id, orgId);
        if (!(await store.removeFind(tx, id, orgId, n))) throw new GatewayError('NOT_FOUND');
        await proof(context, tx, actor, { action: 'remove', resourceId: id, before: { orgId, n } });
      });
    },

    async submitSheet(actor: Actor, id: string, orgId: string) {
      requireRight(actor, 'inspections', 'update');
      await transactor.transaction(async (tx) => {
        const { sheet } = await opened(tx, actor, id, orgId);
        if (sheet.unanswered > 0) throw conflict('campaign.unanswered', { count: sheet.unanswered });
        const by = { by: actor.id, name: actor.name, now: clock.now() };
        await store.moveSheet(tx, id, orgId, { state: 'submitted', ...by });
        await proof(context, tx, actor, { action: 'submit', resourceId: id, after: { orgId } });
      });
      return sheetOf(actor, id, orgId);
    },

    /** By somebody of the residents' committee who filled in nothing of it; the differences become tickets. */
    async countersign(actor: Actor, id: string, orgId: string) {
      requireRight(actor, 'inspections', 'update');
      await transactor.transaction(async (tx) => {
        const { campaign, sheet } = await writable(tx, actor, id, orgId);
        if (sheet.state !== 'submitted') throw conflict('campaign.notSubmitted');
        if (actor.orgId !== orgId) throw new GatewayError('FORBIDDEN', bilingual('campaign.notCommittee'));
        if (sheet.submittedBy === actor.id || (await store.filledIn(tx, id, orgId, actor.id))) {
          throw new GatewayError('FORBIDDEN', bilingual('campaign.samePerson'));
        }
        const by = { by: actor.id, name: actor.name, now: clock.now() };
        await store.moveSheet(tx, id, orgId, { state: 'countersigned', ...by });
        const tickets = await fileDifferences(tx, campaign, orgId);
        await proof(context, tx, actor, { action: 'countersign', resourceId: id, after: { orgId, tickets } });
      });
      return sheetOf(actor, id, orgId);
    },

    /** Back to whoever filled it in, before it is countersigned. */
    async returnSheet(actor: Actor, id: string, orgId: string, reason: string) {
      requireRight(actor, 'inspections', 'update');
      await transactor.transaction(async (tx) => {
        const { sheet } = await writable(tx, actor, id, orgId);
        if (sheet.state !== 'submitted') throw conflict('campaign.notSubmitted');
        const by = { by: actor.id, name: actor.name, now: clock.now() };
        await store.moveSheet(tx, id, orgId, { state: 'open', reason, ...by });
        await proof(context, tx, actor, { action: 'return', resourceId: id, reason, after: { orgId } });
      });
      return sheetOf(actor, id, orgId);
    },

    /** Nothing of it changes any more. A reason is needed while a committee has not countersigned. */
    async seal(actor: Actor, id: string, reason: string | undefined) {
      requireRight(actor, 'inspections', 'decide');
      await transactor.transaction(async (tx) => {
        const campaign = await locked(tx, actor, id);
        if (campaign.sealedAt !== null) throw conflict('campaign.sealed');
        const sheets = await store.sheets(tx, { kind: 'all' }, id, null);
        const seen = await store.sheets(tx, actor.scope, id, null);
        if (seen.length < sheets.length) throw new GatewayError('FORBIDDEN', bilingual('campaign.notAllSeen'));
        const open = sheets.filter((sheet) => sheet.state !== 'countersigned' && sheet.expected + sheet.added > 0);
        if (open.length > 0 && reason === undefined) throw conflict('campaign.openSheets', { count: open.length });
        await store.seal(tx, id, actor.id, reason ?? null, clock.now());
        await proof(context, tx, actor, {
          action: 'seal',
          resourceId: id,
          ...(reason === undefined ? {} : { reason }),
          after: { open: open.map(({ orgId }) => orgId) },
        });
      });
      return this.campaign(actor, id);
    },

    /** Begins the count of the month by itself, when a setting names its day. */
    async startDue(): Promise<void> {
      const today = calendar.dayOf(clock.now());
      const { surveyDay, surveyModules } = settings();
      const first = monthStart(today);
      if (surveyDay === 0 || today - first + 1 < surveyDay || looked === today) return;
      const month = calendar.text(first).slice(0, 7);
      try {
        await start(SYSTEM, { name: `${month} 排摸`, filter: { modules: surveyModules } });
      } catch (error) {
        // It is there already, or there is nothing to count.
        if (!(error instanceof GatewayError) || !['CONFLICT', 'INVALID_INPUT'].includes(error.code)) throw error;
      }
      looked = today;
    },
  };
}
