import { useQuery } from '@tanstack/react-query';
import { api, body } from '../../api/client.ts';

/** The day it is where the gateway is, `2026-11-23`: a shift belongs to the gateway's days, not to the reader's. */
export function useToday(): string {
  const { data } = useQuery({
    queryKey: ['lists', 'zone'],
    queryFn: () => body(api.GET('/api/v1/sessions')),
    staleTime: Number.POSITIVE_INFINITY,
    // Every time the gateway writes has its offset.
    select: ({ items }) => /([+-])(\d\d):(\d\d)$/.exec(items[0]?.lastSeenAt ?? ''),
  });
  const [, sign, hours, minutes] = data ?? [];
  const east = (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * (sign === '-' ? -1 : 1);
  return new Date(Date.now() + east * 60_000).toISOString().slice(0, 10);
}
