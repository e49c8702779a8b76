import type { HealthPolicy } from '../domain/device.ts';
import type { AlarmRule } from '../domain/device-type/types.ts';
import { numberOf } from './memory.ts';
import type { MonitoredType } from './ports.ts';

/** What the ingest path must know of one metric of one type, looked up once. */
export interface MetricShape {
  readonly number: number;
  /** The type's own; a device's policy may say otherwise. */
  readonly freshWithin: number | null;
  /** Some alarm rule refers to it. */
  readonly alarmed: boolean;
  readonly wildcard: string;
  /** Rules that refer to it. */
  readonly rules: readonly AlarmRule[];
}

const shapes = new WeakMap<MonitoredType, Map<string, MetricShape>>();
/** Component keys come from devices; beyond this many names a type's cache starts anew. */
const MAX_NAMES = 4_096;

/** Metrics a rule refers to, with those whose past it asks for. */
function namesOf({ when, clear }: AlarmRule): string[] {
  return [...when.metrics, ...clear.metrics, ...[...when.temporal, ...clear.temporal].map(({ name }) => name)];
}

/** `ports.3.current` is declared as `ports.*.current`. */
export function wildcardOf(type: MonitoredType, metric: string): string {
  const dot = metric.indexOf('.');
  if (dot < 0 || !type.components.has(metric.slice(0, dot))) return metric;
  return `${metric.slice(0, dot)}.*${metric.slice(metric.lastIndexOf('.'))}`;
}

export function shapeOf(type: MonitoredType, metric: string): MetricShape {
  let byName = shapes.get(type);
  if (!byName || byName.size >= MAX_NAMES) {
    byName = new Map();
    shapes.set(type, byName);
  }
  let shape = byName.get(metric);
  if (!shape) {
    const wildcard = wildcardOf(type, metric);
    const rules = type.alarms.filter((rule) => namesOf(rule).some((name) => name === metric || name === wildcard));
    shape = {
      number: numberOf(metric),
      freshWithin: (type.metrics.get(metric) ?? type.metrics.get(wildcard))?.freshWithin ?? null,
      alarmed: rules.length > 0,
      wildcard,
      rules,
    };
    byName.set(metric, shape);
  }
  return shape;
}

/** The device's own freshness window wins over its type's; null = silence of this metric is no fault. */
export function freshWithinOf(
  type: MonitoredType | undefined,
  policy: HealthPolicy | null,
  metric: string,
): number | null {
  const own = policy?.freshWithin;
  if (!type) return own?.[metric] ?? null;
  const shape = shapeOf(type, metric);
  return own?.[metric] ?? own?.[shape.wildcard] ?? shape.freshWithin;
}
