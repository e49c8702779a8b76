import Type from 'typebox';
import { CAMERA_JOB_STATES, STREAM_NOTES } from '../../domain/camera-job.ts';
import { Dict, Enum, List, Named, Nullable, TimeOut } from '../schema.ts';

const Text = Type.String();
const reason = Type.String({ description: 'ok, hostUnreachable, portClosed, timeout, wrongPassword, noSuchStream …' });

const Registered = {
  registered: Type.Boolean({ description: 'A registered device has this address or serial' }),
  deviceId: Nullable(Type.String({ description: 'Its id, when the caller may see it' })),
};

const FoundView = Type.Object({
  address: Text,
  name: Nullable(Text),
  facts: Dict(Text),
  ...Registered,
});

const StreamView = Type.Object({
  role: Enum(['main', 'sub']),
  profile: Nullable(Text),
  codec: Text,
  width: Nullable(Type.Integer()),
  height: Nullable(Type.Integer()),
  fps: Nullable(Type.Number()),
  uri: Nullable(Text),
  note: Nullable(Enum(STREAM_NOTES)),
  reason,
  detail: Text,
});

const FindingsView = Type.Object({
  ok: Type.Boolean(),
  reason,
  detail: Text,
  manufacturer: Nullable(Text),
  model: Nullable(Text),
  firmware: Nullable(Text),
  serial: Nullable(Text),
  streams: List(StreamView),
  snapshotUri: Nullable(Text),
  ptz: Type.Boolean(),
  clockOffsetMs: Nullable(Type.Number({ description: 'Device clock minus ours' })),
  answeredBy: Nullable(Enum(['node-onvif', 'onvif'])),
  ...Registered,
});

export const CameraJobView = Named(
  'CameraJob',
  Type.Object({
    id: Text,
    kind: Enum(['multicast', 'subnet', 'probe']),
    state: Enum(CAMERA_JOB_STATES),
    target: Text,
    startedAt: TimeOut,
    finishedAt: Nullable(TimeOut),
    progress: Nullable(Type.Object({ done: Type.Integer(), total: Type.Integer() })),
    found: List(FoundView),
    result: Nullable(FindingsView),
    error: Nullable(Text),
  }),
);

export const JobParams = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64, description: 'Job id' }) });
