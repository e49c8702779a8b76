import type { Value } from '../domain/reading.ts';
import { GatewayError } from '../errors.ts';
import type { Series, SeriesPage, SeriesQuery } from './timeseries.ts';

export interface SeriesMetric {
  readonly name: string;
  readonly unit: string | null;
}

type Point = readonly [number, Value];

/**
 * One metric after the other, each in time order, whatever engine answers `points(metric, from, limit)`. The cursor
 * names the metric and the time to go on from.
 */
export async function pageSeries<M extends SeriesMetric>(
  query: SeriesQuery,
  metricsOf: () => Promise<readonly M[]>,
  points: (metric: M, from: number, limit: number) => Promise<readonly Point[]>,
): Promise<SeriesPage> {
  checkQuery(query);
  const metrics = await metricsOf();
  const start = query.cursor === undefined ? undefined : parseCursor(query.cursor);
  const first = start === undefined ? 0 : metrics.findIndex((metric) => metric.name === start.metric);
  if (first < 0) throw badCursor();

  const series: Series[] = [];
  let room = query.limit;
  for (const [position, metric] of metrics.slice(first).entries()) {
    const from = position === 0 && start ? start.from : query.from;
    // One more than fits tells whether there is a next page.
    const found = await points(metric, from, room + 1);
    const shown = found.slice(0, room);
    series.push({ metric: metric.name, unit: metric.unit, points: shown });
    const next = found[shown.length];
    if (next) return { series, nextCursor: cursorOf(metric.name, Math.max(next[0], from)) };
    room -= shown.length;
  }
  return { series, nextCursor: null };
}

function checkQuery({ from, to, limit, bucket }: SeriesQuery): void {
  const refuse = (path: string, message: string) => {
    throw new GatewayError('INVALID_INPUT', message, { errors: [{ path, code: 'RANGE', message }] });
  };
  if (!Number.isFinite(from) || !Number.isFinite(to)) refuse('from', 'from and to must be times');
  if (!Number.isInteger(limit) || limit < 1) refuse('limit', 'limit must be a whole number of at least 1');
  if (bucket && !(bucket.ms >= 1 && Number.isFinite(bucket.ms))) refuse('bucket', 'bucket must be at least 1 ms long');
}

function cursorOf(metric: string, from: number): string {
  return Buffer.from(JSON.stringify([metric, from])).toString('base64url');
}

function parseCursor(cursor: string): { metric: string; from: number } {
  let content: unknown;
  try {
    content = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    throw badCursor();
  }
  const [metric, from] = Array.isArray(content) ? (content as unknown[]) : [];
  if (typeof metric !== 'string' || typeof from !== 'number' || !Number.isFinite(from)) throw badCursor();
  return { metric, from };
}

function badCursor(): GatewayError {
  const message = 'cursor must be the nextCursor of the same query';
  return new GatewayError('INVALID_INPUT', message, { errors: [{ path: 'cursor', code: 'FORMAT', message }] });
}
