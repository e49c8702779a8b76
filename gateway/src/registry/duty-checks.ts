import { parseDuration } from '../domain/duration.ts';
import { fieldError } from '../domain/input.ts';
import type { Scope } from '../domain/scope.ts';
import type { SettingsInput } from '../domain/settings.ts';
import type { Tx } from '../domain/tx.ts';
import type { FieldError } from '../errors.ts';

interface Stores {
  readonly orgs: { get(tx: Tx, id: string, scope: Scope): Promise<unknown> };
  readonly modules: { get(tx: Tx, id: string): Promise<unknown> };
  readonly rosters: { active(tx: Tx, userIds: readonly string[]): Promise<ReadonlySet<string>> };
}

const ALL = { kind: 'all' } as const;
const LEAST_LIMIT = 60_000;

/** Settings of duty that would send tickets nowhere, or make every one of them late, are refused. */
export function createDutyChecks({ orgs, modules, rosters }: Stores) {
  async function deskFaults(tx: Tx, dutyDesk: SettingsInput['dutyDesk']): Promise<FieldError[]> {
    if (!dutyDesk) return [];
    const errors: FieldError[] = [];
    const { orgId, userId } = dutyDesk;
    if (!(await orgs.get(tx, orgId, ALL)))
      errors.push(fieldError('/dutyDesk/orgId', 'notFound', 'input.notFound', { value: orgId }));
    if (userId && !(await rosters.active(tx, [userId])).has(userId))
      errors.push(fieldError('/dutyDesk/userId', 'notFound', 'duty.person', { value: userId }));
    return errors;
  }

  return async (tx: Tx, patch: SettingsInput): Promise<readonly FieldError[]> => {
    const { workingHours, ticketLimits = [], escalation = [] } = patch;
    const errors = await deskFaults(tx, patch.dutyDesk);
    if (workingHours && workingHours.from >= workingHours.to)
      errors.push(fieldError('/workingHours/to', 'order', 'duty.order'));
    for (const [index, { limit }] of ticketLimits.entries())
      if ((parseDuration(limit) ?? 0) < LEAST_LIMIT)
        errors.push(fieldError(`/ticketLimits/${index}/limit`, 'minimum', 'duty.limit'));
    const named = [
      ...ticketLimits.map(({ module }, index) => [`/ticketLimits/${index}/module`, module] as const),
      ...escalation.map(({ module }, index) => [`/escalation/${index}/module`, module] as const),
    ];
    const known = new Map<string, boolean>();
    for (const [path, module] of named) {
      if (module === undefined) continue;
      if (!known.has(module)) known.set(module, Boolean(await modules.get(tx, module)));
      if (!known.get(module)) errors.push(fieldError(path, 'notFound', 'input.notFound', { value: module }));
    }
    return errors;
  };
}
