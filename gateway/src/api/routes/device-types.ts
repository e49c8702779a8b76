import { GatewayError } from '../../errors.ts';
import { listQuery, page } from '../lists.ts';
import { route } from '../route.ts';
import { Anything, Strict } from '../schema.ts';
import { DecodeBody, DecodeResult, DeviceTypeDetail, DeviceTypeView, IdParams } from '../schemas/other.ts';
import type { RouteContext } from './index.ts';

/** Ids hold one slash (`generic/camera`); in a path it is written `%2F`. */
export const deviceTypeRoutes = ({ services: { deviceTypes } }: RouteContext) => [
  route({
    method: 'GET',
    url: '/device-types',
    access: 'deviceTypes:read',
    operationId: 'listDeviceTypes',
    tag: 'device-types',
    summary: 'Device types',
    query: Strict(listQuery),
    ok: page(DeviceTypeView),
    handler: ({ caller, query }) => deviceTypes.list(caller, query),
  }),
  route({
    method: 'POST',
    url: '/device-types',
    access: 'deviceTypes:create',
    operationId: 'createDeviceType',
    tag: 'device-types',
    summary: 'Add a device type from its file (YAML or JSON); its examples are run',
    body: Anything,
    consumes: ['application/yaml', 'text/yaml'],
    status: 201,
    ok: DeviceTypeDetail,
    problems: ['CONFLICT'],
    handler: ({ caller, body }) => deviceTypes.create(caller, body),
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
    handler: ({ caller, params }) => deviceTypes.get(caller, params.id),
  }),
  route({
    method: 'POST',
    url: '/device-types/:id/decode',
    access: 'deviceTypes:read',
    operationId: 'decodePayload',
    tag: 'device-types',
    summary: 'Dry run: what a payload would become; nothing is stored',
    params: IdParams,
    body: DecodeBody,
    ok: DecodeResult,
    problems: ['NOT_FOUND'],
    handler: ({ caller, params, body }) =>
      deviceTypes.decode(caller, params.id, {
        topic: body.topic,
        payload: bytesOf(body.payload, body.payloadEncoding ?? 'json'),
      }),
  }),
];

/** The payload as a device would send it. */
function bytesOf(payload: unknown, encoding: 'json' | 'text' | 'base64' | 'hex'): Uint8Array {
  if (encoding === 'json') return Buffer.from(JSON.stringify(payload) ?? 'null');
  const valid =
    typeof payload === 'string' &&
    (encoding === 'text' ||
      (encoding === 'hex' ? /^([0-9a-fA-F]{2})*$/.test(payload) : /^[A-Za-z0-9+/_-]*={0,2}$/.test(payload)));
  if (valid) return Buffer.from(payload, encoding === 'text' ? 'utf8' : encoding);
  const message = `须为 ${encoding} 文本 / Must be text in ${encoding}`;
  throw new GatewayError('INVALID_INPUT', message, { errors: [{ path: '/payload', code: 'encoding', message }] });
}
