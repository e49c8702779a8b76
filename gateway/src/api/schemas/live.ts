import Type from 'typebox';
import { MaskArea } from '../../domain/privacy-mask.ts';
import { CLIP_STATES, VIEWING_MODES } from '../../domain/viewing.ts';
import { Enum, List, Named, Nullable, Secret, TimeOut } from '../schema.ts';

const Text = Type.String();

export const LiveView = Named(
  'Live',
  Type.Object({
    url: Type.String({ description: 'Playlist or picture; only for the person who opened the view' }),
    token: Secret('Stands in the address of every piece'),
    expiresAt: TimeOut,
    view: Text,
    kind: Enum(['hls', 'pictures'], { description: '`pictures`: ask for the address once a second' }),
    codec: Text,
    mode: Enum(['copy', 'sub', 'transcode', 'masked', 'snapshots']),
    masked: Type.Boolean({ description: 'Private areas are blackened by the server' }),
    why: Type.Object({ code: Text, zh: Text, en: Text }),
    watermark: Type.String({ description: 'To be shown over the picture' }),
  }),
);

export const RenewedView = Type.Object({ expiresAt: TimeOut, viewers: Type.Integer() });

export const ViewingView = Named(
  'Viewing',
  Type.Object({
    id: Text,
    deviceId: Text,
    deviceName: Text,
    userId: Text,
    userName: Text,
    address: Nullable(Text),
    mode: Enum(VIEWING_MODES),
    purpose: Text,
    startedAt: TimeOut,
    lastSeenAt: TimeOut,
    endedAt: Nullable(TimeOut),
    endReason: Nullable(Text),
    bytes: Type.Number(),
  }),
);

export const MasksView = Named(
  'CameraMasks',
  Type.Object({
    areas: List(MaskArea),
    revision: Type.Integer(),
    updatedAt: Nullable(TimeOut),
    updatedBy: Nullable(Text),
  }),
);

export const ClipView = Named(
  'Clip',
  Type.Object({
    id: Text,
    deviceId: Text,
    userId: Text,
    userName: Text,
    purpose: Text,
    seconds: Type.Integer(),
    state: Enum(CLIP_STATES),
    reason: Nullable(Text),
    masked: Type.Boolean(),
    bytes: Nullable(Type.Number()),
    sha256: Nullable(Text),
    createdAt: TimeOut,
    expiresAt: TimeOut,
  }),
);
