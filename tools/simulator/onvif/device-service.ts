import { type Actions, escapeXml, NAMESPACES } from './soap.ts';

export interface OnvifInformation {
  readonly manufacturer: string;
  readonly model: string;
  readonly firmware: string;
  /** Digits by default, more than a number holds. */
  readonly serial: string;
  readonly hardwareId: string;
}

type ServiceName = keyof typeof NAMESPACES;

/** Who the device is, what time it has, and what it offers where. */
export function createDeviceService(options: {
  readonly information: OnvifInformation;
  readonly now: () => number;
  readonly username: () => string;
  readonly services: readonly ServiceName[];
  readonly serviceUrl: (name: ServiceName) => string;
  readonly reboot: () => void;
}): Actions {
  const { information, now, services, serviceUrl } = options;
  const text = (tag: string, value: string) => `<s:${tag}>${escapeXml(value)}</s:${tag}>`;
  const user = (name: string, level: string) =>
    `<s:User>${tt('Username', escapeXml(name))}${tt('UserLevel', level)}</s:User>`;
  return {
    GetSystemDateAndTime: () => {
      const zone = tt('TimeZone', tt('TZ', 'CST-8'));
      const settings = `${tt('DateTimeType', 'NTP')}${tt('DaylightSavings', 'false')}${zone}`;
      const local = dateTime('LocalDateTime', new Date(now() + 8 * 3_600_000));
      return `<s:SystemDateAndTime>${settings}${dateTime('UTCDateTime', new Date(now()))}${local}</s:SystemDateAndTime>`;
    },
    GetDeviceInformation: () =>
      [
        text('Manufacturer', information.manufacturer),
        text('Model', information.model),
        text('FirmwareVersion', information.firmware),
        text('SerialNumber', information.serial),
        text('HardwareId', information.hardwareId),
      ].join(''),
    GetCapabilities: () => {
      const tags: Partial<Record<ServiceName, string>> = {
        device: 'Device',
        media: 'Media',
        ptz: 'PTZ',
        events: 'Events',
      };
      const each = services.map((name) => (tags[name] ? tt(tags[name], tt('XAddr', serviceUrl(name))) : ''));
      return `<s:Capabilities>${each.join('')}</s:Capabilities>`;
    },
    GetServices: () =>
      services
        .map((name) => {
          const version = `<s:Version>${tt('Major', '2')}${tt('Minor', '60')}</s:Version>`;
          return `<s:Service>${text('Namespace', NAMESPACES[name])}${text('XAddr', serviceUrl(name))}${version}</s:Service>`;
        })
        .join(''),
    GetScopes: () =>
      scopes(information)
        .map((item) => `<s:Scopes>${tt('ScopeDef', 'Fixed')}${tt('ScopeItem', item)}</s:Scopes>`)
        .join(''),
    GetHostname: () =>
      `<s:HostnameInformation>${tt('FromDHCP', 'false')}${tt('Name', 'ipcam')}</s:HostnameInformation>`,
    GetUsers: () => user(options.username(), 'Administrator') + user('operator1', 'Operator'),
    SystemReboot: () => {
      options.reboot();
      return text('Message', 'Rebooting');
    },
  };
}

/** What the device says of itself where it is discovered; names are URL-encoded, as the standard wants. */
export function scopes({ manufacturer, model, hardwareId }: OnvifInformation): string[] {
  const at = (kind: string, name: string) => `onvif://www.onvif.org/${kind}/${encodeURIComponent(name)}`;
  return [
    'onvif://www.onvif.org/type/video_encoder',
    'onvif://www.onvif.org/Profile/Streaming',
    at('name', `${manufacturer} ${model}`),
    at('hardware', hardwareId),
    at('location', '东明路'),
  ];
}

const tt = (tag: string, inner: string) => `<tt:${tag}>${inner}</tt:${tag}>`;

function dateTime(tag: string, at: Date): string {
  const time =
    tt('Hour', `${at.getUTCHours()}`) + tt('Minute', `${at.getUTCMinutes()}`) + tt('Second', `${at.getUTCSeconds()}`);
  const date =
    tt('Year', `${at.getUTCFullYear()}`) + tt('Month', `${at.getUTCMonth() + 1}`) + tt('Day', `${at.getUTCDate()}`);
  return tt(tag, tt('Time', time) + tt('Date', date));
}
