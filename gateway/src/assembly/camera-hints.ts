import type { ProbeResult } from '../../../adapters/adapter.ts';
import type { DeviceKey } from '../domain/device.ts';
import type { Foundation } from './foundation.ts';
import type { Identity } from './identity.ts';

const CHANNEL = 'cameras';

interface Hint {
  readonly from: string;
  readonly what: 'connection' | 'masks';
  readonly device: DeviceKey;
}

interface CameraWork {
  probeNow(device: DeviceKey): Promise<ProbeResult>;
  /** undefined = not a fault that cameras show. */
  inspect(device: DeviceKey, fault: string): Promise<{ ok: boolean; detail: unknown } | undefined>;
  /** Views that run here must not go on as they are. */
  endViews(why: Hint['what'], device: DeviceKey): void;
  /** It is looked at anew, as one that was just registered. */
  connectionChanged(device: DeviceKey): void;
}

/** What one process learns of a camera and another one works on: told, or asked, wherever that is. */
export function createCameraHints(
  { nodes, share, questions, store: { bus }, log }: Foundation,
  { registry }: Identity,
  work: CameraWork,
) {
  const from = nodes.self.id;
  questions.serve('probe', (device) => work.probeNow(device));
  questions.serve('inspect', async (device, fault) => (await work.inspect(device, fault)) ?? null);

  const lookAnew = (device: DeviceKey) => {
    if (!share.mine(device)) return;
    work.connectionChanged(device);
    work.probeNow(device).catch((error) => log.debug({ device, error }, 'no probe now'));
  };
  const tell = (what: Hint['what'], device: DeviceKey) => {
    if (nodes.all().length === 1) return;
    const hint: Hint = { from, what, device };
    bus.publish(CHANNEL, hint).catch((error) => log.warn({ error }, 'a change at a camera is found by the next look'));
  };
  bus.subscribe(CHANNEL, (payload) => {
    const { from: sender, what, device } = payload as Hint;
    if (sender === from) return;
    work.endViews(what, device);
    if (what === 'masks') return;
    registry.refresh().then(
      () => lookAnew(device),
      (error) => log.warn({ error }, 'a change at a camera is found by the next look'),
    );
  });

  return {
    /** New, replaced, or reached another way. */
    reachedOtherwise(device: DeviceKey): void {
      work.endViews('connection', device);
      lookAnew(device);
      tell('connection', device);
    },
    masksChanged(device: DeviceKey): void {
      work.endViews('masks', device);
      tell('masks', device);
    },
    /** A fresh look by whoever works on the camera; throws like the scheduler's. */
    probeNow: async (device: DeviceKey) => (await questions.ask('probe', device)) as ProbeResult,
    async inspect(device: DeviceKey, fault: string) {
      const seen = (await questions.ask('inspect', device, fault)) as { ok: boolean; detail: unknown } | null;
      return seen ?? undefined;
    },
  };
}
