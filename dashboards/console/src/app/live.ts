import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore } from 'react';

/** What the gateway says has changed; what is on the screen of it is asked for anew. */
const STREAM = '/api/v1/updates';
/** Without a sign of life for this long the connection counts as lost; the gateway sends one every 15 s. */
const SILENT_MS = 40_000;

let lostSince: number | null = null;
const listeners = new Set<() => void>();
function say(since: number | null): void {
  if ((since === null) === (lostSince === null)) return;
  lostSince = since;
  for (const listener of listeners) listener();
}

/** Since when nothing has been heard of the gateway, epoch milliseconds; null = it is heard. */
export const useLostSince = (): number | null =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => lostSince,
  );

/** Keeps what is shown fresh while the page is open. */
export function useLiveUpdates(): void {
  const queries = useQueryClient();
  useEffect(() => {
    let heard = Date.now();
    let stream: EventSource;
    const alive = () => {
      heard = Date.now();
      say(null);
    };
    const listen = () => {
      stream = new EventSource(STREAM);
      stream.onopen = () => {
        // What changed while nobody listened is unknown.
        if (lostSince !== null) void queries.invalidateQueries();
        alive();
      };
      stream.onerror = () => say(lostSince ?? heard);
      stream.addEventListener('alive', alive);
      stream.addEventListener('changed', (event: MessageEvent<string>) => {
        alive();
        const topics: unknown = JSON.parse(event.data);
        if (!Array.isArray(topics)) return;
        for (const topic of topics) void queries.invalidateQueries({ queryKey: [topic] });
      });
    };
    // Answered with an error once, as a proxy does while the gateway starts, the browser never asks again by itself.
    const anew = () => {
      if (stream.readyState === EventSource.OPEN) return;
      stream.close();
      listen();
    };
    listen();
    const watch = setInterval(() => {
      if (Date.now() - heard > SILENT_MS) say(lostSince ?? heard);
      if (stream.readyState === EventSource.CLOSED) anew();
    }, 5_000);
    window.addEventListener('online', anew);
    return () => {
      clearInterval(watch);
      window.removeEventListener('online', anew);
      stream.close();
    };
  }, [queries]);
}
