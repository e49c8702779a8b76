import type { Connection } from '../adapter.ts';
import type { MqttStats } from './stats.ts';

/** The broker as the gateway sees it, whether it runs in this process or elsewhere. */
export interface Broker extends Connection {
  /** Delivers to one device with QoS 1; resolves when the bytes are on their way, not when the device acted on them. */
  send(deviceId: string, topic: string, payload: Uint8Array): Promise<void>;
  /** Ends the live session of a device; also takes `vendor:<id>` and `key:<key id>`. */
  disconnect(deviceId: string, reason: string): Promise<void>;
  /** Where devices connect to. The embedded broker throws before `start()`. */
  address(): { port: number; tlsPort: number | undefined };
  stats(): Readonly<MqttStats>;
  /**
   * Whether this process hears the devices' `…/state` topics. Exactly one process of a cluster does, because they are not
   * shared; the embedded broker hears them always and takes this for nothing. `after: 'another'` = what waits for us was
   * heard by the one that led meanwhile. What comes between `lead(false)` and the next `lead(true)` waits.
   */
  lead(on: boolean, after?: 'ourselves' | 'another'): void;
  /** Another process leads: nothing shall wait for us. Absent where the broker runs in this process. */
  follow?(): Promise<void>;
}
