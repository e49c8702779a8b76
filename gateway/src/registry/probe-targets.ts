import type { CameraConnection, Clock, Logger } from '../../../adapters/adapter.ts';
import { type DeviceBrief, type DeviceKey, LIFECYCLE_RIGHTS } from '../domain/device.ts';
import type { SealedTarget } from '../domain/device-rows.ts';
import type { Transactor } from '../domain/tx.ts';
import { connectionContext } from './device-fields.ts';
import type { Directory } from './directory.ts';
import type { DeviceStore, Sealing } from './ports.ts';
import type { SecurityStore } from './secured.ts';

/** A device to probe, its password opened. Never logged. */
export interface ProbeTargetRecord {
  readonly deviceKey: DeviceKey;
  readonly deviceId: string;
  readonly connection: CameraConnection;
  /** Milliseconds. */
  readonly intervalMs: number;
  readonly parentKey: DeviceKey | null;
}

const PAGE = 2_000;
/** However important an event, a camera is not asked more often. */
const LEAST_INTERVAL_MS = 10_000;

/** The devices that are to be probed: judged by their lifecycle, and with a connection. */
export function createProbeTargets(deps: {
  readonly db: Transactor;
  readonly devices: Pick<DeviceStore, 'targets'>;
  readonly directory: Directory;
  readonly sealing: Pick<Sealing, 'open'>;
  /** Milliseconds between probes of a device, by its policy or type. */
  readonly intervalMs: (device: DeviceBrief) => number;
  readonly security: SecurityStore;
  /** So many times as often devices are probed while 重保 goes on there. */
  readonly securityPace: () => number;
  readonly clock: Clock;
  readonly log: Logger;
}) {
  const secured = (keys: readonly DeviceKey[] | null) =>
    deps.security.securedAt(deps.db.autocommit, keys, deps.clock.now());
  /** Milliseconds between probes of a device. */
  const intervalOf = (device: DeviceBrief, inSecurity: boolean) => {
    const usual = deps.intervalMs(device);
    return inSecurity ? Math.min(usual, Math.max(LEAST_INTERVAL_MS, Math.round(usual / deps.securityPace()))) : usual;
  };
  const open = ({ key, id, connection, connectionSecret }: SealedTarget, inSecurity: boolean): ProbeTargetRecord[] => {
    const device = deps.directory.byKey(key);
    if (!device || !LIFECYCLE_RIGHTS[device.lifecycle].judged) return [];
    let password: string | undefined;
    if (connectionSecret !== null) {
      try {
        password = deps.sealing.open(connectionSecret, connectionContext(id));
      } catch (error) {
        // One record sealed by a lost key must not blind all others; its probe will say wrongPassword.
        deps.log.error({ deviceId: id, error }, 'the password of a connection cannot be opened');
      }
    }
    return [
      {
        deviceKey: key,
        deviceId: id,
        connection: password === undefined ? connection : { ...connection, password },
        intervalMs: intervalOf(device, inSecurity),
        parentKey: device.parentKey,
      },
    ];
  };

  return {
    async list(): Promise<readonly ProbeTargetRecord[]> {
      const found: ProbeTargetRecord[] = [];
      const hurried = await secured(null);
      for (let after = 0; ; ) {
        const page = await deps.devices.targets(deps.db.autocommit, { after, limit: PAGE });
        found.push(...page.flatMap((row) => open(row, hurried.has(row.key))));
        const last = page.at(-1);
        if (!last || page.length < PAGE) return found;
        after = last.key;
      }
    },
    async find(keys: readonly DeviceKey[]): Promise<readonly ProbeTargetRecord[]> {
      const hurried = await secured(keys);
      const rows = await deps.devices.targets(deps.db.autocommit, { keys });
      return rows.flatMap((row) => open(row, hurried.has(row.key)));
    },
    onChange: (listener: (keys: readonly DeviceKey[]) => void): (() => void) =>
      deps.directory.onChange((changes) => listener(changes.map(({ after }) => after.key))),
  };
}
