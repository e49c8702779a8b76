import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { type Answer, api } from '../../api/client.ts';
import type { Box, Position } from '../../parts/map/geometry.ts';

export type Points = Answer<'MapPoints'>;
export type State = Points['states'][number];

/** Worst last: what a cluster is coloured by. */
export const RANK = [
  'unknown',
  'online',
  'stale',
  'degraded',
  'flapping',
  'offline',
] as const satisfies readonly State[];
export const rankOf = (state: State): number => RANK.indexOf(state);
/** What does not deserve a look. */
const FINE = 1;
export const isFault = (rank: number): boolean => rank > FINE;

/** Changes come by the second; a hundred thousand points are asked for this often at most. */
const LEAST_BETWEEN_MS = 5_000;

/** Names of the address that the gateway filters by; the state is chosen here, so that the legend keeps all its numbers. */
const ASKED = [
  'q',
  'kind',
  'type',
  'module',
  'orgId',
  'siteId',
  'vendorId',
  'maintenanceUnitId',
  'lifecycle',
  'flag',
  'suspect',
  'openTicket',
  'changedSince',
  'unchangedSince',
] as const;

export function useMapPoints(filters: Readonly<Record<string, string | undefined>>) {
  const asked = Object.fromEntries(ASKED.flatMap((name) => (filters[name] ? [[name, filters[name]]] : [])));
  const last = useRef<{ key: string; etag: string; points: Points } | null>(null);
  const key = JSON.stringify(asked);
  const query = useQuery({
    queryKey: ['map', 'points', asked],
    queryFn: async () => {
      // The browser keeps the answer and asks whether it still holds.
      const call = api.GET('/api/v1/map/points', { params: { query: asked }, parseAs: 'text', cache: 'no-cache' });
      const { data, response } = await call;
      const etag = response.headers.get('etag') ?? '';
      if (etag !== '' && last.current?.etag === etag && last.current.key === key) return last.current.points;
      const points = JSON.parse(String(data)) as Points;
      last.current = { key, etag, points };
      return points;
    },
    // Comparing a hundred thousand old points with new ones costs more than drawing them.
    structuralSharing: false,
    placeholderData: (before) => before,
    gcTime: 30_000,
  });
  const { refetch } = query;
  useChanged(() => void refetch({ cancelRefetch: false }));
  return query;
}

/** Calls back when devices changed, at most once in five seconds, and once more for what changed meanwhile. */
function useChanged(tell: () => void): void {
  const latest = useRef(tell);
  latest.current = tell;
  // A question of the topic that answers at once: it is asked anew whenever the gateway says that devices changed.
  const { dataUpdatedAt, data } = useQuery({
    queryKey: ['devices', 'map-changes'],
    queryFn: () => performance.now(),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const [began] = useState(() => performance.now());
  const told = useRef(0);
  useEffect(() => {
    if (dataUpdatedAt === 0 || data === undefined || data <= began) return;
    const wait = Math.max(0, told.current + LEAST_BETWEEN_MS - performance.now());
    const timer = setTimeout(() => {
      told.current = performance.now();
      latest.current();
    }, wait);
    return () => clearTimeout(timer);
  }, [dataUpdatedAt, data, began]);
}

/** Devices at one place: indexes into the points. */
export interface Place {
  readonly at: Position;
  readonly members: readonly number[];
  readonly rank: number;
  readonly faults: number;
  readonly suspect: boolean;
}

/** About a metre; a room full of sensors is one place. */
const cell = (lon: number, lat: number) => `${Math.round(lon * 1e5)},${Math.round(lat * 1e5)}`;

/** Points of the chosen states, those at the same spot together. */
export function placesOf(points: Points, chosen: ReadonlySet<string>): Place[] {
  const ranks = points.states.map(rankOf);
  const shown = points.states.map((state) => chosen.size === 0 || chosen.has(state));
  const suspect = new Set(points.suspect);
  const found = new Map<string, { at: Position; members: number[]; rank: number; faults: number; suspect: boolean }>();
  for (let i = 0; i < points.ids.length; i++) {
    const state = points.state[i] ?? 0;
    if (!shown[state]) continue;
    const [lon, lat] = [points.lon[i] ?? 0, points.lat[i] ?? 0];
    const rank = ranks[state] ?? 0;
    const name = cell(lon, lat);
    const place = found.get(name);
    if (!place) {
      found.set(name, { at: [lon, lat], members: [i], rank, faults: isFault(rank) ? 1 : 0, suspect: suspect.has(i) });
      continue;
    }
    place.members.push(i);
    place.rank = Math.max(place.rank, rank);
    if (isFault(rank)) place.faults++;
    if (suspect.has(i)) place.suspect = true;
  }
  return [...found.values()];
}

const within = ({ west, east, south, north }: Box, lon: number, lat: number) =>
  lon >= west && lon <= east && lat >= south && lat <= north;

/** How many of each state lie in a box; the filter by state is left out, since it is chosen by these. */
export function countsIn(points: Points, box: Box): Record<string, number> {
  const counts = points.states.map(() => 0);
  for (let i = 0; i < points.ids.length; i++) {
    const state = points.state[i] ?? 0;
    if (within(box, points.lon[i] ?? 0, points.lat[i] ?? 0)) counts[state] = (counts[state] ?? 0) + 1;
  }
  return Object.fromEntries(points.states.map((state, i) => [state, counts[i] ?? 0]));
}

/** Indexes of what lies in a box, worst first. */
export function listIn(points: Points, box: Box, chosen: ReadonlySet<string>): number[] {
  const ranks = points.states.map(rankOf);
  const byRank: number[][] = RANK.map(() => []);
  for (let i = 0; i < points.ids.length; i++) {
    const state = points.state[i] ?? 0;
    if (chosen.size > 0 && !chosen.has(points.states[state] ?? '')) continue;
    if (within(box, points.lon[i] ?? 0, points.lat[i] ?? 0)) byRank[ranks[state] ?? 0]?.push(i);
  }
  return byRank.reverse().flat();
}
