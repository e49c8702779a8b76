import type { SimulatedCamera, SimulatedStream } from '../rtsp/server.ts';
import { type Actions, escapeXml, SoapFault, type SoapRequest } from './soap.ts';

interface Profile {
  readonly token: string;
  readonly channel: number;
  readonly stream: SimulatedStream;
}

export interface MediaOptions {
  readonly cameras: readonly SimulatedCamera[];
  readonly ptz: boolean;
  /** Address of a stream or a snapshot as the device tells it. */
  readonly streamUrl: (url: string) => string;
  readonly snapshotUrl: (channel: number) => string;
}

/** Tokens are `main_1`, `sub_1`, `main_2` … by channel; old Media lists no H.265, as real cameras do not. */
export function createMedia({ cameras, ptz, streamUrl, snapshotUrl }: MediaOptions) {
  const all = (): Profile[] =>
    cameras.flatMap(({ streams }, at) =>
      streams.map((stream, n) => ({ token: `${n === 0 ? 'main' : 'sub'}_${at + 1}`, channel: at + 1, stream })),
    );
  const old = () => all().filter(({ stream }) => stream.codec === 'h264');
  const named = (profiles: Profile[], request: SoapRequest): Profile => {
    const found = profiles.find(({ token }) => token === request.field('ProfileToken'));
    if (!found) throw new SoapFault(400, 'Sender', 'NoProfile', 'No such profile');
    return found;
  };
  const sizeOf = (channel: number) => cameras[channel - 1]?.streams[0] ?? { width: 0, height: 0 };
  const sourceConfiguration = (channel: number, tag: string) => {
    const { width, height } = sizeOf(channel);
    return `<${tag} token="videoSource_${channel}"><tt:Name>videoSource_${channel}</tt:Name><tt:UseCount>2</tt:UseCount><tt:SourceToken>source_${channel}</tt:SourceToken><tt:Bounds x="0" y="0" width="${width}" height="${height}"/></${tag}>`;
  };
  const encoder = ({ token, stream }: Profile, tag: string, media2: boolean) => {
    const { width, height, fps, codec } = stream;
    const encoding = codec === 'h265' ? 'H265' : 'H264';
    const interval = media2 ? '' : '<tt:EncodingInterval>1</tt:EncodingInterval>';
    const rate = `<tt:RateControl><tt:FrameRateLimit>${fps}</tt:FrameRateLimit>${interval}<tt:BitrateLimit>1024</tt:BitrateLimit></tt:RateControl>`;
    const h264 = media2
      ? ''
      : `<tt:H264><tt:GovLength>${fps}</tt:GovLength><tt:H264Profile>High</tt:H264Profile></tt:H264>`;
    const gov = media2 ? ` GovLength="${fps}" Profile="Main"` : '';
    return `<${tag} token="encoder_${token}"${gov}><tt:Name>encoder_${token}</tt:Name><tt:UseCount>1</tt:UseCount><tt:Encoding>${encoding}</tt:Encoding><tt:Resolution><tt:Width>${width}</tt:Width><tt:Height>${height}</tt:Height></tt:Resolution><tt:Quality>4</tt:Quality>${rate}${h264}<tt:SessionTimeout>PT60S</tt:SessionTimeout></${tag}>`;
  };
  const ptzOf = (tag: string) =>
    ptz
      ? `<${tag} token="ptz_1"><tt:Name>ptz_1</tt:Name><tt:UseCount>2</tt:UseCount><tt:NodeToken>node_1</tt:NodeToken></${tag}>`
      : '';
  const channels = () => cameras.map((_, at) => at + 1);

  const media: Actions = {
    GetProfiles: () =>
      old()
        .map((profile) => {
          const inner = [
            `<tt:Name>${profile.token}</tt:Name>`,
            sourceConfiguration(profile.channel, 'tt:VideoSourceConfiguration'),
            encoder(profile, 'tt:VideoEncoderConfiguration', false),
            ptzOf('tt:PTZConfiguration'),
          ];
          return `<s:Profiles token="${profile.token}" fixed="true">${inner.join('')}</s:Profiles>`;
        })
        .join(''),
    GetVideoSources: () =>
      channels()
        .map((channel) => {
          const { width, height } = sizeOf(channel);
          return `<s:VideoSources token="source_${channel}"><tt:Framerate>25</tt:Framerate><tt:Resolution><tt:Width>${width}</tt:Width><tt:Height>${height}</tt:Height></tt:Resolution></s:VideoSources>`;
        })
        .join(''),
    GetVideoSourceConfigurations: () =>
      channels()
        .map((one) => sourceConfiguration(one, 's:Configurations'))
        .join(''),
    GetVideoEncoderConfigurations: () =>
      old()
        .map((one) => encoder(one, 's:Configurations', false))
        .join(''),
    GetStreamUri: (request) =>
      `<s:MediaUri><tt:Uri>${escapeXml(streamUrl(named(old(), request).stream.url))}</tt:Uri><tt:InvalidAfterConnect>false</tt:InvalidAfterConnect><tt:InvalidAfterReboot>false</tt:InvalidAfterReboot><tt:Timeout>PT0S</tt:Timeout></s:MediaUri>`,
    GetSnapshotUri: (request) =>
      `<s:MediaUri><tt:Uri>${escapeXml(snapshotUrl(named(old(), request).channel))}</tt:Uri><tt:InvalidAfterConnect>false</tt:InvalidAfterConnect><tt:InvalidAfterReboot>false</tt:InvalidAfterReboot><tt:Timeout>PT0S</tt:Timeout></s:MediaUri>`,
  };

  const media2: Actions = {
    GetProfiles: () =>
      all()
        .map((profile) => {
          const inner = [
            sourceConfiguration(profile.channel, 's:VideoSource'),
            encoder(profile, 's:VideoEncoder', true),
            ptzOf('s:PTZ'),
          ];
          return `<s:Profiles token="${profile.token}" fixed="true"><s:Name>${profile.token}</s:Name><s:Configurations>${inner.join('')}</s:Configurations></s:Profiles>`;
        })
        .join(''),
    GetVideoSourceConfigurations: media.GetVideoSourceConfigurations ?? (() => ''),
    GetVideoEncoderConfigurations: () =>
      all()
        .map((one) => encoder(one, 's:Configurations', true))
        .join(''),
    GetStreamUri: (request) => `<s:Uri>${escapeXml(streamUrl(named(all(), request).stream.url))}</s:Uri>`,
    GetSnapshotUri: (request) => `<s:Uri>${escapeXml(snapshotUrl(named(all(), request).channel))}</s:Uri>`,
  };

  return { media, media2, exists: (token: string) => all().some((profile) => profile.token === token) };
}
