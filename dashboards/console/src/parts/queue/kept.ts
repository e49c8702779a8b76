import { type QueryKey, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { Answer } from '../../api/client.ts';
import { Problem } from '../../api/problem.ts';
import { keptStore } from './database.ts';
import { isOffline } from './send.ts';

type User = Answer<'CurrentUser'>;
/** Longer than a shift; then the phone shows nothing without having asked. */
const LONGEST_MS = 24 * 3_600_000;
const SESSION = ['', 'session'] as const;
/** How soon it is tried again whether there is a line. */
const LINE_AGAIN_MS = 3_000;
/** Opened tickets and their devices; the oldest go first. */
const MOST = 300;

export interface Read<T> {
  readonly value: T;
  /** When the gateway said so, epoch milliseconds. */
  readonly at: number;
  /** It comes from the phone: there was no answer now. */
  readonly old: boolean;
}

/** A question whose last answer can be read again without a line, by the same person only. */
export function useKept<T>(
  owner: string,
  key: QueryKey,
  ask: () => Promise<T>,
  options: { every?: number; enabled?: boolean } = {},
) {
  const name = JSON.stringify(key);
  const { every, enabled = true } = options;
  const fresh = useQuery({
    queryKey: key,
    queryFn: async () => {
      try {
        const value = await ask();
        const at = Date.now();
        void keep(owner, name, value, at);
        return { value, at };
      } catch (error) {
        // No longer to be seen by this person: not in the phone either.
        if (error instanceof Problem && (error.status === 403 || error.status === 404))
          void keptStore.remove(owner, name);
        throw error;
      }
    },
    // Whether there is a line shows by asking: the browser's own opinion is wrong in a lift.
    networkMode: 'always',
    retry: false,
    enabled,
    refetchOnReconnect: true,
    // A line that came back is not always announced, and 离线 must not outlive it.
    refetchInterval: ({ state }) =>
      state.status === 'error' && isOffline(state.error) ? LINE_AGAIN_MS : (every ?? false),
  });
  const offline = fresh.isError && isOffline(fresh.error);
  const kept = useQuery({
    queryKey: ['kept', owner, name],
    queryFn: async () => (await load<T>(owner, name)) ?? null,
    enabled: enabled && fresh.data === undefined,
    networkMode: 'always',
    gcTime: 0,
  });
  const found = fresh.data ?? kept.data ?? undefined;
  const shown = fresh.isError && !offline ? undefined : found;
  return {
    read: shown && { ...shown, old: offline || fresh.data === undefined },
    error: shown === undefined && (offline ? kept.isFetched : fresh.isError) ? fresh.error : undefined,
    offline,
    fetching: fresh.isFetching,
    again: () => fresh.refetch(),
  };
}

async function load<T>(owner: string, name: string): Promise<{ value: T; at: number } | undefined> {
  const kept = await keptStore.get(owner, name).catch(() => undefined);
  if (!kept || Date.now() - kept.at > LONGEST_MS) return undefined;
  return { value: kept.value as T, at: kept.at };
}

/** Keeping is a help, not a duty: a full or forbidden store only means that nothing is there later. */
async function keep(owner: string, name: string, value: unknown, at: number): Promise<void> {
  await keptStore.put({ owner, name, at, value }).catch(() => undefined);
  const names = await keptStore.names(owner).catch(() => []);
  if (names.length > MOST) await clearKept();
}

const clearKept = () => keptStore.clear().catch(() => undefined);

/** The session was read from the phone, not given by the gateway. */
let fromPhone = false;

/** The pages for on-site work know without a line who works here. */
export function useKeptSession(me: User): void {
  useEffect(() => {
    // What the phone said must not prolong itself.
    if (fromPhone) return;
    const [owner, name] = SESSION;
    const value = me;
    void keptStore
      .get(owner, name)
      .then(async (before) => {
        // Somebody else worked with this phone: what they read is not for this one.
        if (before && (before.value as User).id !== me.id) await clearKept();
        await keptStore.put({ owner, name, at: Date.now(), value });
      })
      .catch(() => undefined);
  }, [me]);
}

const ON_SITE = /^\/(field|d)(\/|$)/;

/**
 * Who is signed in. On the pages for on-site work, without an answer of the gateway, who was last: their own unsent work
 * and what they read today can be seen; the gateway is asked before anything is sent.
 */
export async function sessionOrKept<T extends { user: User | null }>(ask: () => Promise<T>): Promise<T> {
  try {
    const answer = await ask();
    fromPhone = false;
    if (answer.user === null) await clearKept();
    return answer;
  } catch (error) {
    const [owner, name] = SESSION;
    const kept = ON_SITE.test(location.pathname) && isOffline(error) ? await load<User>(owner, name) : undefined;
    if (!kept) throw error;
    fromPhone = true;
    return { user: kept.value } as T;
  }
}

/** Whoever leaves takes what they read with them; what they did and was not sent stays for them. */
export const forgetKept = clearKept;

/** Without a line the session was taken from the phone: with one it is asked for again. */
export function useSessionAgain(offline: boolean): void {
  const queries = useQueryClient();
  useEffect(() => {
    if (!offline && fromPhone) void queries.invalidateQueries({ queryKey: ['session'] });
  }, [offline, queries]);
}

/** Keeps what came with another answer, so that it can be opened without a line. */
export async function keepValue(owner: string, values: readonly (readonly [QueryKey, unknown])[]): Promise<void> {
  const at = Date.now();
  for (const [key, value] of values)
    await keptStore.put({ owner, name: JSON.stringify(key), at, value }).catch(() => undefined);
}
