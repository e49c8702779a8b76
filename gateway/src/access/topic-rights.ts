import type { Principal, TopicAction } from '../../../adapters/adapter.ts';
import { type DeviceBrief, LIFECYCLE_RIGHTS } from '../domain/device.ts';
import { matchesFilter } from '../domain/topic-filter.ts';
import type { DeviceDirectory, OnVendorDenied, VendorDirectory } from './device-login.ts';

export type AuthorizeTopic = (principal: Principal, action: TopicAction, topic: string) => boolean;

/** What devices say of themselves, and what is said to them, below `cgw/v1/{deviceId}/`. */
const UPWARD = new Set(['telemetry', 'event', 'state', 'command/ack']);
const DOWNWARD = new Set(['command', 'error']);
const OURS = 'cgw/v1/';

/**
 * Topic rights from memory, deny by default. Subscriptions are exact: no wildcard, `$SYS` or `$share` is ever granted,
 * whoever asks. `ownTopics` answers a type's own topics as MQTT filters with the device's identity filled in.
 */
export function createTopicRights(deps: {
  readonly devices: Pick<DeviceDirectory, 'loaded' | 'byId'>;
  readonly vendors: VendorDirectory;
  readonly ownTopics: (device: DeviceBrief) => readonly string[];
  readonly onDenied: OnVendorDenied;
}): AuthorizeTopic {
  const { devices } = deps;

  const forDevice = (deviceId: string, action: TopicAction, topic: string): boolean => {
    const device = devices.byId(deviceId);
    // Asked again for every message, so a device that was retired while connected is cut off at once.
    if (!device || !LIFECYCLE_RIGHTS[device.lifecycle].mayConnect) return false;
    const parts = ownParts(topic);
    if (parts) return parts.deviceId === deviceId && (action === 'publish' ? UPWARD : DOWNWARD).has(parts.rest);
    return action === 'publish' && deps.ownTopics(device).some((filter) => matchesFilter(filter, topic));
  };

  const forVendor = (vendorId: string, keyId: string | undefined, action: TopicAction, topic: string): boolean => {
    const vendor = deps.vendors.byId(vendorId);
    // Asked again for every message, so what is revoked or over is cut off at once.
    if (!vendor || (keyId !== undefined && !deps.vendors.keyWorks(vendorId, keyId))) return false;
    const parts = ownParts(topic);
    // Whatever its lifecycle: a message for a retired device is recorded as a zombie's, not a reason to cut the vendor.
    if (parts) {
      return (
        devices.byId(parts.deviceId)?.vendorId === vendorId &&
        (action === 'publish' ? UPWARD : DOWNWARD).has(parts.rest)
      );
    }
    return action === 'publish' && vendor.topics.some((filter) => matchesFilter(filter, topic));
  };

  return (principal, action, topic) => {
    if (!devices.loaded) return false;
    const plain = isPlainTopic(topic);
    if (principal.kind === 'device') return plain && forDevice(principal.deviceId, action, topic);
    if (principal.kind === 'vendor') {
      const { vendorId, keyId } = principal;
      const allowed = plain && forVendor(vendorId, keyId, action, topic);
      if (!allowed && action !== 'receive') {
        deps.onDenied({ vendorId, what: action, target: topic, reason: 'topicNotGranted', address: null });
      }
      return allowed;
    }
    // An external broker vouches for its clients; identity is found by topic or payload later.
    return plain && action === 'publish';
  };
}

/** A name without wildcards, NUL or a leading `$`, within MQTT's length. */
function isPlainTopic(topic: string): boolean {
  return topic.length > 0 && topic.length <= 65_535 && !topic.startsWith('$') && !/[+#\0]/.test(topic);
}

/** Splits `cgw/v1/{deviceId}/rest`; everything below `cgw/` is ours, so nothing else there is ever granted. */
function ownParts(topic: string): { deviceId: string; rest: string } | undefined {
  if (!topic.startsWith('cgw/')) return undefined;
  const end = topic.startsWith(OURS) ? topic.indexOf('/', OURS.length) : -1;
  return end < 0 ? { deviceId: '', rest: '' } : { deviceId: topic.slice(OURS.length, end), rest: topic.slice(end + 1) };
}
