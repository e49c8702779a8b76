import type { CameraConnection, Probe, ProbeReason } from '../../../adapters/adapter.ts';
import type { CameraFindings, StreamFindings } from '../domain/camera-job.ts';
import { namedStream } from './onvif-describe.ts';

type OnvifConnection = Extract<CameraConnection, { protocol: 'onvif' }>;
interface CallOptions {
  readonly deadline: number;
  readonly signal: AbortSignal;
}

/** What the ONVIF client tells; it throws an error with a `reason` for what the camera did. */
export interface DescribeOnvif {
  describe(
    target: OnvifConnection,
    options: CallOptions,
  ): Promise<{
    readonly manufacturer: string | null;
    readonly model: string | null;
    readonly firmware: string | null;
    readonly serial: string | null;
    readonly streams: readonly Omit<StreamFindings, 'reason' | 'detail'>[];
    readonly snapshotUri: string | null;
    readonly ptz: boolean;
    readonly clockOffsetMs: number | null;
    readonly answeredBy: 'node-onvif' | 'onvif';
  }>;
}

/** A stream as the probe judged it. */
type TriedStream = StreamFindings & { readonly reason: ProbeReason };

export interface Findings extends Omit<CameraFindings, 'registered' | 'deviceId'> {
  readonly reason: ProbeReason;
  readonly streams: readonly TriedStream[];
}

const NOTHING: Omit<Findings, 'ok' | 'reason' | 'detail'> = {
  manufacturer: null,
  model: null,
  firmware: null,
  serial: null,
  streams: [],
  snapshotUri: null,
  ptz: false,
  clockOffsetMs: null,
  answeredBy: null,
};

/** Looks at one address as far as its protocol goes: what it is, and whether each stream it names can be had. */
export async function findOut(
  { onvif, rtsp }: { readonly onvif: DescribeOnvif; readonly rtsp: Probe },
  connection: CameraConnection,
  options: CallOptions,
): Promise<Findings> {
  if (connection.protocol === 'rtsp') return lookAtStream(rtsp, connection, options);
  try {
    const said = await onvif.describe(connection, options);
    const streams: TriedStream[] = [];
    for (const stream of said.streams) {
      const { reason, detail } = await tryStream(rtsp, connection, stream.uri, options);
      streams.push({ ...stream, reason, detail });
    }
    const bad = streams.find(({ reason }) => reason !== 'ok');
    return {
      ...said,
      streams,
      ok: streams.length > 0 && !bad,
      reason: bad?.reason ?? (streams.length > 0 ? 'ok' : 'noSuchStream'),
      detail: bad?.detail ?? (streams.length > 0 ? '' : 'the camera lists no video profile'),
    };
  } catch (error) {
    const reason = onvifReason(error);
    if (!reason) throw error;
    return { ...NOTHING, ok: false, reason, detail: error instanceof Error ? error.message : '' };
  }
}

async function tryStream(rtsp: Probe, camera: OnvifConnection, uri: string | null, call: CallOptions) {
  if (uri === null) return { reason: 'noSuchStream' as const, detail: 'no address that may be dialled' };
  return rtsp({ deviceId: 'unregistered', connection: namedStream(camera, uri) }, call);
}

async function lookAtStream(
  rtsp: Probe,
  connection: Extract<CameraConnection, { protocol: 'rtsp' }>,
  options: CallOptions,
): Promise<Findings> {
  const { ok, reason, detail, facts = {} } = await rtsp({ deviceId: 'unregistered', connection }, options);
  if (!ok) return { ...NOTHING, ok, reason, detail };
  const number = (name: string) => (typeof facts[name] === 'number' ? facts[name] : null);
  const stream: TriedStream = {
    role: 'main',
    profile: null,
    codec: String(facts.codec ?? 'unknown'),
    width: number('width'),
    height: number('height'),
    fps: number('fps'),
    uri: withoutLogin(connection.url),
    note: null,
    reason,
    detail,
  };
  return { ...NOTHING, ok, reason, detail, streams: [stream] };
}

export function withoutLogin(text: string): string {
  const url = URL.parse(text);
  if (!url) return '';
  url.username = '';
  url.password = '';
  return url.href;
}

/** The stage knows the adapter's errors by their shape only. */
function onvifReason(error: unknown): ProbeReason | undefined {
  const { name, reason } = (error ?? {}) as { name?: unknown; reason?: unknown };
  return name === 'OnvifError' && typeof reason === 'string' ? (reason as ProbeReason) : undefined;
}
