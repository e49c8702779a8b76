import Type from 'typebox';
import { MasksInput } from '../../domain/privacy-mask.ts';
import { ClipInput } from '../../domain/viewing.ts';
import type { RouteContext } from '../deps.ts';
import { page } from '../lists.ts';
import { route } from '../route.ts';
import { Strict } from '../schema.ts';
import { DeviceParams } from '../schemas/device.ts';
import { ClipView, MasksView } from '../schemas/live.ts';
import { sendMedia } from './live.ts';
import { rangeQuery, readRange } from './telemetry.ts';

const ClipParams = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 200 }),
  clip: Type.String({ pattern: '^[0-9a-f-]{36}$' }),
});

export const cameraPrivacyRoutes = ({ services: { cameraMasks, cameraClips }, times }: RouteContext) => [
  route({
    method: 'GET',
    url: '/cameras/:id/masks',
    access: 'cameras:read',
    operationId: 'getCameraMasks',
    tag: 'cameras',
    summary: 'Private areas (隐私遮挡) of a camera',
    params: DeviceParams,
    ok: MasksView,
    problems: ['NOT_FOUND'],
    handler: ({ caller, params }) => cameraMasks.get(caller, params.id),
  }),
  route({
    method: 'PUT',
    url: '/cameras/:id/masks',
    access: 'cameras:update',
    operationId: 'setCameraMasks',
    tag: 'cameras',
    summary: 'Replace the private areas; running views end at once',
    description:
      'Areas are parts (0..1) of width and height from the upper left corner. They are blackened by the server.',
    params: DeviceParams,
    body: MasksInput,
    ok: MasksView,
    problems: ['NOT_FOUND'],
    handler: ({ caller, params, body }) => cameraMasks.put(caller, params.id, body),
  }),
  route({
    method: 'POST',
    url: '/cameras/:id/clips',
    access: 'cameras:operate',
    operationId: 'createClip',
    owner: 'camera',
    tag: 'cameras',
    summary: 'Take a short file (离线采集), with masks, name and time burnt in',
    params: DeviceParams,
    body: ClipInput,
    status: 202,
    ok: ClipView,
    problems: ['NOT_FOUND', 'CONFLICT', 'UNPROCESSABLE', 'CAMERA_UNAVAILABLE', 'STORAGE_FULL', 'TOO_MANY_REQUESTS'],
    handler: ({ caller, params, body }) => cameraClips.create(caller, params.id, body),
  }),
  route({
    method: 'GET',
    url: '/cameras/:id/clips',
    access: 'cameras:operate',
    operationId: 'listClips',
    tag: 'cameras',
    summary: "Clips of a camera, newest first; an administrator sees everybody's",
    params: DeviceParams,
    query: Strict(rangeQuery),
    ok: page(ClipView),
    problems: ['NOT_FOUND'],
    handler: ({ caller, params, query }) => cameraClips.list(caller, params.id, readRange(query, times)),
  }),
  route({
    method: 'GET',
    url: '/cameras/:id/clips/:clip.mp4',
    access: 'cameras:operate',
    operationId: 'readClip',
    owner: 'camera',
    tag: 'cameras',
    summary: 'The file of a clip, for its owner and administrators, for 24 hours',
    params: ClipParams,
    unfittingPathIsUnknown: true,
    produces: 'video/mp4',
    ok: Type.String(),
    problems: ['NOT_FOUND'],
    async handler({ caller, params, reply }) {
      const file = await cameraClips.read(caller, params.id, params.clip);
      reply.header('x-content-sha256', file.sha256);
      reply.header('content-disposition', `attachment; filename="${params.clip}.mp4"`);
      return sendMedia(reply, file);
    },
  }),
];
