import { media2Calls } from './agsh.ts';
import { OnvifError } from './client.ts';
import { type Dialog, serviceAddress } from './dialog.ts';
import { deviceCalls, mediaCalls, NAMESPACES } from './node-onvif.ts';
import type { RawDescription, RawStream } from './thread-protocol.ts';
import { child, type Node, numberOf, SoapFault, textOf } from './xml.ts';

/** What a profile offers, whichever service told of it. */
interface Profile {
  readonly token: string;
  readonly source: string | null;
  readonly codec: string;
  readonly width: number | null;
  readonly height: number | null;
  readonly fps: number | null;
  readonly ptz: boolean;
}

interface MediaCalls {
  streamUri(profile: string): Promise<string | null>;
  snapshotUri(profile: string): Promise<string | null>;
}

interface Answering {
  readonly by: RawDescription['answeredBy'];
  readonly calls: MediaCalls;
  readonly profiles: readonly Profile[];
}

/** Asks everything the archive wants to know. One pass: clock, information, services, profiles, addresses. */
export async function describeCamera(dialog: Dialog): Promise<RawDescription & { readonly ptzAddress: string | null }> {
  const device = deviceCalls(dialog);
  const information = await device.information();
  const services = await servicesOf(device);
  const { by, calls, profiles } = await bestMedia(dialog, services);
  const streams: RawStream[] = [];
  for (const [role, profile] of chooseStreams(profiles)) {
    const { token, codec, width, height, fps } = profile;
    streams.push({ role, profile: token, codec, width, height, fps, uri: await orNull(calls.streamUri(token)) });
  }
  const main = streams[0];
  const ptz = services.get(NAMESPACES.ptz) ?? null;
  return {
    ...information,
    streams,
    snapshotUri: main ? await orNull(calls.snapshotUri(main.profile)) : null,
    ptz: ptz !== null && profiles.some((profile) => profile.token === main?.profile && profile.ptz),
    clockOffsetMs: dialog.clockOffsetMs,
    answeredBy: by,
    ptzAddress: ptz,
  };
}

export async function servicesOf(device: ReturnType<typeof deviceCalls>): Promise<ReadonlyMap<string, string>> {
  try {
    const services = await device.services();
    if (services.size > 0) return services;
  } catch (error) {
    // Devices from before GetServices existed answer a fault or nothing that is ONVIF.
    if (!(error instanceof SoapFault) && !(error instanceof OnvifError && error.reason === 'notOnvif')) throw error;
  }
  return device.capabilities();
}

/**
 * node-onvif first. The other library answers when there is no Media service, or when Media2 lists what Media cannot say:
 * its grammar knows JPEG, MPEG4 and H264 only, so H.265 cameras name no or a wrong codec there.
 */
async function bestMedia(dialog: Dialog, services: ReadonlyMap<string, string>): Promise<Answering> {
  const address = serviceAddress(dialog.xaddr, services.get(NAMESPACES.media) ?? null);
  const media = address && mediaCalls(dialog, address);
  const first: Answering | undefined = media
    ? { by: 'node-onvif', calls: media, profiles: (await media.profiles()).flatMap(readProfile) }
    : undefined;
  const address2 = serviceAddress(dialog.xaddr, services.get(NAMESPACES.media2) ?? null);
  if (address2) {
    const media2 = media2Calls(dialog, address2);
    try {
      const profiles = (await media2.profiles()).flatMap(readProfile2);
      const news = profiles.some(({ codec }) => !['H264', 'MJPEG', 'MPEG4'].includes(codec));
      if (profiles.length > 0 && (news || !first || first.profiles.length === 0)) {
        return { by: 'onvif', calls: media2, profiles };
      }
    } catch (error) {
      // Some cameras list Media2 and fail at it; what Media said stands then.
      if (!first || !(error instanceof OnvifError) || error.reason === 'timeout') throw error;
    }
  }
  return first ?? { by: 'node-onvif', calls: { streamUri: none, snapshotUri: none }, profiles: [] };
}

const none = async () => null;

function readProfile(node: Node): Profile[] {
  const token = textOf(node, '$', 'token');
  const encoder = child(node, 'VideoEncoderConfiguration');
  if (token === null || encoder === undefined) return [];
  return [
    {
      token,
      source: textOf(node, 'VideoSourceConfiguration', 'SourceToken'),
      codec: codecName(textOf(encoder, 'Encoding')),
      width: numberOf(encoder, 'Resolution', 'Width'),
      height: numberOf(encoder, 'Resolution', 'Height'),
      fps: numberOf(encoder, 'RateControl', 'FrameRateLimit'),
      ptz: child(node, 'PTZConfiguration') !== undefined,
    },
  ];
}

function readProfile2(node: Node): Profile[] {
  const token = textOf(node, '$', 'token');
  const encoder = child(node, 'Configurations', 'VideoEncoder');
  if (token === null || encoder === undefined) return [];
  return [
    {
      token,
      source: textOf(node, 'Configurations', 'VideoSource', 'SourceToken'),
      codec: codecName(textOf(encoder, 'Encoding')),
      width: numberOf(encoder, 'Resolution', 'Width'),
      height: numberOf(encoder, 'Resolution', 'Height'),
      fps: numberOf(encoder, 'RateControl', 'FrameRateLimit'),
      ptz: child(node, 'Configurations', 'PTZ') !== undefined,
    },
  ];
}

/** Media says JPEG, Media2 says what the RTP payload is called; manufacturers vary in case and dots. */
export function codecName(said: string | null): string {
  const bare = (said ?? '').toUpperCase().replace(/[^A-Z0-9]/g, '');
  if (['H264', 'AVC'].includes(bare)) return 'H264';
  if (['H265', 'HEVC'].includes(bare)) return 'H265';
  if (['JPEG', 'MJPEG', 'MJPG'].includes(bare)) return 'MJPEG';
  if (bare.startsWith('MPEG4') || bare.startsWith('MP4V')) return 'MPEG4';
  return bare === '' ? 'unknown' : bare.slice(0, 20);
}

const area = ({ width, height }: Profile) => (width ?? 0) * (height ?? 0);

/** Main = the largest of the first picture source; sub = the smallest other one, motion pictures before single JPEGs. */
export function chooseStreams(profiles: readonly Profile[]): readonly (readonly ['main' | 'sub', Profile])[] {
  const source = profiles[0]?.source;
  const mine = profiles.filter((profile) => profile.source === source);
  const [main, ...others] = [...mine].sort((a, b) => area(b) - area(a));
  if (!main) return [];
  const moving = others.filter(({ codec }) => codec !== 'MJPEG');
  const pool = moving.length > 0 ? moving : others;
  const sub = [...pool].sort((a, b) => area(a) - area(b))[0];
  return sub
    ? [
        ['main', main],
        ['sub', sub],
      ]
    : [['main', main]];
}

/** A camera without this very address is still a camera. */
async function orNull(work: Promise<string | null>): Promise<string | null> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof SoapFault || (error instanceof OnvifError && error.reason === 'notOnvif')) return null;
    throw error;
  }
}
