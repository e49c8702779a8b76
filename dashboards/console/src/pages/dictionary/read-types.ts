import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, body } from '../../api/client.ts';
import { entryOf, type TypeEntry } from './definition.ts';

const PAGE = 100;
/** Files asked for at the same time. */
const AT_ONCE = 4;

async function listed(signal: AbortSignal): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | null = null;
  do {
    const query: { limit: number; cursor?: string } = { limit: PAGE, ...(cursor === null ? {} : { cursor }) };
    const page = await body(api.GET('/api/v1/device-types', { params: { query }, signal }));
    ids.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor;
  } while (cursor !== null);
  return ids;
}

/** Every type with its file; how many of how many have come while they come. */
export function useTypeEntries() {
  const [progress, tell] = useState<{ done: number; all: number }>({ done: 0, all: 0 });
  const query = useQuery({
    queryKey: ['names', 'dictionary'],
    staleTime: 10 * 60_000,
    queryFn: async ({ signal }) => {
      const ids = await listed(signal);
      const entries: TypeEntry[] = [];
      for (let first = 0; first < ids.length; first += AT_ONCE) {
        const some = await Promise.all(
          ids
            .slice(first, first + AT_ONCE)
            .map((id) => body(api.GET('/api/v1/device-types/{id}', { params: { path: { id } }, signal }))),
        );
        entries.push(...some.map(entryOf));
        tell({ done: entries.length, all: ids.length });
      }
      return entries;
    },
  });
  return { query, progress };
}
