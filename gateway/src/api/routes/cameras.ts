import Type from 'typebox';
import { ArchiveInput, ArchivePatch, CAMERA_STAGE_NAMES } from '../../domain/camera-archive.ts';
import { NationalCodeInput, StreetCodeInput } from '../../domain/camera-requests.ts';
import { LIFECYCLES } from '../../domain/device.ts';
import { CRS } from '../../domain/geo.ts';
import { HEALTH_STATES } from '../../domain/health.ts';
import type { RouteContext } from '../deps.ts';
import { commaList, listQuery, page } from '../lists.ts';
import { route } from '../route.ts';
import { Enum, List, Strict } from '../schema.ts';
import { ArchiveSchema, CameraSchema, ComposedCodeView, StreetCodeView } from '../schemas/camera.ts';
import { DeviceParams } from '../schemas/device.ts';

const words = (description: string) => Type.Optional(Type.String({ maxLength: 1_000, description }));
const crs = Type.Optional(Enum(CRS, { description: 'System of the coordinates answered; `gcj02` for 高德' }));
const CrsQuery = Strict({ crs });
const CameraListQuery = Strict({
  ...listQuery,
  crs,
  stage: words(`Comma-separated: ${CAMERA_STAGE_NAMES.join(', ')}`),
  healthState: words(`Comma-separated: ${HEALTH_STATES.join(', ')}`),
  lifecycle: words(`Comma-separated: ${LIFECYCLES.join(', ')}`),
  module: words('Comma-separated module ids'),
  orgId: words('Organisation and everything below it'),
  siteId: words('Site'),
  vendorId: words('Vendor'),
  maintenanceUnitId: words('Maintenance unit'),
});

export const cameraRoutes = ({ services: { cameras } }: RouteContext) => [
  route({
    method: 'GET',
    url: '/cameras',
    access: 'cameras:read',
    operationId: 'listCameras',
    tag: 'cameras',
    summary: 'Cameras with stage, archive and what they say of themselves',
    query: CameraListQuery,
    ok: page(CameraSchema),
    handler({ caller, query }) {
      const { crs: system, stage, healthState, lifecycle, module, ...rest } = query;
      const filter = Object.entries({
        stage: commaList(stage, CAMERA_STAGE_NAMES, 'stage'),
        healthState: commaList(healthState, HEALTH_STATES, 'healthState'),
        lifecycle: commaList(lifecycle, LIFECYCLES, 'lifecycle'),
        module: module?.split(','),
      }).filter(([, value]) => value !== undefined);
      return cameras.list(caller, { ...rest, ...Object.fromEntries(filter) }, system);
    },
  }),
  route({
    method: 'GET',
    url: '/cameras/:id',
    access: 'cameras:read',
    operationId: 'getCamera',
    tag: 'cameras',
    summary: 'One camera',
    params: DeviceParams,
    query: CrsQuery,
    ok: CameraSchema,
    problems: ['NOT_FOUND'],
    handler: ({ caller, params, query }) => cameras.get(caller, params.id, query.crs),
  }),
  route({
    method: 'GET',
    url: '/cameras/:id/archive',
    access: 'devices:read',
    operationId: 'getCameraArchive',
    tag: 'cameras',
    summary: 'The archive (一机一档), what it lacks and what looks wrong in it',
    params: DeviceParams,
    query: CrsQuery,
    ok: ArchiveSchema,
    problems: ['NOT_FOUND'],
    handler: ({ caller, params, query }) => cameras.archive(caller, params.id, query.crs),
  }),
  route({
    method: 'PUT',
    url: '/cameras/:id/archive',
    access: 'devices:update',
    operationId: 'putCameraArchive',
    tag: 'cameras',
    summary: 'Write the archive: fields of the camera that are absent are emptied, those of the device stay',
    params: DeviceParams,
    body: ArchiveInput,
    ok: ArchiveSchema,
    problems: ['NOT_FOUND', 'CONFLICT'],
    handler: ({ caller, params, body }) => cameras.putArchive(caller, params.id, body),
  }),
  route({
    method: 'PATCH',
    url: '/cameras/:id/archive',
    access: 'devices:update',
    operationId: 'patchCameraArchive',
    tag: 'cameras',
    summary: 'Change the archive: what is absent stays, null empties',
    params: DeviceParams,
    body: ArchivePatch,
    ok: ArchiveSchema,
    problems: ['NOT_FOUND', 'CONFLICT'],
    handler: ({ caller, params, body }) => cameras.patchArchive(caller, params.id, body),
  }),
  route({
    method: 'POST',
    url: '/cameras/:id/facts',
    access: 'cameras:operate',
    operationId: 'readCameraFacts',
    owner: 'camera',
    tag: 'cameras',
    summary: 'Ask the camera now what it is',
    params: DeviceParams,
    ok: CameraSchema,
    problems: ['NOT_FOUND', 'UNPROCESSABLE', 'UNAVAILABLE'],
    handler: ({ caller, params }) => cameras.refresh(caller, params.id),
  }),
  route({
    method: 'POST',
    url: '/cameras/:id/national-code',
    access: 'devices:update',
    operationId: 'assignNationalCode',
    tag: 'cameras',
    summary: 'Compose the next free 20-digit code and give it to the camera',
    params: DeviceParams,
    body: NationalCodeInput,
    ok: Type.Object({ code: ComposedCodeView, camera: CameraSchema }),
    problems: ['NOT_FOUND', 'CONFLICT'],
    handler: ({ caller, params, body }) => cameras.assign(caller, params.id, body),
  }),
  route({
    method: 'POST',
    url: '/cameras/national-code',
    access: 'devices:update',
    operationId: 'composeNationalCode',
    tag: 'cameras',
    summary: 'Compose the next free 20-digit code; it is not composed again',
    body: NationalCodeInput,
    ok: ComposedCodeView,
    problems: ['CONFLICT'],
    handler: ({ caller, body }) => cameras.compose(caller, body),
  }),
  route({
    method: 'GET',
    url: '/street-codes',
    access: 'devices:read',
    operationId: 'listStreetCodes',
    tag: 'cameras',
    summary: 'Which eight digits of a national code each street uses',
    ok: Type.Object({ items: List(StreetCodeView) }),
    handler: ({ caller }) => cameras.streets(caller),
  }),
  route({
    method: 'PUT',
    url: '/street-codes/:street',
    access: 'settings:update',
    operationId: 'putStreetCode',
    tag: 'cameras',
    summary: 'Say which eight digits a street uses (9 or 12 digits of its division code)',
    params: Type.Object({ street: Type.String({ minLength: 9, maxLength: 12 }) }),
    body: StreetCodeInput,
    ok: StreetCodeView,
    problems: ['NOT_FOUND'],
    handler: ({ caller, params, body }) => cameras.putStreet(caller, params.street, body),
  }),
];
