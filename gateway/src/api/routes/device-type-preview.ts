import type { Static } from 'typebox';
import type { Actor } from '../../domain/actor.ts';
import { type DeviceType, foreignTopics } from '../../domain/device-type/index.ts';
import { filterCovers } from '../../domain/topic-filter.ts';
import { GatewayError, isGatewayError } from '../../errors.ts';
import { halfOf, type Language } from '../../messages/index.ts';
import type { RouteContext } from '../deps.ts';
import { route } from '../route.ts';
import { IdParams } from '../schema.ts';
import { CheckBody, CheckResult, DecodeBody, DecodeResult, DecodeSourceBody } from '../schemas/device-type.ts';

/** Dry runs: what a text or a message would become. */
export const deviceTypePreviewRoutes = ({ services: { devices, typePreview, vendorSelf } }: RouteContext) => {
  const notGranted = async (caller: Actor, { definition }: DeviceType): Promise<string[]> => {
    const wanted = foreignTopics(definition);
    if (caller.scope.kind !== 'vendor' || wanted.length === 0) return [];
    const { topics } = await vendorSelf.me(caller);
    return wanted
      .filter(({ filter }) => !topics.some((granted) => filterCovers(granted, filter)))
      .map(({ topic }) => topic);
  };
  type Result = Static<typeof DecodeResult>;
  type Which = Parameters<typeof typePreview.decode>[1];

  /** A device beyond the caller's reach is not named. */
  const reachable = async (caller: Actor, id: string): Promise<boolean> => {
    try {
      await devices.get(caller, id);
      return true;
    } catch (error) {
      if (isGatewayError(error, 'NOT_FOUND') || isGatewayError(error, 'FORBIDDEN')) return false;
      throw error;
    }
  };

  const run = async (
    caller: Actor,
    which: Which,
    topic: string,
    payload: Uint8Array,
    language: Language,
  ): Promise<Result> => {
    const {
      accepted,
      items,
      refused,
      faults,
      devices: found,
    } = await typePreview.decode(caller, which, { topic, payload });
    const named = new Map<string, boolean>();
    for (const device of found) {
      if (device && !named.has(device.id)) named.set(device.id, await reachable(caller, device.id));
    }
    return {
      accepted,
      readings: Object.fromEntries(items.flatMap((item) => item.readings.map(({ metric, value }) => [metric, value]))),
      events: items.flatMap((item) => item.events),
      refused: [...refused, ...items.flatMap((item) => item.refused)],
      items: items.map((item, index) => {
        const device = found[index];
        const utc = item.time.device === null ? null : new Date(item.time.device).toISOString();
        return {
          ...item,
          time: { ...item.time, utc },
          device: device && named.get(device.id) ? device : null,
        };
      }),
      faults: inWords(faults, language),
    };
  };

  return [
    route({
      method: 'POST',
      url: '/device-types/:id/decode',
      access: 'deviceTypes:read',
      operationId: 'decodePayload',
      tag: 'device-types',
      summary: 'Dry run: what a payload would become, for which device and at which time, and why anything is refused',
      params: IdParams,
      body: DecodeBody,
      ok: DecodeResult,
      problems: ['NOT_FOUND'],
      handler: async ({ caller, params, body, language }) =>
        run(caller, { id: params.id, version: body.version }, body.topic, bytesOf(body), language),
    }),
    route({
      method: 'POST',
      url: '/device-types/decode',
      access: 'deviceTypes:read',
      operationId: 'decodeWithSource',
      tag: 'device-types',
      summary: 'Dry run with a text that was not saved',
      body: DecodeSourceBody,
      ok: DecodeResult,
      handler: async ({ caller, body, language }) =>
        run(caller, { source: body.source }, body.topic, bytesOf(body), language),
    }),
    route({
      method: 'POST',
      url: '/device-types/check',
      access: 'deviceTypes:read',
      operationId: 'checkDeviceType',
      tag: 'device-types',
      summary: 'Every fault of a text, with line, column and remedy; nothing is saved',
      body: CheckBody,
      ok: CheckResult,
      async handler({ caller, body, language }) {
        const { type, faults } = typePreview.check(caller, body.source);
        return {
          ok: type !== null && faults.length === 0,
          id: type?.id ?? null,
          faults: inWords(faults, language),
          notGranted: type ? await notGranted(caller, type) : [],
        };
      },
    }),
  ];
};

/** Faults are written `中文 / English`; whoever writes the text reads one of them. */
const inWords = <T extends { readonly message: string }>(faults: readonly T[], language: Language): T[] =>
  faults.map((fault) => ({ ...fault, message: halfOf(fault.message, language) }));

/** The payload as a device would send it. */
function bytesOf(body: Pick<Static<typeof DecodeBody>, 'payload' | 'payloadEncoding'>): Uint8Array {
  const { payload, payloadEncoding: encoding = 'json' } = body;
  if (encoding === 'json') return Buffer.from(JSON.stringify(payload) ?? 'null');
  const valid =
    typeof payload === 'string' &&
    (encoding === 'text' ||
      (encoding === 'hex' ? /^([0-9a-fA-F]{2})*$/.test(payload) : /^[A-Za-z0-9+/_-]*={0,2}$/.test(payload)));
  if (valid) return Buffer.from(payload, encoding === 'text' ? 'utf8' : encoding);
  const message = `须为 ${encoding} 文本 / Must be text in ${encoding}`;
  throw new GatewayError('INVALID_INPUT', message, { errors: [{ path: '/payload', code: 'encoding', message }] });
}
