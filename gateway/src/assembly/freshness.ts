import type { Part } from '../lifecycle.ts';
import type { Foundation } from './foundation.ts';

const CHANNEL = 'written';
/** A burst of writes is one hint, and one look. */
const GATHER_MS = 100;

/**
 * What every process keeps in memory of the database it reads again every few seconds. After somebody's write through one
 * process the others look at once; a hint that is lost costs those seconds.
 */
export function createFreshness({ store, nodes, log }: Foundation, split: boolean, refresh: () => Promise<unknown>) {
  const self = nodes.self.id;
  const gathered = (work: () => Promise<unknown>, failed: string) => {
    let timer: NodeJS.Timeout | undefined;
    const run = () => {
      timer = undefined;
      work().catch((error) => log.warn({ error }, failed));
    };
    return {
      soon() {
        timer ??= setTimeout(run, GATHER_MS);
      },
      stop: () => clearTimeout(timer),
    };
  };
  const hint = gathered(() => store.bus.publish(CHANNEL, self), 'the others were not told at once of a change');
  const look = gathered(refresh, 'what others changed could not be read at once');
  let unsubscribe: (() => void) | undefined;
  const part: Part = {
    name: 'freshness',
    start() {
      if (split) unsubscribe = store.bus.subscribe(CHANNEL, (from) => void (from !== self && look.soon()), look.soon);
    },
    stop() {
      unsubscribe?.();
      hint.stop();
      look.stop();
    },
  };
  return {
    part,
    /** Somebody's write was answered. */
    written: () => {
      if (split) hint.soon();
    },
  };
}
