import Type, { type Static } from 'typebox';
import type { Actor } from '../domain/actor.ts';
import { CAMERA_ADAPTERS } from '../domain/camera.ts';
import { DEVICE_FLAGS, LIFECYCLES } from '../domain/device.ts';
import type { DeviceFilter } from '../domain/device-input.ts';
import { HEALTH_STATES } from '../domain/health.ts';
import { requireRight } from '../domain/permission.ts';
import type { RouteContext } from './deps.ts';
import { commaList } from './lists.ts';
import { Enum, TimeIn } from './schema.ts';

const words = (description: string) => Type.Optional(Type.String({ maxLength: 1_000, description }));

/** What lists, counts and tables of devices are narrowed by; all must fit, several values are alternatives. */
export const deviceFilters = {
  q: Type.Optional(Type.String({ maxLength: 200, description: 'Words to look for' })),
  lifecycle: words(`Comma-separated: ${LIFECYCLES.join(', ')}`),
  type: words('Comma-separated device-type ids'),
  kind: Type.Optional(Enum(['camera', 'other'], { description: 'Cameras, or all that is none' })),
  module: words('Comma-separated module ids'),
  healthState: words(`Comma-separated: ${HEALTH_STATES.join(', ')}`),
  flag: words(`Comma-separated: ${DEVICE_FLAGS.join(', ')}`),
  orgId: words('Organisation and everything below it'),
  siteId: words('Site'),
  vendorId: words('Vendor'),
  maintenanceUnitId: words('Maintenance unit'),
  suspect: Type.Optional(Type.Boolean({ description: 'State seen but not confirmed yet (待确认)' })),
  openTicket: Type.Optional(Type.Boolean({ description: 'Whether a ticket about it is open; right to read tickets' })),
  returned: Type.Optional(
    Type.Boolean({ description: 'Given back to its vendor (退回), who has not submitted it again yet' }),
  ),
  unchangedSince: Type.Optional(
    Type.Unsafe<string | number>({ ...TimeIn, description: 'In its state since before then' }),
  ),
  changedSince: Type.Optional(
    Type.Unsafe<string | number>({ ...TimeIn, description: 'In its state since then or later' }),
  ),
};
const Filters = Type.Object(deviceFilters);

/** The filter as the registry takes it. */
export function deviceFilterOf(
  query: Static<typeof Filters>,
  caller: Actor,
  { services: { deviceTypes }, times }: Pick<RouteContext, 'services' | 'times'>,
): DeviceFilter {
  if (query.openTicket !== undefined) requireRight(caller, 'tickets', 'read');
  const { q, lifecycle, type, kind, module, healthState, flag, unchangedSince, changedSince, ...same } = query;
  const named = type?.split(',');
  const filter = {
    ...same,
    // An empty search is none.
    q: q === '' ? undefined : q,
    lifecycle: commaList(lifecycle, LIFECYCLES, 'lifecycle'),
    healthState: commaList(healthState, HEALTH_STATES, 'healthState'),
    flag: commaList(flag, DEVICE_FLAGS, 'flag'),
    module: module?.split(','),
    type: kind === undefined ? named : ofKind().filter((id) => named?.includes(id) ?? true),
    unchangedSince: unchangedSince === undefined ? undefined : times.parse(unchangedSince, 'unchangedSince'),
    changedSince: changedSince === undefined ? undefined : times.parse(changedSince, 'changedSince'),
  };
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));

  function ofKind(): string[] {
    const types = deviceTypes.list().filter(({ adapter }) => CAMERA_ADAPTERS.has(adapter) === (kind === 'camera'));
    return types.map(({ id }) => id);
  }
}
