import type { Actor } from '../domain/actor.ts';
import type { DeviceFacts } from '../domain/duty-rows.ts';
import type { TicketKind, TicketPriority, TicketRecord } from '../domain/ticket.ts';
import { GatewayError } from '../errors.ts';
import { bilingual } from '../messages/index.ts';
import { blankTicket } from './blank.ts';
import { type Draft, newDraft, tell } from './draft.ts';

/** A ticket a person reports. */
export interface NewTicket {
  readonly kind?: TicketKind;
  readonly title: string;
  /** Default: the kind. */
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
export function outOfReach(): GatewayError {
  const message = bilingual('ticket.outOfReach');
  return new GatewayError('INVALID_INPUT', message, { errors: [{ path: 'module', code: 'outOfReach', message }] });
}

/** What is not said is taken from the devices it is about, the place else from who reports it. Throws INVALID_INPUT for a device that does not exist. */
export function reportedTicket(actor: Actor, input: NewTicket, devices: readonly DeviceFacts[], now: number): Draft {
  for (const [index, id] of (input.deviceIds ?? []).entries()) {
    if (devices.some((device) => device.id === id)) continue;
    const path = `deviceIds.${index}`;
    const message = bilingual('input.notFound', { field: path, value: id });
    throw new GatewayError('INVALID_INPUT', message, { errors: [{ path, code: 'notFound', message }] });
  }
  const kind = input.kind ?? 'manual';
  const priority = input.priority ?? 'normal';
  const [device] = devices;
  const ticket: TicketRecord = {
    ...blankTicket(now),
    kind,
    title: input.title,
    fault: input.fault ?? kind,
    component: input.component ?? null,
    priority,
    severity: SEVERITY_OF[priority],
    // A device fault reported by hand and one found by the monitor are the same ticket.
    subject: kind === 'deviceFault' && devices.length === 1 && device ? `device:${device.key}` : null,
    module: input.module ?? device?.module ?? onlyModule(actor),
    siteId: input.siteId ?? device?.siteId ?? null,
    orgId: input.orgId ?? device?.orgId ?? (input.siteId ? null : (actor.orgId ?? null)),
    drill: input.drill ?? false,
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
  tell(draft, 'stage', now);
  return draft;
}

/** Whoever has to do with one module only means that one. */
function onlyModule({ scope }: Actor): string | null {
  const modules = scope.kind === 'orgs' ? scope.moduleIds : undefined;
  return modules?.length === 1 ? (modules[0] ?? null) : null;
}
