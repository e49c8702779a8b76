import { expect, test } from 'vitest';
import { createSystemClock } from '../clock.ts';
import { createLogger } from '../log.ts';
import type { ScheduledTarget } from './ports.ts';
import { createProbing } from './scheduler.ts';
import { shareOf } from './share.ts';

const target = (deviceKey: number): ScheduledTarget => ({
  deviceKey,
  deviceId: `c${deviceKey}`,
  connection: { protocol: 'rtsp', url: `rtsp://127.0.0.1/${deviceKey}` },
  intervalMs: 60_000,
  parentKey: null,
});

/** Cameras 1…n, owned by their parity as long as there are two processes. */
function street(count: number) {
  const cameras = Array.from({ length: count }, (_, index) => target(index + 1));
  const listeners = new Set<() => void>();
  let processes = 2;
  const targets = {
    list: async () => cameras,
    find: async (keys: readonly number[]) => cameras.filter(({ deviceKey }) => keys.includes(deviceKey)),
    onChange: () => () => undefined,
  };
  return {
    targets,
    share: {
      mine: (key: number) => processes === 1 || key % 2 === 0,
      changed(listener: () => void) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    processes(now: number) {
      processes = now;
      for (const listener of listeners) listener();
    },
  };
}

test('a process probes its own cameras, takes over those of one that went, and gives them up when it is back', async () => {
  const { targets, share, processes } = street(6);
  const probed: number[] = [];
  const probing = createProbing({
    targets: shareOf(targets, share),
    probe: {
      async rtsp(_target, { deviceKey }) {
        probed.push(deviceKey);
        return { ok: true, reason: 'ok', detail: '', rttMs: 1 };
      },
    },
    report: () => undefined,
    clock: createSystemClock(),
    log: createLogger('error'),
    phase: () => 0,
  });
  await probing.start();
  await expect.poll(() => [...probed].sort()).toEqual([2, 4, 6]);
  expect(probing.stats().targets).toBe(3);

  processes(1);
  await expect.poll(() => [...probed].sort()).toEqual([1, 2, 3, 4, 5, 6]);

  processes(2);
  await expect.poll(() => probing.stats().targets).toBe(3);
  // A look that a person asks for goes to the owner; here the camera is nobody's.
  await expect(probing.probeNow(1)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(await probing.probeNow(2)).toMatchObject({ ok: true });
  await probing.stop();
});
