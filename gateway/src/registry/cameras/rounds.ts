import type { DeviceKey } from '../../domain/device.ts';

/** Where in a period this device's turn lies: the same after every start, spread evenly over the devices. Milliseconds. */
export function phaseOf(device: DeviceKey, periodMs: number): number {
  // Knuth's multiplicative hash: neighbouring keys come far apart.
  return Math.floor((((device * 2_654_435_761) >>> 0) / 2 ** 32) * periodMs);
}

/** Whether a turn of the device falls into (from, to]; times in milliseconds. A window of a whole period holds every turn. */
export function hasTurn(device: DeviceKey, periodMs: number, from: number, to: number): boolean {
  const phase = phaseOf(device, periodMs);
  return Math.floor((to - phase) / periodMs) > Math.floor((from - phase) / periodMs);
}

/** Runs `work` over all items, at most `atOnce` at a time; none is begun after the abort. Rejects with the first failure. */
export async function inTurn<T>(
  items: readonly T[],
  atOnce: number,
  signal: AbortSignal,
  work: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < items.length && !signal.aborted) {
      const item = items[next++];
      if (item !== undefined) await work(item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
}
