import type { OnvifFault, SnapshotFault } from '../../../tools/simulator/onvif/device.ts';
import type { CameraPicture, RtspFault } from '../../../tools/simulator/rtsp/server.ts';

/** One camera of the long run. Absent fields = it behaves. */
export interface SoakCamera {
  readonly id: string;
  readonly protocol: 'rtsp' | 'onvif';
  readonly wire?: RtspFault;
  readonly picture?: CameraPicture;
  /** From before the gateway first asks. */
  readonly soap?: OnvifFault;
  readonly snapshot?: SnapshotFault;
  /** Its wire comes and goes while the run lasts. */
  readonly flips?: true;
  /** What the gateway must have found in the end; absent = nothing, it is online and without a ticket. */
  readonly offline?: readonly string[];
  /** Only a look at its picture finds it. */
  readonly seen?: true;
  /** Fault of the one open ticket; absent = `offline` when it is offline, else none. */
  readonly ticket?: string;
}

type Misbehaviour = Omit<SoakCamera, 'id' | 'protocol'>;

const ON_THE_WIRE: readonly Misbehaviour[] = [
  { wire: 'hang', offline: ['timeout'] },
  { wire: 'hang', offline: ['timeout'] },
  { wire: 'trickle', offline: ['timeout'] },
  { wire: 'endlessHeader', offline: ['timeout', 'notRtsp'] },
  { wire: 'garbage', offline: ['notRtsp'] },
  { wire: 'refuse', offline: ['portClosed'] },
  { wire: 'refuse', offline: ['portClosed'] },
  { wire: 'redirect', offline: ['noSuchStream'] },
  { wire: 'notFound', offline: ['noSuchStream'] },
  { wire: 'broken', offline: ['serverError'] },
  { wire: 'unauthorized', offline: ['wrongPassword'] },
  { wire: 'busy', ticket: 'sessionLimit' },
  { wire: 'sessionLimit', ticket: 'sessionLimit', seen: true },
  { wire: 'slowFirstFrame' },
  { wire: 'slowFirstFrame' },
  { picture: 'noFrames', ticket: 'noFrames', seen: true },
  { picture: 'black', ticket: 'black', seen: true },
  { flips: true, wire: 'hang' },
  { flips: true, wire: 'refuse' },
  { flips: true, wire: 'unauthorized' },
  { flips: true, wire: 'garbage' },
  { flips: true, wire: 'broken' },
];

const BY_ONVIF: readonly Misbehaviour[] = [
  { soap: 'hugeXml', offline: ['notOnvif'] },
  { soap: 'entityBomb', offline: ['notOnvif'] },
  { soap: 'stall', offline: ['timeout'] },
  { soap: 'authLoop', offline: ['wrongPassword'] },
  { soap: 'reset', offline: ['connectionLost'] },
  { snapshot: 'truncated' },
  { snapshot: 'hang' },
  { snapshot: 'huge' },
];

/** Enough for every kind of misbehaviour among more that behave; a long run takes more. */
const CAMERAS = Number(process.env.CGW_TEST_SOAK_CAMERAS ?? 40);
const HEALTHY_BY_ONVIF = 4;

/** Cameras of which 30 misbehave, each in its own way. */
export const SOAK_FLEET: readonly SoakCamera[] = [
  ...ON_THE_WIRE.map((one, n) => ({ id: `bad-${n}-${one.wire ?? one.picture}`, protocol: 'rtsp' as const, ...one })),
  ...BY_ONVIF.map((one, n) => ({
    id: `odd-${n}-${one.soap ?? one.snapshot}`,
    protocol: 'onvif' as const,
    ...one,
  })),
  ...Array.from({ length: CAMERAS - ON_THE_WIRE.length - BY_ONVIF.length }, (_, n) => ({
    id: `good-${n}`,
    protocol: n < HEALTHY_BY_ONVIF ? ('onvif' as const) : ('rtsp' as const),
  })),
];

export const misbehaves = ({ wire, picture, soap, snapshot }: SoakCamera): boolean =>
  [wire, picture, soap, snapshot].some((one) => one !== undefined);
