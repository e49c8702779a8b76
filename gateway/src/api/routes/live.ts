import Type from 'typebox';
import { LiveInput } from '../../domain/viewing.ts';
import type { RouteContext } from '../deps.ts';
import { page } from '../lists.ts';
import type { MediaFile } from '../ports/live.ts';
import { type Call, route } from '../route.ts';
import { Strict, Text } from '../schema.ts';
import { DeviceParams } from '../schemas/device.ts';
import { LiveView, RenewedView, ViewingView } from '../schemas/live.ts';
import { rangeQuery, readRange } from './telemetry.ts';

/** What fits no address of ours is not found, rather than malformed. */
const segment = Type.String({ maxLength: 200 });
const ViewParams = Type.Object({ view: segment });
const FileParams = Type.Object({ view: segment, token: segment, name: segment });
const TokenBody = Strict({ token: Text(200) });

export const liveRoutes = ({ services: { live, viewings }, times }: RouteContext) => [
  route({
    method: 'POST',
    url: '/cameras/:id/live',
    access: 'cameras:operate',
    operationId: 'openLive',
    owner: 'camera',
    tag: 'cameras',
    summary: 'Open a live view (实时调取); the answer says what is shown and why',
    description: 'The purpose and who looks are logged first. Renew the view before `expiresAt`, close it when done.',
    params: DeviceParams,
    body: LiveInput,
    ok: LiveView,
    problems: ['NOT_FOUND', 'CONFLICT', 'UNPROCESSABLE', 'TOO_MANY_REQUESTS', 'CAMERA_UNAVAILABLE', 'UNAVAILABLE'],
    handler: ({ caller, params, body }) => live.open(caller, params.id, body),
  }),
  route({
    method: 'POST',
    url: '/live/:view/renew',
    access: 'cameras:operate',
    operationId: 'renewLive',
    owner: 'view',
    tag: 'cameras',
    summary: 'Renew a live view; answers 404 with `ended` when it is over',
    params: ViewParams,
    unfittingPathIsUnknown: true,
    body: TokenBody,
    ok: RenewedView,
    problems: ['NOT_FOUND'],
    handler: ({ caller, params, body }) => live.renew(caller, params.view, body.token),
  }),
  route({
    method: 'POST',
    url: '/live/:view/close',
    access: 'cameras:operate',
    operationId: 'closeLive',
    owner: 'view',
    tag: 'cameras',
    summary: 'Close a live view',
    params: ViewParams,
    unfittingPathIsUnknown: true,
    body: TokenBody,
    status: 204,
    problems: ['NOT_FOUND'],
    async handler({ caller, params, body }) {
      await live.close(caller, params.view, body.token);
      return undefined;
    },
  }),
  route({
    method: 'GET',
    url: '/live/:view/:token/:name',
    access: 'cameras:operate',
    operationId: 'readLive',
    owner: 'view',
    tag: 'cameras',
    summary: 'A playlist, a piece or a picture of a live view',
    description: 'Only for the person who opened it. The first playlist waits up to 8 s for the camera.',
    params: FileParams,
    unfittingPathIsUnknown: true,
    produces: 'application/octet-stream',
    ok: Type.String(),
    problems: ['NOT_FOUND', 'CAMERA_UNAVAILABLE'],
    async handler({ caller, params, reply }) {
      return sendMedia(reply, await live.read(caller, params.view, params.token, params.name));
    },
  }),
  route({
    method: 'GET',
    url: '/cameras/:id/viewings',
    access: 'viewings:read',
    operationId: 'listCameraViewings',
    tag: 'cameras',
    summary: '调阅登记 of one camera, newest first',
    params: DeviceParams,
    query: Strict(rangeQuery),
    ok: page(ViewingView),
    problems: ['NOT_FOUND'],
    handler: ({ caller, params, query }) => viewings.ofCamera(caller, params.id, readRange(query, times)),
  }),
  route({
    method: 'GET',
    url: '/viewings',
    access: 'viewings:read',
    operationId: 'listViewings',
    tag: 'cameras',
    summary: '调阅登记: who looked at which camera, newest first',
    query: Strict({
      ...rangeQuery,
      userId: Type.Optional(Type.String({ maxLength: 200 })),
      deviceId: Type.Optional(Type.String({ maxLength: 64 })),
    }),
    ok: page(ViewingView),
    handler: ({ caller, query: { userId, deviceId, ...range } }) =>
      viewings.list(caller, {
        ...readRange(range, times),
        ...(userId === undefined ? {} : { userId }),
        ...(deviceId === undefined ? {} : { deviceId }),
      }),
  }),
];

/** Hands a file over as it is; nobody keeps a copy. */
export function sendMedia(reply: Call<undefined, undefined, undefined>['reply'], file: MediaFile): never {
  reply.header('cache-control', 'no-store').header('content-length', file.length).type(file.type);
  if (file.takenAt !== undefined) reply.header('x-captured-at', new Date(file.takenAt).toISOString());
  // The handler's declared text stands for whatever the media type says.
  return file.body as never;
}
