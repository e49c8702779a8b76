import type { FastifyReply } from 'fastify';
import Type from 'typebox';
import { DURATION_PATTERN, formatDuration, parseDuration } from '../../domain/duration.ts';
import { PICTURE_PURPOSES } from '../../domain/picture.ts';
import { GatewayError } from '../../errors.ts';
import { bilingual } from '../../messages/index.ts';
import type { RouteContext } from '../deps.ts';
import { page } from '../lists.ts';
import type { ShownPicture } from '../ports/pictures.ts';
import { route } from '../route.ts';
import { Enum, Strict } from '../schema.ts';
import { DeviceParams } from '../schemas/device.ts';
import { Jpeg, PictureView } from '../schemas/picture.ts';
import type { Times } from '../times.ts';
import { rangeQuery, readRange } from './telemetry.ts';

/** An hour ago is another scene: such a picture is asked for by its id. */
const MOST_AGE_MS = 3_600_000;

const HEADERS =
  '`X-Captured-At`, `X-Age-Ms`, `X-Stale`, `X-Content-SHA256` (and `Content-Digest`) of the body, `X-Original-SHA256` of ' +
  'the picture as the camera gave it, `X-Picture-Origin`, `X-Masked`. Privacy masks are applied before anything leaves, ' +
  'and the look is entered in 调阅登记.';

const viewQuery = {
  width: Type.Optional(Type.Integer({ minimum: 16, maximum: 8_192, description: 'Pixels at most; never enlarged' })),
  mark: Type.Optional(
    Type.Boolean({
      description: 'Burn in the capture time. Default: only a stale picture is marked 过期; false = never',
    }),
  ),
  export: Type.Optional(
    Type.Boolean({
      description: 'For a file that leaves: burnt-in proof; wants `purpose` and the right `cameras:export`',
    }),
  ),
  purpose: Type.Optional(Type.String({ maxLength: 200, description: 'Why; entered in 调阅登记' })),
};

export const pictureRoutes = ({ services: { devices, pictureViews }, times }: RouteContext) => [
  route({
    method: 'GET',
    url: '/cameras/:id/snapshot.jpg',
    access: 'cameras:operate',
    operationId: 'takeSnapshot',
    owner: 'camera',
    tag: 'cameras',
    summary: 'The camera as it looks now, or the reason why not; never an old picture as new',
    description: `With \`maxAge\` a stored picture not older than that will do; it carries \`X-Stale: true\` and 过期 over it. ${HEADERS}`,
    params: DeviceParams,
    query: Strict({
      ...viewQuery,
      maxAge: Type.Optional(Type.String({ pattern: DURATION_PATTERN, description: 'e.g. `30s`; at most `1h`' })),
    }),
    produces: 'image/jpeg',
    ok: Jpeg,
    problems: ['NOT_FOUND', 'UNPROCESSABLE', 'CAMERA_UNAVAILABLE', 'UNAVAILABLE'],
    async handler({ caller, params, query, language, reply }) {
      const { maxAge, ...request } = query;
      const maxAgeMs = maxAge === undefined ? undefined : readMaxAge(maxAge);
      const camera = await devices.get(caller, params.id);
      const shown = await pictureViews.now(caller, camera, {
        ...request,
        language,
        signal: untilClosed(reply),
        ...(maxAgeMs === undefined ? {} : { maxAgeMs }),
      });
      return sendPicture(reply, shown, camera.id, query.export ?? false, times);
    },
  }),
  route({
    method: 'GET',
    url: '/cameras/:id/pictures',
    access: 'cameras:read',
    operationId: 'listPictures',
    tag: 'cameras',
    summary: 'Stored pictures of a camera, newest first',
    params: DeviceParams,
    query: Strict({ ...rangeQuery, purpose: Type.Optional(Enum(PICTURE_PURPOSES)) }),
    ok: page(PictureView),
    problems: ['NOT_FOUND'],
    async handler({ caller, params, query: { purpose, ...range } }) {
      const camera = await devices.get(caller, params.id);
      return pictureViews.list(camera, { ...readRange(range, times), ...(purpose === undefined ? {} : { purpose }) });
    },
  }),
  route({
    method: 'GET',
    url: '/cameras/:id/pictures/:pictureId.jpg',
    access: 'cameras:operate',
    operationId: 'getPicture',
    owner: 'camera',
    tag: 'cameras',
    summary: 'One stored picture of this camera, proved by its hash',
    description: HEADERS,
    params: Type.Object({ ...DeviceParams.properties, pictureId: Type.String({ minLength: 1, maxLength: 64 }) }),
    query: Strict(viewQuery),
    produces: 'image/jpeg',
    ok: Jpeg,
    problems: ['NOT_FOUND', 'PICTURE_DAMAGED', 'UNAVAILABLE'],
    async handler({ caller, params, query, language, reply }) {
      const camera = await devices.get(caller, params.id);
      const request = { ...query, language, signal: untilClosed(reply) };
      const shown = await pictureViews.stored(caller, camera, params.pictureId, request);
      return sendPicture(reply, shown, camera.id, query.export ?? false, times);
    },
  }),
];

function sendPicture(reply: FastifyReply, shown: ShownPicture, cameraId: string, download: boolean, times: Times) {
  const digest = Buffer.from(shown.sha256, 'hex').toString('base64');
  // Digits of the capture time; a colon is no letter of a file name everywhere.
  const stamp = times.iso(shown.takenAt).slice(0, 19).replace(/\D/g, '');
  reply
    .type('image/jpeg')
    .header('cache-control', 'no-store')
    .header('content-disposition', `${download ? 'attachment' : 'inline'}; filename="${cameraId}-${stamp}.jpg"`)
    .header('content-digest', `sha-256=:${digest}:`)
    .header('x-content-sha256', shown.sha256)
    .header('x-original-sha256', shown.originalSha256)
    .header('x-captured-at', times.iso(shown.takenAt))
    .header('x-age-ms', String(Math.round(shown.ageMs)))
    .header('x-stale', String(shown.stale))
    .header('x-masked', String(shown.masked))
    .header('x-picture-origin', shown.origin);
  if (shown.pictureId) reply.header('x-picture-id', shown.pictureId);
  const { jpeg } = shown;
  return Buffer.from(jpeg.buffer, jpeg.byteOffset, jpeg.byteLength);
}

/** Who goes away does not keep a camera busy. */
function untilClosed(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  return gone.signal;
}

function readMaxAge(text: string): number {
  const ms = parseDuration(text) ?? Number.NaN;
  if (ms <= MOST_AGE_MS) return ms;
  const message = bilingual('snapshot.maxAge', { most: formatDuration(MOST_AGE_MS) });
  throw new GatewayError('INVALID_INPUT', message, { errors: [{ path: 'maxAge', code: 'range', message }] });
}
