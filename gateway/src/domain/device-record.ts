import type { DeviceBrief, DeviceFlag, DeviceKey, HealthPolicy, Lifecycle } from './device.ts';
import type { Location } from './geo.ts';
import type { HealthState } from './health.ts';

/** A camera's connection without its password. */
export type PublicConnection =
  | { readonly protocol: 'rtsp'; readonly url: string; readonly username?: string }
  | {
      readonly protocol: 'onvif';
      readonly host: string;
      readonly port?: number;
      readonly tls?: boolean;
      readonly username?: string;
    };

/** Everything the registry keeps of a device. Times in epoch milliseconds. */
export interface DeviceRecord extends DeviceBrief {
  readonly name: string;
  readonly nickname: string | null;
  readonly nationalCode: string | null;
  /** Lower case with colons. */
  readonly mac: string | null;
  readonly location: Location | null;
  readonly connection: PublicConnection | null;
  /** Sealed password of the connection, base64. */
  readonly connectionSecret: string | null;
  readonly maintenanceUnitId: string | null;
  readonly parentId: string | null;
  /** `YYYY-MM-DD`. */
  readonly installedOn: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly lifecycleReason: string | null;
  readonly lifecycleAt: number;
  /** Logins or messages of a device that should be silent. */
  readonly zombieCount: number;
  readonly zombieAt: number | null;
  /** HMAC of the device's secret, base64. */
  readonly secretHash: string | null;
  /** Grows by one with every change. */
  readonly revision: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** The registry's own half of a new device; the key comes from the database. */
export type NewDevice = Omit<DeviceRecord, 'key' | 'parentId' | 'zombieCount' | 'zombieAt' | 'revision'>;

/** What the monitor knows of a device, as the list and detail pages show it. */
export interface DeviceStatus {
  readonly health: {
    readonly state: HealthState;
    readonly reason: string;
    readonly since: number;
    readonly suspect: boolean;
  };
  readonly link: { readonly state: string; readonly reason: string; readonly since: number } | null;
  readonly lastSeenAt: number | null;
  readonly flags: readonly DeviceFlag[];
}

/** A device as services answer it: no secret, no hash. Times in epoch milliseconds, durations in milliseconds. */
export interface Device extends Omit<DeviceRecord, 'connectionSecret' | 'secretHash' | 'parentKey'>, DeviceStatus {
  readonly hasConnectionPassword: boolean;
}

/** The credentials of a device, shown once. */
export interface DeviceCredentials {
  readonly username: string;
  readonly password: string;
}

/** How many devices of a filter are in one state and lifecycle. */
export interface DeviceCount {
  readonly state: HealthState;
  readonly lifecycle: Lifecycle;
  readonly n: number;
  /** Of them, whose state is not confirmed yet. */
  readonly suspect: number;
  /** Whose they are; only where it was asked for, null = nobody's. */
  readonly orgId?: string | null;
}

/** What counts are told apart by, beyond state and lifecycle. */
export type DeviceCountBy = 'org';

/** One turn in a device's life. */
export interface DeviceTurn {
  readonly device: DeviceKey;
  readonly at: number;
  readonly by: string;
  readonly what: string;
  readonly reason: string | null;
  readonly before: unknown;
  readonly after: unknown;
}

export type { HealthPolicy, Lifecycle };
