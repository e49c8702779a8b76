import type { Answer } from '../../api/client.ts';
import { unitOf } from '../../parts/units.ts';

export interface Words {
  readonly zh: string;
  readonly en: string;
}
interface MetricOf {
  readonly title?: Words;
  readonly type?: 'number' | 'text' | 'boolean';
  readonly unit?: string;
  readonly min?: number;
  readonly max?: number;
  readonly required?: boolean;
  readonly freshWithin?: string;
  readonly values?: Readonly<Record<string, Words>>;
}
interface AlarmOf {
  readonly title?: Words;
  readonly when?: string;
  readonly for?: string;
  readonly clear?: string;
  readonly severity?: string;
  readonly lifeSafety?: boolean;
  readonly advice?: Words;
}
/** The parts of a device type's file the dictionary speaks of. */
interface Definition {
  readonly source?: string;
  readonly metrics?: Readonly<Record<string, MetricOf>>;
  readonly components?: Readonly<
    Record<string, { readonly title?: Words; readonly metrics?: Readonly<Record<string, MetricOf>> }>
  >;
  readonly alarms?: Readonly<Record<string, AlarmOf>>;
  readonly events?: Readonly<Record<string, AlarmOf>>;
  readonly health?: { readonly interval?: string; readonly offlineAfter?: string; readonly learn?: boolean };
}

export interface Metric {
  readonly code: string;
  readonly zh: string;
  readonly en: string;
  readonly kind: 'number' | 'text' | 'boolean';
  readonly unit: string;
  readonly range: string;
  readonly fresh: string;
  readonly required: boolean;
  readonly values: readonly (readonly [string, Words])[];
  readonly alarms: readonly Alarm[];
}
export interface Alarm {
  readonly code: string;
  readonly zh: string;
  readonly en: string;
  /** null = the device itself says so. */
  readonly when: string | null;
  readonly hold: string;
  readonly clear: string;
  readonly severity: string;
  readonly lifeSafety: boolean;
  readonly advice: Words | null;
}
export interface TypeEntry {
  readonly id: string;
  readonly title: Words;
  readonly module: string;
  readonly adapter: string;
  readonly builtIn: boolean;
  /** What it was written after, in the file's own words; empty = not said. */
  readonly source: string;
  readonly interval: string;
  readonly offlineAfter: string;
  readonly learns: boolean;
  readonly metrics: readonly Metric[];
  readonly alarms: readonly Alarm[];
}

const NAME = /[A-Za-z][\w]*(?:\.(?:\*|\w+))*/g;

/** Whether a condition speaks of a metric: `any(ports.*.current) > 12` of `ports.*.current`. */
export const speaksOf = (when: string | null, code: string): boolean =>
  when !== null && [...when.replaceAll(/"[^"]*"/g, '').matchAll(NAME)].some(([name]) => name === code);

function rangeOf({ min, max }: MetricOf): string {
  if (min === undefined && max === undefined) return '';
  if (min === undefined) return `≤ ${max}`;
  return max === undefined ? `≥ ${min}` : `${min} – ${max}`;
}

const alarmOf = ([code, alarm]: readonly [string, AlarmOf]): Alarm => ({
  code,
  zh: alarm.title?.zh ?? code,
  en: alarm.title?.en ?? code,
  when: alarm.when ?? null,
  hold: alarm.for ?? '',
  clear: alarm.clear ?? '',
  severity: alarm.severity ?? '',
  lifeSafety: alarm.lifeSafety ?? false,
  advice: alarm.advice ?? null,
});

/** One type as the dictionary shows it. */
export function entryOf(type: Answer<'DeviceTypeDetail'>): TypeEntry {
  const {
    metrics = {},
    components = {},
    alarms = {},
    events = {},
    health,
    source,
  } = (type.definition ?? {}) as Definition;
  const rules = [...Object.entries(alarms), ...Object.entries(events)].map(alarmOf);
  const metricOf = (code: string, metric: MetricOf, part?: Words): Metric => ({
    code,
    zh: [part?.zh, metric.title?.zh ?? code].filter(Boolean).join(' · '),
    en: [part?.en, metric.title?.en ?? code].filter(Boolean).join(' · '),
    kind: metric.type ?? 'number',
    unit: unitOf(metric.unit),
    range: rangeOf(metric),
    fresh: metric.freshWithin ?? '',
    required: metric.required ?? false,
    values: Object.entries(metric.values ?? {}),
    alarms: rules.filter(({ when }) => speaksOf(when, code)),
  });
  return {
    id: type.id,
    title: type.title,
    module: type.module,
    adapter: type.adapter,
    builtIn: type.builtIn,
    source: source ?? '',
    interval: health?.interval ?? '',
    offlineAfter: health?.offlineAfter ?? '',
    learns: health?.learn ?? false,
    metrics: [
      ...Object.entries(metrics).map(([code, metric]) => metricOf(code, metric)),
      ...Object.entries(components).flatMap(([part, { title, metrics: own = {} }]) =>
        Object.entries(own).map(([code, metric]) =>
          metricOf(`${part}.*.${code}`, metric, title ?? { zh: part, en: part }),
        ),
      ),
    ],
    alarms: rules,
  };
}

const holds = (text: string, ...of: readonly string[]): boolean => of.some((one) => one.toLowerCase().includes(text));

/** Types with what of them fits; a type that fits by its own name stays whole. */
export function narrowed(entries: readonly TypeEntry[], typed: string): TypeEntry[] {
  const text = typed.trim().toLowerCase();
  if (text === '') return [...entries];
  return entries.flatMap((entry) => {
    if (holds(text, entry.id, entry.title.zh, entry.title.en)) return [entry];
    const metrics = entry.metrics.filter(({ code, zh, en, unit }) => holds(text, code, zh, en, unit));
    const alarms = entry.alarms.filter(({ code, zh, en, when }) => holds(text, code, zh, en, when ?? ''));
    return metrics.length + alarms.length > 0 ? [{ ...entry, metrics, alarms }] : [];
  });
}
