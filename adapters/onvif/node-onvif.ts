import nodeOnvif from 'node-onvif';
import DeviceService from 'node-onvif/lib/modules/service-device.js';
import MediaService from 'node-onvif/lib/modules/service-media.js';
import PtzService from 'node-onvif/lib/modules/service-ptz.js';
import { OnvifError, type PtzVelocity } from './client.ts';
import type { Dialog } from './dialog.ts';
import { escapeXml, LOGIN_MARK } from './soap.ts';
import type { RawPreset } from './thread-protocol.ts';
import { child, listOf, type Node, numberOf, soapBody, textOf } from './xml.ts';

/**
 * node-onvif composes the requests; everything that touches the network, a password or hostile XML is replaced on its one
 * shared SOAP object. Never used: init(), fetchSnapshot(), startProbe(), {address}. Why: docs/decisions/013-onvif-clients.md.
 */
const soap = nodeOnvif._OnvifSoap;
/** Each service of the library holds one object for its address; that object says whose dialog it is. */
const dialogs = new WeakMap<object, { readonly dialog: Dialog; readonly url: URL }>();

soap._request = () => Promise.reject(new Error('requestCommand is replaced as well'));
soap._createSoapUserToken = () => LOGIN_MARK;
soap.requestCommand = async (oxaddr, method, text) => {
  const owner = dialogs.get(oxaddr);
  if (!owner) throw new Error('a service without a dialog');
  const body = await soapBody(await owner.dialog.ask(owner.url, text));
  const data = child(body, `${method}Response`);
  if (data === undefined) throw new OnvifError('notOnvif', `the answer is no ${method}Response`);
  // `converted` is what the library would read the time from, wrongly; nothing there, nothing read.
  return { data, converted: {} };
};

/** The name only makes the library leave room for a login. */
const SOMEBODY = { user: 'login', pass: '', time_diff: 0 };

interface Owned {
  readonly oxaddr: object;
}

function own<S extends Owned>(service: S, dialog: Dialog, url: URL): S {
  dialogs.set(service.oxaddr, { dialog, url });
  return service;
}

export function deviceCalls(dialog: Dialog) {
  const service = own(new DeviceService({ xaddr: dialog.xaddr.href, ...SOMEBODY }), dialog, dialog.xaddr);
  return {
    /** Device time in epoch milliseconds; null when the camera does not tell it. */
    async time(): Promise<number | null> {
      const { data } = await service.getSystemDateAndTime();
      return readTime(child(data, 'SystemDateAndTime', 'UTCDateTime'));
    },
    async information() {
      const { data } = await service.getDeviceInformation();
      return {
        manufacturer: textOf(data, 'Manufacturer'),
        model: textOf(data, 'Model'),
        firmware: textOf(data, 'FirmwareVersion'),
        serial: textOf(data, 'SerialNumber'),
        hardwareId: textOf(data, 'HardwareId'),
      };
    },
    /** Service addresses by namespace, as the camera names them. */
    async services(): Promise<ReadonlyMap<string, string>> {
      const { data } = await service.getServices({ IncludeCapability: false });
      const pairs = listOf(data, 'Service').map((one) => [textOf(one, 'Namespace'), textOf(one, 'XAddr')] as const);
      return new Map(pairs.filter((pair): pair is [string, string] => pair[0] !== null && pair[1] !== null));
    },
    /** The older way to ask for services. */
    async capabilities(): Promise<ReadonlyMap<string, string>> {
      const { data } = await service.getCapabilities();
      const address = (name: string) => textOf(data, 'Capabilities', name, 'XAddr');
      const found = [
        [NAMESPACES.media, address('Media')],
        [NAMESPACES.ptz, address('PTZ')],
        [NAMESPACES.events, address('Events')],
      ] as const;
      return new Map(found.filter((pair): pair is [(typeof found)[number][0], string] => pair[1] !== null));
    },
    users: () => service.getUsers(),
    reboot: () => service.reboot(),
  };
}

export const NAMESPACES = {
  media: 'http://www.onvif.org/ver10/media/wsdl',
  media2: 'http://www.onvif.org/ver20/media/wsdl',
  ptz: 'http://www.onvif.org/ver20/ptz/wsdl',
  events: 'http://www.onvif.org/ver10/events/wsdl',
} as const;

export function mediaCalls(dialog: Dialog, url: URL) {
  const service = own(new MediaService({ xaddr: url.href, ...SOMEBODY }), dialog, url);
  return {
    async profiles(): Promise<readonly Node[]> {
      const { data } = await service.getProfiles();
      return listOf(data, 'Profiles');
    },
    async streamUri(profile: string): Promise<string | null> {
      const { data } = await service.getStreamUri({ ProfileToken: escapeXml(profile), Protocol: 'RTSP' });
      return textOf(data, 'MediaUri', 'Uri');
    },
    async snapshotUri(profile: string): Promise<string | null> {
      const { data } = await service.getSnapshotUri({ ProfileToken: escapeXml(profile) });
      return textOf(data, 'MediaUri', 'Uri');
    },
  };
}

export function ptzCalls(dialog: Dialog, url: URL) {
  const service = own(new PtzService({ xaddr: url.href, ...SOMEBODY }), dialog, url);
  return {
    async move(profile: string, { pan, tilt, zoom }: PtzVelocity, timeoutMs: number): Promise<void> {
      await service.continuousMove({
        ProfileToken: escapeXml(profile),
        Velocity: { x: pan, y: tilt, z: zoom },
        // The library writes whole seconds only; the gateway's own stop comes in time all the same.
        Timeout: Math.max(1, Math.ceil(timeoutMs / 1_000)),
      });
    },
    async stop(profile: string): Promise<void> {
      await service.stop({ ProfileToken: escapeXml(profile), PanTilt: true, Zoom: true });
    },
    async presets(profile: string): Promise<readonly RawPreset[]> {
      const { data } = await service.getPresets({ ProfileToken: escapeXml(profile) });
      return listOf(data, 'Preset').flatMap((preset) => {
        const token = textOf(preset, '$', 'token');
        return token === null ? [] : [{ token, name: textOf(preset, 'Name') ?? token }];
      });
    },
    async gotoPreset(profile: string, preset: string): Promise<void> {
      await service.gotoPreset({ ProfileToken: escapeXml(profile), PresetToken: escapeXml(preset) });
    },
  };
}

/** In one go: set field by field, 3 February read on 31 January becomes 3 March. */
function readTime(utc: Node): number | null {
  const [year, month, day] = ['Year', 'Month', 'Day'].map((name) => numberOf(utc, 'Date', name));
  const [hour, minute, second] = ['Hour', 'Minute', 'Second'].map((name) => numberOf(utc, 'Time', name));
  if (year == null || month == null || day == null || hour == null || minute == null) return null;
  const at = Date.UTC(year, month - 1, day, hour, minute, second ?? 0);
  return Number.isFinite(at) ? at : null;
}
