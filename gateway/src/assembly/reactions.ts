import type { Care } from './care.ts';
import type { DataPath } from './data-path.ts';
import type { createIdentity } from './identity.ts';
import type { Video } from './video.ts';

/** What a turn in a device's life means to the other clauses; these are reached when they are called. */
export function createReactions(late: {
  readonly path: () => DataPath;
  readonly care: () => Care;
  readonly video: () => Video;
}): Parameters<typeof createIdentity>[1] {
  return {
    reactions: {
      onRetired: (tx, keys, reason) => late.care().tickets.voidForDevices(tx, keys, reason),
      onIssued: async (tx, issued) => late.path().brokerPart.logins?.issued(tx, issued),
      disconnect: (deviceId, reason) => late.path().broker.disconnect(deviceId, reason),
      async onReplaced(tx, key) {
        await late.video().cameraPart.onReplaced(tx, key);
        await late.video().pictureChecks.replaced(tx, key);
      },
      // Whoever works on the camera is told, in whichever process that is.
      probeNow: (key) => late.video().reachedOtherwise(key),
    },
    deliver: (deviceId, topic, payload) => late.path().broker.send(deviceId, topic, payload),
    notices: (tx, notices) => late.care().outbox.add(tx, notices),
  };
}
