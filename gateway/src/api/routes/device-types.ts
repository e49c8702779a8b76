import Type from 'typebox';
import { stringify } from 'yaml';
import type { DeviceType } from '../../domain/device-type/index.ts';
import { GatewayError } from '../../errors.ts';
import type { RouteContext } from '../deps.ts';
import { listQuery, page } from '../lists.ts';
import { route } from '../route.ts';
import { Anything, IdParams, List, Strict, Text } from '../schema.ts';
import {
  DeviceTypeDetail,
  DeviceTypeView,
  SavedTypeView,
  TypeVersionSourceView,
  TypeVersionView,
  UploadedTypeView,
} from '../schemas/device-type.ts';

const Reason = Text(500, { description: 'Why; kept with the version and in the audit table' });
const VersionParams = Type.Object({ ...IdParams.properties, version: Type.Integer({ minimum: 1 }) });

/** Ids hold one slash (`generic/camera`); in a path it is written `%2F`. */
export const deviceTypeRoutes = ({ services: { deviceTypes, typeVersions } }: RouteContext) => {
  const shown = ({ id, title, module, adapter }: DeviceType) => ({
    id,
    title,
    module,
    adapter,
    builtIn: deviceTypes.isBuiltIn(id),
    approved: deviceTypes.isApproved(id),
  });
  const decision = (name: 'approve' | 'reject', summary: string) =>
    route({
      method: 'POST',
      url: `/device-types/:id/${name}`,
      access: 'deviceTypes:decide',
      operationId: `${name}DeviceType`,
      tag: 'device-types',
      summary,
      params: IdParams,
      body: Strict({
        reason: Reason,
        version: Type.Optional(
          Type.Integer({ minimum: 1, description: 'The version that was read; guards against an exchange' }),
        ),
      }),
      ok: TypeVersionView,
      problems: ['NOT_FOUND', 'CONFLICT', 'TRANSITION_NOT_ALLOWED'],
      handler: async ({ caller, params, body }) => typeVersions.decide(caller, params.id, name, body),
    });
  return [
    route({
      method: 'GET',
      url: '/device-types',
      access: 'deviceTypes:read',
      operationId: 'listDeviceTypes',
      tag: 'device-types',
      summary: "Device types: built in, shared, and one's own",
      query: Strict(listQuery),
      ok: page(DeviceTypeView),
      handler({ caller, query }) {
        const word = query.q?.toLowerCase() ?? '';
        const all = deviceTypes
          .list()
          .filter(({ id }) => deviceTypes.isVisible(id, caller.scope))
          .map(shown)
          .filter((type) => `${type.id} ${type.title.zh} ${type.title.en}`.toLowerCase().includes(word));
        const after = all.filter((type) => query.cursor === undefined || type.id > query.cursor);
        const items = after.slice(0, query.limit ?? 50);
        const nextCursor = after.length > items.length ? (items.at(-1)?.id ?? null) : null;
        return { items, nextCursor, total: all.length };
      },
    }),
    route({
      method: 'POST',
      url: '/device-types',
      access: 'deviceTypes:create',
      operationId: 'createDeviceType',
      tag: 'device-types',
      summary: 'Add a device type, or a new version of one, from its file (YAML or JSON); its examples are run',
      description:
        "An administrator's is served at once. A vendor's is its draft (id `<vendorId>/<model>`), or waits for approval with `submit=true`; devices on trial of the vendor use it from then on.",
      query: Strict({ submit: Type.Optional(Type.Boolean({ default: false })) }),
      body: Anything,
      consumes: ['application/yaml', 'text/yaml'],
      status: 201,
      ok: SavedTypeView,
      problems: ['CONFLICT', 'NOT_FOUND'],
      async handler({ caller, body, query }) {
        const source = typeof body === 'string' ? body : stringify(body);
        const { version, type } = await typeVersions.save(caller, source, { submit: query.submit ?? false });
        return { ...shown(type), definition: type.definition, version };
      },
    }),
    route({
      method: 'GET',
      url: '/device-types/:id',
      access: 'deviceTypes:read',
      operationId: 'getDeviceType',
      tag: 'device-types',
      summary: 'One device type with its file',
      description: 'The slash of the id is written `%2F`.',
      params: IdParams,
      ok: DeviceTypeDetail,
      problems: ['NOT_FOUND'],
      handler({ caller, params }) {
        const type = deviceTypes.isVisible(params.id, caller.scope) ? deviceTypes.get(params.id) : undefined;
        if (!type) throw new GatewayError('NOT_FOUND');
        return { ...shown(type), definition: type.definition };
      },
    }),
    route({
      method: 'PATCH',
      url: '/device-types/:id',
      access: 'deviceTypes:decide',
      operationId: 'shareDeviceType',
      tag: 'device-types',
      summary: 'Open an uploaded type to every vendor, or close it again',
      params: IdParams,
      body: Strict({ shared: Type.Boolean() }),
      ok: UploadedTypeView,
      problems: ['NOT_FOUND', 'CONFLICT'],
      handler: async ({ caller, params, body }) => typeVersions.share(caller, params.id, body.shared),
    }),
    route({
      method: 'GET',
      url: '/device-types/:id/versions',
      access: 'deviceTypes:read',
      operationId: 'listDeviceTypeVersions',
      tag: 'device-types',
      summary: 'Versions of an uploaded type, newest first; a built-in type has none',
      params: IdParams,
      ok: Type.Object({ items: List(TypeVersionView) }),
      problems: ['NOT_FOUND'],
      handler: async ({ caller, params }) => ({ items: await typeVersions.versions(caller, params.id) }),
    }),
    route({
      method: 'GET',
      url: '/device-types/:id/versions/:version',
      access: 'deviceTypes:read',
      operationId: 'getDeviceTypeVersion',
      tag: 'device-types',
      summary: 'One version with its text as it was written',
      params: VersionParams,
      ok: TypeVersionSourceView,
      problems: ['NOT_FOUND'],
      handler: async ({ caller, params }) => typeVersions.version(caller, params.id, params.version),
    }),
    route({
      method: 'POST',
      url: '/device-types/:id/submit',
      access: 'deviceTypes:create',
      operationId: 'submitDeviceType',
      tag: 'device-types',
      summary: "Hand the draft in for approval; from now on one's own devices on trial use it",
      params: IdParams,
      ok: TypeVersionView,
      problems: ['NOT_FOUND', 'CONFLICT', 'TRANSITION_NOT_ALLOWED'],
      handler: async ({ caller, params }) => typeVersions.submit(caller, params.id),
    }),
    decision('approve', 'Serve what was submitted, for new messages in every process'),
    decision('reject', 'Refuse what was submitted'),
    route({
      method: 'POST',
      url: '/device-types/:id/rollback',
      access: 'deviceTypes:decide',
      operationId: 'rollbackDeviceType',
      tag: 'device-types',
      summary: 'Bring an earlier approved version back, as a new one',
      params: IdParams,
      body: Strict({ reason: Reason, version: Type.Integer({ minimum: 1 }) }),
      ok: TypeVersionView,
      problems: ['NOT_FOUND', 'CONFLICT', 'TRANSITION_NOT_ALLOWED'],
      handler: async ({ caller, params, body }) => typeVersions.decide(caller, params.id, 'rollback', body),
    }),
    route({
      method: 'POST',
      url: '/device-types/:id/retire',
      access: 'deviceTypes:decide',
      operationId: 'retireDeviceType',
      tag: 'device-types',
      summary: 'Take a type without devices out of service; approving a version brings it back',
      params: IdParams,
      body: Strict({ reason: Reason }),
      ok: UploadedTypeView,
      problems: ['NOT_FOUND', 'CONFLICT'],
      handler: async ({ caller, params, body }) => typeVersions.retire(caller, params.id, body.reason),
    }),
  ];
};
