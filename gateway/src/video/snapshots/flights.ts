import type { DeviceKey } from '../../domain/device.ts';

/** One piece of work for everybody who asks for the same device at the same time. */
export interface Flights<T> {
  /**
   * Joins the flight of this device or starts it. The asker's signal ends only its own wait; the work itself is given up
   * when nobody waits any more.
   */
  join(device: DeviceKey, signal: AbortSignal): Promise<T>;
  /** Later askers start anew; those on board keep their flight. */
  detach(device: DeviceKey): void;
  readonly size: number;
}

interface Flight<T> {
  readonly result: Promise<T>;
  readonly given: AbortController;
  askers: number;
}

/** `landed` is told of results whose flight was not detached meanwhile. */
export function createFlights<T>(
  work: (device: DeviceKey, signal: AbortSignal) => Promise<T>,
  landed: (device: DeviceKey, result: T) => void,
): Flights<T> {
  const flights = new Map<DeviceKey, Flight<T>>();

  const fly = async (device: DeviceKey, given: AbortController): Promise<T> => {
    const mine = () => flights.get(device)?.given === given;
    try {
      const result = await work(device, given.signal);
      if (mine()) landed(device, result);
      return result;
    } finally {
      if (mine()) flights.delete(device);
    }
  };

  const start = (device: DeviceKey): Flight<T> => {
    const given = new AbortController();
    // In the next turn: work that fails at once must find its flight in the map, to take it out again.
    const result = Promise.resolve().then(() => fly(device, given));
    // The last asker may be gone when it fails; each asker hears of it by its own promise.
    result.catch(() => undefined);
    const flight = { result, given, askers: 0 };
    flights.set(device, flight);
    return flight;
  };

  return {
    get size() {
      return flights.size;
    },
    detach: (device) => void flights.delete(device),
    async join(device, signal) {
      signal.throwIfAborted();
      const flight = flights.get(device) ?? start(device);
      flight.askers += 1;
      try {
        return await untilAborted(flight.result, signal);
      } finally {
        flight.askers -= 1;
        if (flight.askers === 0) {
          // Nobody may board a flight that is being given up.
          if (flights.get(device) === flight) flights.delete(device);
          flight.given.abort(new Error('nobody waits for this picture any more'));
        }
      }
    },
  };
}

/** The work's result, or the signal's reason when that comes first. */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let giveUp: () => void = () => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    giveUp = () => reject(signal.reason);
    if (signal.aborted) giveUp();
    else signal.addEventListener('abort', giveUp, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}
