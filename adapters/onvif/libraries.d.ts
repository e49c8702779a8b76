// The parts of the two libraries that are used. node-onvif brings no types; those of onvif hide what is replaced.
declare module 'node-onvif' {
  interface Soap {
    parse(xml: string): Promise<unknown>;
    _request(oxaddr: object, soap: string): Promise<string>;
    requestCommand(
      oxaddr: object,
      method: string,
      soap: string,
    ): Promise<{ readonly data: unknown; readonly converted: unknown }>;
    _createSoapUserToken(diff: number, user: string, pass: string): string;
  }
  const library: { readonly _OnvifSoap: Soap };
  export default library;
}
declare module 'node-onvif/lib/modules/service-device.js' {
  type Result = Promise<{ readonly data: unknown }>;
  export default class {
    constructor(params: { xaddr: string; user: string; pass: string });
    readonly oxaddr: object;
    setAuth(user: string, pass: string): void;
    getSystemDateAndTime(): Result;
    getDeviceInformation(): Result;
    getServices(params: { IncludeCapability: boolean }): Result;
    getCapabilities(): Result;
    getUsers(): Result;
    reboot(): Result;
  }
}
declare module 'node-onvif/lib/modules/service-media.js' {
  type Result = Promise<{ readonly data: unknown }>;
  export default class {
    constructor(params: { xaddr: string; user: string; pass: string; time_diff: number });
    readonly oxaddr: object;
    getProfiles(): Result;
    getStreamUri(params: { ProfileToken: string; Protocol: 'RTSP' }): Result;
    getSnapshotUri(params: { ProfileToken: string }): Result;
  }
}
declare module 'node-onvif/lib/modules/service-ptz.js' {
  type Result = Promise<{ readonly data: unknown }>;
  export default class {
    constructor(params: { xaddr: string; user: string; pass: string; time_diff: number });
    readonly oxaddr: object;
    continuousMove(params: {
      ProfileToken: string;
      Velocity: { x: number; y: number; z: number };
      Timeout: number;
    }): Result;
    stop(params: { ProfileToken: string; PanTilt: boolean; Zoom: boolean }): Result;
    getPresets(params: { ProfileToken: string }): Result;
    gotoPreset(params: { ProfileToken: string; PresetToken: string }): Result;
  }
}
declare module 'onvif/lib/cam.js' {
  interface Request {
    readonly service?: string;
    readonly action?: string;
    readonly body: string;
  }
  type Reply = (error?: unknown) => void;
  export class Cam {
    constructor(options: { hostname: string; port: number; path: string; autoconnect: false; useWSSecurity: boolean });
    readonly path: string;
    uri: Record<string, { path: string }>;
    media2Support: boolean;
    events: { subscription?: { subscriptionReference: { address: { href: string } } } };
    _envelopeHeader(open?: boolean): string;
    _requestPart2(options: Request): void;
    getProfiles(callback: Reply): void;
    getStreamUri(options: { protocol: 'RTSP'; profileToken: string }, callback: Reply): void;
    getSnapshotUri(options: { profileToken: string }, callback: Reply): void;
    createPullPointSubscription(callback: Reply): void;
    pullMessages(options: { messageLimit: number }, callback: Reply): void;
    renew(options: object, callback: Reply): void;
    unsubscribe(callback: Reply, preserveListeners: boolean): void;
  }
}
