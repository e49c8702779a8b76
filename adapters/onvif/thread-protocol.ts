import type { OnvifReason, PtzVelocity } from './client.ts';
import type { OnvifPull, OnvifSubscription } from './events.ts';
import type { SoapReply, SoapRequest } from './pass.ts';

/** What the parser thread can be asked, with its arguments and its answer. Everything crosses as plain data. */
export interface ThreadCalls {
  describe: { readonly args: CameraPath; readonly result: RawDescription };
  clockOffset: { readonly args: CameraPath; readonly result: number | null };
  /** Asks what only a user may ask. */
  authenticate: {
    readonly args: CameraPath;
    readonly result: { readonly model: string | null; readonly clockOffsetMs: number | null };
  };
  move: {
    readonly args: CameraPath & { profile: string; velocity: PtzVelocity; timeoutMs: number };
    readonly result: null;
  };
  stop: { readonly args: CameraPath & { profile: string }; readonly result: null };
  presets: { readonly args: CameraPath & { profile: string }; readonly result: readonly RawPreset[] };
  gotoPreset: { readonly args: CameraPath & { profile: string; preset: string }; readonly result: null };
  reboot: { readonly args: CameraPath; readonly result: null };
  subscribe: {
    readonly args: CameraPath & { readonly lifetimeMs: number };
    readonly result: OnvifSubscription | 'unsupported';
  };
  pullEvents: {
    readonly args: CameraPath & { readonly subscription: OnvifSubscription; readonly waitMs: number };
    readonly result: OnvifPull | 'lost';
  };
  renew: {
    readonly args: CameraPath & { readonly subscription: OnvifSubscription; readonly lifetimeMs: number };
    readonly result: OnvifSubscription | 'lost';
  };
  unsubscribe: { readonly args: CameraPath & { readonly subscription: OnvifSubscription }; readonly result: null };
  matches: { readonly args: { readonly xml: string }; readonly result: readonly ProbeMatch[] };
}
export type ThreadCall = keyof ThreadCalls;

export interface CameraPath {
  /** Address of the device service as we dial it; only its path and port are used. */
  readonly xaddr: string;
  /** What an earlier call learned; absent = ask. */
  readonly known?: Known | undefined;
}

/** What stays true of a camera between two calls. */
export interface Known {
  readonly clockOffsetMs: number | null;
  readonly ptz: string | null;
}

export interface RawPreset {
  readonly token: string;
  readonly name: string;
}

export interface RawStream {
  readonly role: 'main' | 'sub';
  readonly profile: string;
  readonly codec: string;
  readonly width: number | null;
  readonly height: number | null;
  readonly fps: number | null;
  /** As the camera named it. */
  readonly uri: string | null;
}

export interface RawDescription {
  readonly manufacturer: string | null;
  readonly model: string | null;
  readonly firmware: string | null;
  readonly serial: string | null;
  readonly hardwareId: string | null;
  readonly streams: readonly RawStream[];
  readonly snapshotUri: string | null;
  readonly ptz: boolean;
  readonly clockOffsetMs: number | null;
  readonly answeredBy: 'node-onvif' | 'onvif';
}

/** One ProbeMatch of WS-Discovery. */
export interface ProbeMatch {
  readonly urn: string;
  readonly types: readonly string[];
  readonly scopes: readonly string[];
  readonly xaddrs: readonly string[];
}

export type ToThread =
  | { readonly do: 'call'; readonly id: number; readonly name: ThreadCall; readonly args: unknown }
  | { readonly do: 'reply'; readonly id: number; readonly ask: number; readonly reply: SoapReply }
  | { readonly do: 'refuse'; readonly id: number; readonly ask: number; readonly failure: Failure }
  | { readonly do: 'forget'; readonly id: number }
  | { readonly do: 'ping' };

export type FromThread =
  | { readonly do: 'ask'; readonly id: number; readonly ask: number; readonly request: SoapRequest }
  | { readonly do: 'learned'; readonly id: number; readonly known: Known }
  | { readonly do: 'done'; readonly id: number; readonly result: unknown }
  | { readonly do: 'failed'; readonly id: number; readonly failure: Failure }
  | { readonly do: 'pong' };

/** An error as it crosses; `reason` null = a failure of our own. */
export interface Failure {
  readonly reason: OnvifReason | null;
  readonly detail: string;
}
