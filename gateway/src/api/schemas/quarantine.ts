import Type, { type Static } from 'typebox';
import { ObjectId } from '../../domain/device-input.ts';
import { Enum, Named, Nullable, Strict, TimeOut, Title } from '../schema.ts';

const Text = Type.String();
export const QuarantineView = Named(
  'QuarantinedMessage',
  Type.Object({
    id: Text,
    receivedAt: TimeOut,
    via: Text,
    principal: Text,
    topic: Text,
    payload: Type.String({ description: 'Text when it is UTF-8, else base64; see payloadEncoding' }),
    payloadEncoding: Enum(['text', 'base64']),
    code: Text,
    detail: Type.String({ description: 'As the device is told it' }),
    told: Type.Unsafe<Static<typeof Title>>({ ...Title, description: 'The detail for people' }),
    title: Nullable(Title),
    remedy: Nullable(Title),
    deviceId: Nullable(Text),
    deviceType: Nullable(Text),
    replayedAt: Nullable(TimeOut),
  }),
);
export const QuarantineReasonView = Named(
  'QuarantineReason',
  Type.Object({
    code: Text,
    title: Nullable(Title),
    remedy: Nullable(Title),
    count: Type.Integer(),
    waiting: Type.Integer({ description: 'Those that were not fed in again' }),
    devices: Type.Integer({ description: 'Known devices among them' }),
    newestAt: TimeOut,
  }),
);
export const QuarantineReplayBody = Strict({
  ids: Type.Optional(Type.Array(Type.String({ maxLength: 20 }), { minItems: 1, maxItems: 5_000 })),
  filter: Type.Optional(
    Strict({
      code: Type.Optional(Type.String({ maxLength: 100 })),
      deviceId: Type.Optional(ObjectId),
      topic: Type.Optional(Type.String({ maxLength: 1_000 })),
      unattributed: Type.Optional(Type.Boolean()),
    }),
  ),
});
export const ReplayResult = Type.Object({ replayed: Type.Integer(), remaining: Type.Integer() });
