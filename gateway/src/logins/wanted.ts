import { type DeviceBrief, LIFECYCLE_RIGHTS } from '../domain/device.ts';
import type { LoginDevices, LoginVendors } from './ports.ts';

/** One right at the broker, in the words of its plug-in. */
export interface Acl {
  readonly acltype: 'publishClientSend' | 'subscribeLiteral' | 'subscribePattern';
  readonly topic: string;
  readonly priority: number;
  readonly allow: boolean;
}

/** What a login should be at the broker. */
export interface WantedLogin {
  readonly enabled: boolean;
  readonly acls: readonly Acl[];
}

const VENDOR = 'vendor:';
const UPWARD = ['telemetry', 'event', 'state', 'command/ack'];
const DOWNWARD = ['command', 'error'];

/** The rights a login has here, said to a broker that knows literal topics and filters, and no name of whoever asks. */
export function createWanted(deps: {
  readonly devices: LoginDevices;
  readonly vendors: LoginVendors;
  /** A type's own topics as MQTT filters, with the device's identity filled in. */
  readonly ownTopics: (device: DeviceBrief) => readonly string[];
  /** Whether devices of the type log in over MQTT at all. */
  readonly speaksMqtt: (type: string) => boolean;
}) {
  const { devices, vendors } = deps;
  const isOurs = (device: DeviceBrief | undefined): device is DeviceBrief =>
    device !== undefined && deps.speaksMqtt(device.type);

  const device = (brief: DeviceBrief): WantedLogin => ({
    enabled: LIFECYCLE_RIGHTS[brief.lifecycle].mayConnect,
    acls: [...own(brief), ...deps.ownTopics(brief).map((filter) => right('publishClientSend', filter))],
  });

  return {
    /** undefined = there should be no such login. `keyId` is the key that is a vendor's password there. */
    of(username: string, keyId: string | null): WantedLogin | undefined {
      if (!username.startsWith(VENDOR)) {
        const brief = devices.byId(username);
        return isOurs(brief) ? device(brief) : undefined;
      }
      const id = username.slice(VENDOR.length);
      const vendor = vendors.byId(id);
      if (!vendor) return undefined;
      const theirs = [...devices.all()].filter((brief) => brief.vendorId === id && isOurs(brief));
      return {
        enabled: keyId !== null && vendors.keyWorks(id, keyId),
        acls: [...vendor.topics.map((filter) => right('publishClientSend', filter)), ...theirs.flatMap(own)],
      };
    },
    /** Devices whose login should work. */
    *working(): Iterable<DeviceBrief> {
      for (const brief of devices.all()) {
        if (LIFECYCLE_RIGHTS[brief.lifecycle].mayConnect && isOurs(brief)) yield brief;
      }
    },
  };
}

function own({ id }: DeviceBrief): Acl[] {
  return [
    ...UPWARD.map((rest) => right('publishClientSend', `cgw/v1/${id}/${rest}`)),
    ...DOWNWARD.map((rest) => right('subscribeLiteral', `cgw/v1/${id}/${rest}`)),
  ];
}

function right(acltype: Acl['acltype'], topic: string): Acl {
  return { acltype, topic, priority: 0, allow: true };
}

export const vendorLogin = (id: string) => `${VENDOR}${id}`;
