import type { Actor } from '../domain/actor.ts';
import type { DeviceFacts } from '../domain/duty-rows.ts';
import type { TicketKind, TicketPriority, TicketRecord } from '../domain/ticket.ts';
import { manualKind } from '../domain/ticket-codes.ts';
import type { TransitionRules } from '../domain/ticket-transition.ts';
import type { Tx } from '../domain/tx.ts';
import { type FieldError, GatewayError } from '../errors.ts';
import { bilingual, type Language } from '../messages/index.ts';
import { blankTicket, dispatchNew } from './blank.ts';
import { type Draft, newDraft, tell, warn } from './draft.ts';
import type { Directory } from './ports.ts';
import { pointer } from './read.ts';
import type { TicketSettings } from './settings.ts';
import { findHandlers } from './who.ts';

/** A ticket a person reports. */
export interface NewTicket {
  readonly kind?: TicketKind;
  /** Absent = the words of its kind. */
  readonly title?: string;
  /** One of the manual kinds, or free; default: the kind. */
  readonly fault?: string;
  readonly priority?: TicketPriority;
  readonly module?: string;
  readonly siteId?: string;
  readonly orgId?: string;
  readonly deviceIds?: readonly string[];
  readonly component?: string;
  readonly note?: string;
  readonly drill?: boolean;
}

const SEVERITY_OF = { normal: 'minor', urgent: 'major', critical: 'critical' } as const;

/** Nobody files a ticket they could not see: it would be one nobody of theirs works on. */
export function outOfReach(module: string | null): GatewayError {
  const code = module === null ? 'required' : 'outOfReach';
  const message = bilingual(module === null ? 'ticket.moduleMissing' : 'ticket.outOfReach');
  return new GatewayError('INVALID_INPUT', message, { errors: [{ path: '/module', code, message }] });
}

/** What the catalogue wants of a kind of report must be there: INVALID_INPUT names each field that is missing. */
export function requireManual(input: NewTicket, pictures: number): void {
  const known = (input.kind ?? 'manual') === 'manual' ? manualKind(input.fault ?? '') : undefined;
  const errors: FieldError[] = [];
  const want = (field: string) => {
    const message = bilingual('ticket.refused.manualNeeds', { field });
    errors.push({ path: `/${field}`, code: 'required', message });
  };
  if (input.title === undefined && !known) want('title');
  for (const need of known?.needs ?? []) {
    const devices = input.deviceIds?.length ?? 0;
    if (need === 'siteId' && !input.siteId && devices === 0) want('siteId');
    if (need === 'device' && devices === 0) want('deviceIds');
    if (need === 'note' && !input.note?.trim()) want('note');
    if (need === 'photo' && pictures === 0) want('photo');
  }
  const [first] = errors;
  if (first) throw new GatewayError('INVALID_INPUT', first.message, { errors });
}

/** What is not said is taken from the devices it is about, then from the site, the place else from who reports it. Throws INVALID_INPUT for a device that does not exist. */
export function reportedTicket(
  actor: Actor,
  input: NewTicket,
  about: {
    readonly devices: readonly DeviceFacts[];
    /** Whose the named site is. */
    readonly placeOrg: string | null;
  },
  now: number,
  language: Language = 'zh-CN',
): Draft {
  const { devices, placeOrg } = about;
  for (const [index, id] of (input.deviceIds ?? []).entries()) {
    if (devices.some((device) => device.id === id)) continue;
    const path = `deviceIds.${index}`;
    const message = bilingual('input.notFound', { field: path, value: id });
    throw new GatewayError('INVALID_INPUT', message, { errors: [{ path: pointer(path), code: 'notFound', message }] });
  }
  const kind = input.kind ?? 'manual';
  const known = kind === 'manual' ? manualKind(input.fault ?? '') : undefined;
  const priority = input.priority ?? known?.priority ?? 'normal';
  const [device] = devices;
  const ticket: TicketRecord = {
    ...blankTicket(now),
    kind,
    title: input.title ?? known?.title[language === 'en' ? 'en' : 'zh'] ?? null,
    fault: input.fault ?? kind,
    component: input.component ?? null,
    priority,
    severity: SEVERITY_OF[priority],
    // A device fault reported by hand and one found by the monitor are the same ticket.
    subject: kind === 'deviceFault' && devices.length === 1 && device ? `device:${device.key}` : null,
    module: input.module ?? known?.module ?? device?.module ?? onlyModule(actor),
    siteId: input.siteId ?? device?.siteId ?? null,
    orgId: input.orgId ?? device?.orgId ?? (input.siteId ? placeOrg : (actor.orgId ?? null)),
    drill: input.drill ?? false,
    openedBy: actor.id,
  };
  const draft = newDraft(
    ticket,
    devices.map((one) => one.key),
    {
      kind: 'transition',
      from: null,
      to: 'discovered',
      by: actor.id,
      at: now,
      note: input.note ?? null,
      code: null,
      values: {},
      cause: null,
    },
  );
  return draft;
}

/**
 * What the catalogue knows goes to who handles its module at the place, as what the gateway finds does; free words wait
 * for a dispatcher, of the lead department or else the duty desk. Either way people are told: nobody else knows of it.
 */
export async function sendReport(
  tx: Tx,
  directory: Directory,
  actor: Actor,
  draft: Draft,
  devices: readonly DeviceFacts[],
  { now, rules, settings }: { now: number; rules: TransitionRules; settings: TicketSettings },
): Promise<void> {
  const { kind, fault, module, siteId } = draft.ticket;
  if (kind === 'manual' && module !== null && manualKind(fault)) {
    const maintenanceUnitId = devices[0]?.maintenanceUnitId ?? null;
    const handlerAt = async (site: string | null) => {
      const about = { kind, module, siteId: site, maintenanceUnitId };
      return (await findHandlers(directory, tx, [about], settings, now))[0];
    };
    const near = await handlerAt(siteId);
    // Who reports something asks others for help: it does not come back to them, but goes to the lead department.
    const own = near !== undefined && (near.userId === actor.id || (near.orgId !== null && near.orgId === actor.orgId));
    const handler = own ? await handlerAt(null) : near;
    if (handler) dispatchNew(draft, handler, now, rules);
  }
  const { stage } = draft.ticket;
  if (kind === 'manual' && (stage === 'discovered' || stage === 'filed')) {
    const lead = module === null ? undefined : (await directory.leads(tx, [module])).get(module);
    const triager = lead ?? settings.dutyDesk?.orgId;
    if (triager) warn(draft, 'toTriage', now, { org: (await directory.names(tx, [triager])).get(triager) ?? triager });
  }
  tell(draft, kind === 'manual' ? 'firing' : 'stage', now);
}

/** Whoever has to do with one module only means that one. */
function onlyModule({ scope }: Actor): string | null {
  const modules = scope.kind === 'orgs' ? scope.moduleIds : undefined;
  return modules?.length === 1 ? (modules[0] ?? null) : null;
}
