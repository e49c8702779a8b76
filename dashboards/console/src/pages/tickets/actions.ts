import { type Answer, api, body } from '../../api/client.ts';
import type { Key } from '../../language.ts';
import type { Photo } from '../../parts/photo-file.ts';
import { needsWords } from '../../parts/ticket-proof.ts';

export type Ticket = Answer<'Ticket'>;
export type Stage = Ticket['stage'];
type Transition = Answer<'TicketTransition'>;

/** What a step may ask for; the name is that of the gateway's field, so that its refusals find their place. */
export type FieldName =
  | 'note'
  | 'reason'
  | 'instruction'
  | 'cause'
  | 'faultType'
  | 'assigneeId'
  | 'handlerOrgId'
  | 'orgId'
  | 'duty'
  | 'until'
  | 'photos'
  | 'deviceIds'
  | 'ids';

export interface Values extends Partial<Record<Exclude<FieldName, 'photos' | 'deviceIds' | 'ids'>, string>> {
  readonly photos?: readonly Photo[];
  readonly deviceIds?: readonly string[];
  readonly ids?: readonly string[];
}

/** One thing that may be done to a ticket now. */
export interface Action {
  readonly key: string;
  readonly label: Key;
  /** What follows from it; shown above its fields. */
  readonly told?: Key;
  readonly fields: readonly (readonly [FieldName, 'required' | 'optional'])[];
  readonly danger?: boolean;
  /** The step that leads onwards. */
  readonly main?: boolean;
  readonly run: (ticket: Ticket, values: Values) => Promise<Ticket>;
}

/** The gateway probes every device before it believes a repair. */
const PROBING_MS = 120_000;
const patient = { fetch: (request: Request) => fetch(request, { signal: AbortSignal.timeout(PROBING_MS) }) };

const move =
  (to: Stage) =>
  ({ id }: Ticket, { note, cause, faultType, assigneeId, handlerOrgId }: Values): Promise<Ticket> => {
    const given = { note, cause, faultType, assigneeId, handlerOrgId };
    const said = Object.fromEntries(Object.entries(given).filter(([, value]) => value));
    const step = { to, ...said } as Transition;
    return body(api.POST('/api/v1/tickets/{id}/transitions', { params: { path: { id } }, body: step, ...patient }));
  };

const REASON = ['note', 'required'] as const;
const WORDS = ['note', 'optional'] as const;

/** Where a stage leads, by stage it comes from. */
function step(ticket: Ticket, to: Stage): Action | undefined {
  const { stage, kind, cause, assigneeId } = ticket;
  const run = move(to);
  switch (to) {
    case 'filed':
      return { key: to, label: 'act.file', fields: [WORDS], main: true, run };
    case 'dispatched':
      if (stage === 'suspended') return { key: to, label: 'act.resume', fields: [WORDS], main: true, run };
      if (stage === 'closed')
        return { key: to, label: 'act.reopen', told: 'act.reopen.told', fields: [['cause', 'required'], WORDS], run };
      return {
        key: to,
        label: 'act.dispatch',
        told: 'act.dispatch.told',
        fields: [['handlerOrgId', 'optional'], ['assigneeId', 'optional'], stage === 'returned' ? REASON : WORDS],
        main: true,
        run,
      };
    case 'handling':
      if (stage === 'suspended') return { key: to, label: 'act.resume', fields: [WORDS], main: true, run };
      if (stage === 'verifying')
        return {
          key: to,
          label: 'act.notFixed',
          fields: assigneeId === null ? [REASON, ['assigneeId', 'required']] : [REASON],
          run,
        };
      return { key: to, label: 'act.accept', fields: [['assigneeId', 'required'], WORDS], main: true, run };
    case 'verifying':
      return {
        key: to,
        label: 'act.repaired',
        told: kind === 'deviceFault' && stage !== 'verifying' ? 'act.repaired.probed' : 'act.repaired.told',
        fields: [
          REASON,
          ['cause', 'required'],
          ['faultType', 'optional'],
          ['photos', kind === 'event' && ticket.attachments.length === 0 ? 'required' : 'optional'],
        ],
        main: true,
        run,
      };
    case 'closed':
      return {
        key: to,
        label: 'act.close',
        told: 'act.close.told',
        fields: [...(cause === null ? [['cause', 'required'] as const] : []), needsWords(ticket) ? REASON : WORDS],
        main: true,
        run,
      };
    case 'returned':
      return { key: to, label: 'act.return', told: 'act.return.told', fields: [REASON], run };
    case 'falseAlarm':
      return { key: to, label: 'act.falseAlarm', told: 'act.ends.told', fields: [REASON], danger: true, run };
    case 'cancelled':
      return { key: to, label: 'act.cancel', told: 'act.ends.told', fields: [REASON], danger: true, run };
    default:
      return undefined;
  }
}

const path = (id: string) => ({ params: { path: { id } } });
const text = (value: string | undefined) => value ?? '';
const said = (note: string | undefined) => (note ? { note } : {});
const OPEN: readonly Stage[] = ['discovered', 'filed', 'dispatched', 'handling', 'verifying', 'returned', 'suspended'];

/** The steps onwards that this person may do now, as the gateway says. */
export function nextSteps(ticket: Ticket): Action[] {
  const steps = (ticket.allowed ?? []).flatMap((to) => (to === 'suspended' ? [] : (step(ticket, to) ?? [])));
  return steps.sort((a, b) => rank(a) - rank(b));
}
const rank = ({ main, danger }: Action) => (main ? 0 : danger ? 2 : 1);

/** What else may be done to it, beside the way through the stages. */
export function otherActions(ticket: Ticket): Action[] {
  const { stage, duties = [], deviceCount } = ticket;
  const is = (...of: NonNullable<Ticket['duties']>) => of.some((duty) => duties.includes(duty));
  const at = (...stages: Stage[]) => stages.includes(stage);
  const open = OPEN.includes(stage);
  const found: (Action | false)[] = [
    at('dispatched', 'handling', 'suspended') &&
      is('dispatcher', 'handler') && {
        key: 'assign',
        label: 'act.assign',
        fields: [
          ['assigneeId', 'optional'],
          ...(is('dispatcher') ? [['handlerOrgId', 'optional'] as const] : []),
          REASON,
        ],
        run: ({ id }, { assigneeId, handlerOrgId, note }) =>
          body(
            api.POST('/api/v1/tickets/{id}/assign', {
              ...path(id),
              body: { note: text(note), ...(assigneeId && { assigneeId }), ...(handlerOrgId && { handlerOrgId }) },
            }),
          ),
      },
    at('dispatched', 'handling') &&
      is('handler', 'approver') && {
        key: 'suspend',
        label: 'act.suspend',
        told: is('approver') ? 'act.suspend.approver' : 'act.suspend.told',
        fields: [
          ['reason', 'required'],
          ['until', 'required'],
        ],
        run: ({ id }, { reason, until }) =>
          body(
            api.POST('/api/v1/tickets/{id}/suspensions', {
              ...path(id),
              body: { reason: text(reason), until: text(until) },
            }),
          ),
      },
    at('dispatched', 'handling', 'verifying') &&
      is('handler', 'approver') && {
        key: 'extend',
        label: 'act.extend',
        told: is('approver') ? 'act.extend.approver' : 'act.extend.told',
        fields: [
          ['reason', 'required'],
          ['until', 'required'],
        ],
        run: ({ id }, { reason, until }) =>
          body(
            api.POST('/api/v1/tickets/{id}/extensions', {
              ...path(id),
              body: { reason: text(reason), until: text(until) },
            }),
          ),
      },
    open &&
      is('dispatcher', 'approver') && {
        key: 'supervise',
        label: 'act.supervise',
        told: 'act.supervise.told',
        fields: [['instruction', 'required']],
        run: ({ id }, { instruction }) =>
          body(api.POST('/api/v1/tickets/{id}/supervise', { ...path(id), body: { instruction: text(instruction) } })),
      },
    open &&
      is('dispatcher', 'handler') && {
        key: 'party',
        label: 'act.party',
        told: 'act.party.told',
        fields: [['orgId', 'required'], ['duty', 'required'], WORDS],
        run: ({ id }, { orgId, duty, note }) =>
          body(
            api.POST('/api/v1/tickets/{id}/parties', {
              ...path(id),
              body: { orgId: text(orgId), duty: duty === 'related' ? 'related' : 'assist', ...said(note) },
            }),
          ),
      },
    open &&
      is('dispatcher', 'approver') && {
        key: 'raise',
        label: 'act.raise',
        told: 'act.raise.told',
        fields: [['reason', 'required']],
        run: ({ id }, { reason }) =>
          body(
            api.POST('/api/v1/tickets/{id}/escalations', {
              ...path(id),
              body: { decision: 'raise', reason: text(reason) },
            }),
          ),
      },
    open &&
      is('dispatcher') && {
        key: 'merge',
        label: 'act.merge',
        told: 'act.merge.told',
        fields: [['ids', 'required'], REASON],
        run: ({ id }, { ids, note }) =>
          body(
            api.POST('/api/v1/tickets/{id}/merge', { ...path(id), body: { ids: [...(ids ?? [])], note: text(note) } }),
          ),
      },
    open &&
      is('dispatcher') &&
      deviceCount > 1 && {
        key: 'split',
        label: 'act.split',
        told: 'act.split.told',
        fields: [['deviceIds', 'required'], REASON],
        run: ({ id }, { deviceIds, note }) =>
          body(
            api.POST('/api/v1/tickets/{id}/split', {
              ...path(id),
              body: { deviceIds: [...(deviceIds ?? [])], note: text(note) },
            }),
          ),
      },
  ];
  return found.filter((one) => one !== false);
}
