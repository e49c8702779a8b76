import { useQuery } from '@tanstack/react-query';
import { api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';

/** What the overview and the wall show of; each asks once for both. */
export const useCounts = () =>
  useQuery({
    queryKey: ['overview'],
    queryFn: () => body(api.GET('/api/v1/overview')),
    refetchInterval: 15_000,
  });

export const GROUPS = ['module', 'org', 'vendor', 'unit'] as const;
export type Group = (typeof GROUPS)[number];

export function useRates(by: Group) {
  const may = useMay();
  return useQuery({
    queryKey: ['reports', 'availability', by],
    enabled: may('reports', 'read'),
    queryFn: () =>
      body(api.GET('/api/v1/reports/availability', { params: { query: { by, sort: 'rate', limit: 12 } } })),
    refetchInterval: 60_000,
  });
}

/** Thirty days of each group, by its key. */
export function useTrends(by: Group) {
  const may = useMay();
  return useQuery({
    queryKey: ['reports', 'availability-days', by],
    enabled: may('reports', 'read'),
    queryFn: () => body(api.GET('/api/v1/reports/availability/days', { params: { query: { by, days: 30 } } })),
    refetchInterval: 300_000,
  });
}

export function useOpenIncidents() {
  const may = useMay();
  return useQuery({
    queryKey: ['incidents', 'open', 'overview'],
    enabled: may('incidents', 'read'),
    queryFn: () => body(api.GET('/api/v1/incidents', { params: { query: { state: 'open', limit: 100 } } })),
    refetchInterval: 15_000,
  });
}

/** What came and went last: the newest by when they came, and those just over, however long ago they came. */
export function useNews() {
  return useQuery({
    queryKey: ['incidents', 'news'],
    queryFn: async () => {
      const read = (state: { state?: 'current' }) =>
        body(api.GET('/api/v1/incidents', { params: { query: { ...state, limit: 40 } } }));
      const [newest, current] = await Promise.all([read({}), read({ state: 'current' })]);
      return [...newest.items, ...current.items];
    },
    refetchInterval: 15_000,
  });
}

export const useStatesByOrg = () =>
  useQuery({
    queryKey: ['devices', 'counts', 'org'],
    queryFn: () => body(api.GET('/api/v1/devices/counts', { params: { query: { by: 'org' } } })),
    refetchInterval: 30_000,
  });

export const useReadiness = () =>
  useQuery({
    queryKey: ['readyz'],
    // What is down answers 503 with the same words: they are what is wanted.
    queryFn: async () => {
      const answer = await fetch('/readyz', { cache: 'no-store', signal: AbortSignal.timeout(10_000) });
      return (await answer.json()) as Awaited<ReturnType<typeof typed>>;
    },
    refetchInterval: 15_000,
  });
const typed = () => body(api.GET('/readyz'));
