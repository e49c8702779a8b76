import Type from 'typebox';
import type { Actor } from '../../domain/actor.ts';
import { LIFECYCLE_RIGHTS } from '../../domain/device.ts';
import {
  ApproveInput,
  BulkInput,
  DEVICE_SORTS,
  DeviceInput,
  DevicePatch,
  LifecycleInput,
  OutOfServiceInput,
  ReplaceInput,
} from '../../domain/device-input.ts';
import type { DeviceCount } from '../../domain/device-record.ts';
import { FAULT_TERMS, type FlapTerms, flapScore, flapTau, LINK_TERMS, readFlapping } from '../../domain/flapping.ts';
import type { RouteContext } from '../deps.ts';
import { deviceFilterOf, deviceFilters } from '../device-filters.ts';
import { listQuery, page } from '../lists.ts';
import { route } from '../route.ts';
import { Enum, Strict } from '../schema.ts';
import {
  BulkResult,
  CredentialsView,
  DeviceCountsView,
  DeviceHealthView,
  DeviceParams,
  DeviceView,
  DeviceWithCredentials,
  NewDeviceView,
} from '../schemas/device.ts';

const DeviceListQuery = Strict({ ...listQuery, ...deviceFilters, sort: Type.Optional(Enum(DEVICE_SORTS)) });

const PLAIN_ACTIONS = ['reject', 'reactivate'] as const;
const OUT_OF_SERVICE = ['suspend', 'retire'] as const;
const SUMMARY = {
  reject: 'Reject a device that is not active yet',
  suspend: 'Suspend: still watched, no tickets',
  retire: 'Retire (下线): open tickets are voided, the archive stays',
  reactivate: 'Bring back a suspended or retired device',
} as const;
/** What the steps of a device's life have in common. */
const stepOf = (action: keyof typeof SUMMARY) =>
  ({
    method: 'POST',
    url: `/devices/:id/${action}`,
    access: 'devices:decide',
    operationId: `${action}Device`,
    tag: 'devices',
    summary: SUMMARY[action],
    params: DeviceParams,
    ok: DeviceView,
  }) as const;

export const deviceRoutes = ({ services, times }: RouteContext) => {
  const { db, devices, reads } = services;
  const filterOf = (query: Parameters<typeof deviceFilterOf>[0], caller: Actor) =>
    deviceFilterOf(query, caller, { services, times });
  return [
    route({
      method: 'GET',
      url: '/devices',
      access: 'devices:read',
      operationId: 'listDevices',
      tag: 'devices',
      summary: 'Devices the caller may see',
      query: DeviceListQuery,
      ok: page(DeviceView),
      handler: ({ caller, query: { limit, cursor, sort, ...filter } }) =>
        devices.list(caller, {
          ...filterOf(filter, caller),
          ...(limit === undefined ? {} : { limit }),
          ...(cursor === undefined ? {} : { cursor }),
          ...(sort === undefined ? {} : { sort }),
        }),
    }),
    route({
      method: 'GET',
      url: '/devices/counts',
      access: 'devices:read',
      operationId: 'countDevices',
      tag: 'devices',
      summary: 'How many devices of a filter are in each state',
      description:
        'Of devices that are judged; those that are pending, retired or rejected stand in `byLifecycle` only.',
      query: Strict({ ...deviceFilters, by: Type.Optional(Enum(['org'])) }),
      ok: DeviceCountsView,
      async handler({ caller, query: { by, ...query } }) {
        const rows = await devices.counts(caller, filterOf(query, caller), by);
        const judged = rows.filter(({ lifecycle }) => LIFECYCLE_RIGHTS[lifecycle].judged);
        return {
          total: sum(rows, 'n'),
          byState: sums(judged, ({ state }) => state),
          byLifecycle: sums(rows, ({ lifecycle }) => lifecycle),
          suspect: sum(judged, 'suspect'),
          ...(by && {
            byOrg: [...Map.groupBy(judged, ({ orgId }) => orgId ?? null)].map(([orgId, some]) => ({
              orgId,
              byState: sums(some, ({ state }) => state),
            })),
          }),
        };
      },
    }),
    route({
      method: 'POST',
      url: '/devices',
      access: 'devices:create',
      operationId: 'createDevice',
      tag: 'devices',
      summary: 'Register a device; its secret is shown once',
      description: 'An administrator’s device is `active`, a vendor’s `pending`.',
      body: DeviceInput,
      status: 201,
      ok: NewDeviceView,
      problems: ['CONFLICT'],
      handler: ({ caller, body }) => devices.create(caller, body),
    }),
    route({
      method: 'GET',
      url: '/devices/:id',
      access: 'devices:read',
      operationId: 'getDevice',
      tag: 'devices',
      summary: 'One device',
      params: DeviceParams,
      ok: DeviceView,
      problems: ['NOT_FOUND'],
      handler: ({ caller, params }) => devices.get(caller, params.id),
    }),
    route({
      method: 'PATCH',
      url: '/devices/:id',
      access: 'devices:update',
      operationId: 'updateDevice',
      tag: 'devices',
      summary: 'Change a device: what is absent stays, null clears',
      params: DeviceParams,
      body: DevicePatch,
      ok: DeviceView,
      problems: ['NOT_FOUND', 'CONFLICT'],
      handler: ({ caller, params, body }) => devices.update(caller, params.id, body),
    }),
    route({
      method: 'POST',
      url: '/devices/:id/approve',
      access: 'devices:decide',
      operationId: 'approveDevice',
      tag: 'devices',
      summary: 'Approve: pending → trial → active',
      description:
        'Into service only with its acceptance met (`GET /devices/{id}/acceptance`); `missing` of the refusal names the checks. ' +
        'An administrator’s `override` takes it all the same, and the acceptance report says so.',
      params: DeviceParams,
      body: ApproveInput,
      ok: DeviceView,
      problems: ['NOT_FOUND', 'TRANSITION_NOT_ALLOWED', 'ACCEPTANCE_NOT_MET'],
      handler: ({ caller, params, body: { reason, ...options } }) =>
        devices.lifecycle(caller, params.id, 'approve', reason, options),
    }),
    ...PLAIN_ACTIONS.map((action) =>
      route({
        ...stepOf(action),
        body: LifecycleInput,
        problems: ['NOT_FOUND', 'TRANSITION_NOT_ALLOWED'],
        handler: ({ caller, params, body }) => devices.lifecycle(caller, params.id, action, body.reason),
      }),
    ),
    ...OUT_OF_SERVICE.map((action) =>
      route({
        ...stepOf(action),
        description: 'CONFLICT while 重保 goes on there, unless `confirm` is true and the caller may declare one.',
        body: OutOfServiceInput,
        problems: ['NOT_FOUND', 'TRANSITION_NOT_ALLOWED', 'CONFLICT'],
        handler: ({ caller, params, body: { reason, ...options } }) =>
          devices.lifecycle(caller, params.id, action, reason, options),
      }),
    ),
    route({
      method: 'POST',
      url: '/devices/:id/replace',
      access: 'devices:update',
      operationId: 'replaceDevice',
      tag: 'devices',
      summary: 'Exchange the hardware (换机): keeps id, point, code, history and open ticket; new secret',
      params: DeviceParams,
      body: ReplaceInput,
      ok: DeviceWithCredentials,
      problems: ['NOT_FOUND', 'CONFLICT'],
      handler: ({ caller, params, body }) => devices.replace(caller, params.id, body),
    }),
    route({
      method: 'POST',
      url: '/devices/:id/credentials',
      access: 'devices:update',
      operationId: 'rotateDeviceCredentials',
      tag: 'devices',
      summary: 'New secret, shown once; the live session is dropped',
      params: DeviceParams,
      ok: CredentialsView,
      problems: ['NOT_FOUND', 'CONFLICT'],
      handler: ({ caller, params }) => devices.rotateCredentials(caller, params.id),
    }),
    route({
      method: 'POST',
      url: '/devices/bulk',
      access: 'devices:decide',
      operationId: 'bulkDevices',
      tag: 'devices',
      summary: 'One lifecycle action on many devices, by ids or by filter',
      body: BulkInput,
      ok: BulkResult,
      handler: ({ caller, body }) => devices.bulk(caller, body),
    }),
    route({
      method: 'GET',
      url: '/devices/:id/health',
      access: 'devices:read',
      operationId: 'getDeviceHealth',
      tag: 'devices',
      summary: 'The verdict and the facts behind it',
      params: DeviceParams,
      ok: DeviceHealthView,
      problems: ['NOT_FOUND'],
      async handler({ caller, params }) {
        const device = await devices.get(caller, params.id);
        const facts = new Map((await reads.facts(db.autocommit, device.key)).map((fact) => [fact.name, fact]));
        const link = facts.get('link');
        const probe = facts.get('probe');
        const unsteady = [...facts].filter(([name, fact]) => name.startsWith('flapping:') && fact.state !== 'good');
        const data = [...facts]
          .filter(([name]) => name.startsWith('data:'))
          .map(([name, fact]) => [name.slice(5), fact]);
        return {
          ...device.health,
          flags: device.flags,
          flapping: flappingView(facts.get('flapping'), LINK_TERMS),
          unsteady: unsteady.map(([name, fact]) => ({
            fault: name.slice('flapping:'.length),
            ...flappingView(fact, FAULT_TERMS),
          })),
          facts: { ...(link ? { link } : {}), data: Object.fromEntries(data), ...(probe ? { probe } : {}) },
        };
      },
    }),
  ];
};

const sum = (rows: readonly DeviceCount[], of: 'n' | 'suspect') => rows.reduce((total, row) => total + row[of], 0);
const sums = (rows: readonly DeviceCount[], by: (row: DeviceCount) => string) =>
  Object.fromEntries([...Map.groupBy(rows, by)].map(([name, some]) => [name, sum(some, 'n')]));

/** The score as it has faded since the last turn; what never turned has none. */
function flappingView(
  fact: { state: string; reason: string; evidence: unknown; observed?: number | null } | undefined,
  terms: FlapTerms,
) {
  const evidence = (fact?.evidence ?? {}) as Record<string, unknown>;
  const known = fact && fact.state !== 'good' ? readFlapping(evidence) : null;
  const tau = typeof evidence.tauMs === 'number' ? evidence.tauMs : flapTau(0);
  const score = known ? flapScore(known, fact?.observed ?? known.at, tau) : 0;
  return {
    score: Math.round(score * 100) / 100,
    active: known?.active ?? false,
    unstable: fact?.reason === 'unstable',
    flips: known?.flips ?? 0,
    startsAt: terms.start,
    endsAt: terms.stop,
  };
}
