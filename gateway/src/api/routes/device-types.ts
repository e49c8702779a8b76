import type { Decoded, DeviceType } from '../../domain/device-type/index.ts';
import { GatewayError } from '../../errors.ts';
import type { RouteContext } from '../deps.ts';
import { listQuery, page } from '../lists.ts';
import { route } from '../route.ts';
import { Anything, IdParams, Strict } from '../schema.ts';
import { DecodeBody, DecodeResult, DeviceTypeDetail, DeviceTypeView } from '../schemas/device-type.ts';

/** Ids hold one slash (`generic/camera`); in a path it is written `%2F`. */
export const deviceTypeRoutes = ({ clock, services: { deviceTypes } }: RouteContext) => {
  const known = (id: string): DeviceType => {
    const type = deviceTypes.get(id);
    if (!type) throw new GatewayError('NOT_FOUND');
    return type;
  };
  const shown = ({ id, title, module, adapter }: DeviceType) => ({
    id,
    title,
    module,
    adapter,
    builtIn: deviceTypes.isBuiltIn(id),
  });
  return [
    route({
      method: 'GET',
      url: '/device-types',
      access: 'deviceTypes:read',
      operationId: 'listDeviceTypes',
      tag: 'device-types',
      summary: 'Device types',
      query: Strict(listQuery),
      ok: page(DeviceTypeView),
      handler({ query }) {
        const word = query.q?.toLowerCase() ?? '';
        const all = deviceTypes
          .list()
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
      summary: 'Add a device type from its file (YAML or JSON); its examples are run',
      body: Anything,
      consumes: ['application/yaml', 'text/yaml'],
      status: 201,
      ok: DeviceTypeDetail,
      problems: ['CONFLICT'],
      async handler({ body }) {
        const result = await deviceTypes.add(body);
        if (!result.ok) throw new GatewayError('INVALID_INPUT', result.errors[0]?.message, { errors: result.errors });
        return { ...shown(result.type), definition: result.type.definition };
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
      handler({ params }) {
        const type = known(params.id);
        return { ...shown(type), definition: type.definition };
      },
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
      handler({ params, body }) {
        const payload = bytesOf(body.payload, body.payloadEncoding ?? 'json');
        const input = { topic: body.topic, payload, receivedAt: clock.now() };
        return outcome(deviceTypes.decode(known(params.id).id, input));
      },
    }),
  ];
};

/** All items of the payload together; a refusal of a part stands beside what was read. */
function outcome(decoded: Decoded | undefined) {
  if (!decoded?.ok) return { readings: {}, events: [], refused: decoded ? [decoded] : [] };
  return {
    readings: Object.fromEntries(decoded.items.flatMap((item) => [...item.values])),
    events: decoded.items.flatMap((item) => item.events),
    refused: decoded.items.flatMap((item) => item.notes),
  };
}

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
