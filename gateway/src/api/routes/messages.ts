import { isUtf8 } from 'node:buffer';
import Type from 'typebox';
import {
  type DeviceType,
  metricTitle,
  REFUSALS,
  REMEDIES,
  type RefusalCode,
  toldDetail,
} from '../../domain/device-type/index.ts';
import { MESSAGE_VERDICTS, type MessageOwner, type RecentMessage } from '../../domain/recent-message.ts';
import { vendorNamed } from '../../domain/scope.ts';
import { GatewayError } from '../../errors.ts';
import type { RouteContext } from '../deps.ts';
import { route } from '../route.ts';
import { Enum, IdParams, List, Named, Nullable, TimeOut, Title } from '../schema.ts';
import { DeviceParams } from '../schemas/device.ts';

const Text = Type.String();
const RecentMessagesView = Named(
  'RecentMessages',
  Type.Object({
    since: Type.Unsafe<number>({ ...TimeOut, description: 'Recorded from here on; what came before is not shown' }),
    items: List(
      Type.Object({
        receivedAt: TimeOut,
        topic: Text,
        size: Nullable(Type.Integer({ description: 'Bytes; null when refused before it was read' })),
        payload: Type.String({ description: 'The first 4 KiB, text when it is UTF-8, else base64' }),
        payloadEncoding: Enum(['text', 'base64']),
        verdict: Enum(MESSAGE_VERDICTS),
        code: Nullable(Text),
        detail: Nullable(Type.String({ description: 'As the device is told it' })),
        told: Nullable(Title),
        title: Nullable(Title),
        remedy: Nullable(Title),
        readings: Type.Integer({ description: 'Readings it carried' }),
        via: Text,
        principal: Text,
      }),
    ),
  }),
);

/** The live validator: what devices said last and what became of it. */
export const messageRoutes = ({ services: { devices, recent, deviceTypes } }: RouteContext) => {
  const shown = async (owner: MessageOwner, type?: DeviceType) => ({
    since: recent.since,
    items: (await recent.of(owner)).map((message) => view(message, type)),
  });
  return [
    route({
      method: 'GET',
      url: '/devices/:id/messages',
      access: 'telemetry:read',
      operationId: 'listRecentMessages',
      tag: 'telemetry',
      summary: 'The last 20 messages of a device with verdicts, newest first',
      params: DeviceParams,
      ok: RecentMessagesView,
      problems: ['NOT_FOUND'],
      async handler({ caller, params }) {
        const { key, type } = await devices.get(caller, params.id);
        return shown(key, deviceTypes.get(type));
      },
    }),
    route({
      method: 'GET',
      url: '/vendors/:id/messages',
      access: 'quarantine:read',
      operationId: 'listUnattributedMessages',
      tag: 'vendors',
      summary: "The last 20 messages of a vendor's login that belong to no device of its; `me` is one's own",
      params: IdParams,
      ok: RecentMessagesView,
      problems: ['NOT_FOUND'],
      handler({ caller, params }) {
        const { scope } = caller;
        const id = vendorNamed(scope, params.id);
        // Only who sees every vendor sees another one's; a street's desk sees its own devices' messages.
        if (scope.kind === 'vendor' ? id !== scope.vendorId : scope.kind !== 'all') throw new GatewayError('NOT_FOUND');
        return shown(`vendor:${id}`);
      },
    }),
  ];
};

function view(message: RecentMessage, type: DeviceType | undefined) {
  const known = message.code !== null && Object.hasOwn(REFUSALS, message.code) ? (message.code as RefusalCode) : null;
  const bytes = Buffer.from(message.payload);
  // A text may be cut in the middle of a character; what is left of it is still text.
  const whole = bytes.byteLength === 4_096 ? bytes.subarray(0, lastWhole(bytes)) : bytes;
  const text = isUtf8(whole) && !whole.includes(0);
  return {
    ...message,
    payload: text ? whole.toString('utf8') : bytes.toString('base64'),
    payloadEncoding: text ? ('text' as const) : ('base64' as const),
    told: message.detail === null ? null : toldDetail(message.detail, (metric) => type && metricTitle(type, metric)),
    title: known ? REFUSALS[known].title : null,
    remedy: known ? REMEDIES[known] : null,
  };
}

function lastWhole(bytes: Uint8Array): number {
  let end = bytes.length;
  while (end > bytes.length - 4 && ((bytes[end - 1] ?? 0) & 0xc0) === 0x80) end -= 1;
  return ((bytes[end - 1] ?? 0) & 0x80) === 0 ? bytes.length : end - 1;
}
