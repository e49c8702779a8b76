import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore } from 'react';
import { useMe } from '../../app/session.tsx';
import { entryStore } from './database.ts';
import { createQueue, type Queue, type QueueState } from './queue.ts';
import { line } from './send.ts';

/** A line that came back is not always announced. */
const LOOK_MS = 15_000;
const LOCK = 'cgw-field-queue';

const queues = new Map<string, Queue>();
const sent = new Set<() => void>();

/** The queue of one person in this page; there is only ever one. */
function queueOf(owner: string): Queue {
  const known = queues.get(owner);
  if (known) return known;
  const queue = createQueue({
    owner,
    store: entryStore,
    line,
    now: Date.now,
    alone: async (work) => {
      // Without locks two pages may send the same; the gateway takes it once.
      if (!('locks' in navigator)) return work();
      await navigator.locks.request(LOCK, { ifAvailable: true }, async (lock) => {
        if (lock) await work();
        else await queue.reload();
      });
    },
    onSent: () => {
      for (const tell of sent) tell();
    },
  });
  queues.set(owner, queue);
  void queue.reload().then(() => queue.flush());
  return queue;
}

/** What waits to be sent, and how to add to it. Sends while any page that shows it is open. */
export function useFieldQueue(): QueueState & { readonly queue: Queue } {
  const { id } = useMe();
  const queue = queueOf(id);
  const queries = useQueryClient();
  useEffect(() => {
    const flush = () => void queue.flush();
    const refresh = () => void queries.invalidateQueries({ queryKey: ['tickets'] });
    const timer = setInterval(() => {
      if (queue.state().entries.length > 0) flush();
    }, LOOK_MS);
    window.addEventListener('online', flush);
    document.addEventListener('visibilitychange', flush);
    sent.add(refresh);
    flush();
    return () => {
      clearInterval(timer);
      window.removeEventListener('online', flush);
      document.removeEventListener('visibilitychange', flush);
      sent.delete(refresh);
    };
  }, [queue, queries]);
  return { ...useSyncExternalStore(queue.subscribe, queue.state), queue };
}
