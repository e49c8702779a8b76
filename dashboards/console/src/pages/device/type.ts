import { useQuery } from '@tanstack/react-query';
import { type Answer, api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { language } from '../../language.ts';
import { unitOf as sign } from '../../parts/units.ts';

export interface Words {
  readonly zh: string;
  readonly en: string;
}
export interface MetricOf {
  readonly title?: Words;
  readonly type?: 'number' | 'text' | 'boolean';
  readonly unit?: string;
  readonly values?: Readonly<Record<string, Words>>;
}
export interface Param {
  readonly title: Words;
  readonly type: 'number' | 'text' | 'boolean';
  readonly unit?: string;
  readonly min?: number;
  readonly max?: number;
  readonly integer?: boolean;
  readonly values?: readonly (string | number | boolean)[];
  readonly maxLength?: number;
  readonly required?: boolean;
}
export interface CommandOf {
  readonly title: Words;
  readonly params?: Readonly<Record<string, Param>>;
  readonly timeout?: string;
  readonly danger?: boolean;
}
/** The parts of a device type this page speaks of. */
interface Definition {
  readonly metrics?: Readonly<Record<string, MetricOf>>;
  readonly components?: Readonly<
    Record<string, { readonly title?: Words; readonly metrics?: Readonly<Record<string, MetricOf>> }>
  >;
  readonly commands?: Readonly<Record<string, CommandOf>>;
}

export const inWords = (words: Words): string => (language() === 'en' ? words.en : words.zh);

export interface TypeWords {
  readonly title: string;
  /** Title of a metric: `ports.3.current` is "充电口 3 · 电流". */
  readonly metric: (name: string) => string;
  readonly value: (name: string, value: number | string | boolean) => string;
  readonly commands: Readonly<Record<string, CommandOf>> | undefined;
}

/** Words of a device type; a reader who may not see types reads the codes. */
export function useType(id: string): TypeWords {
  const may = useMay();
  const { data } = useQuery({
    queryKey: ['names', 'type', id],
    queryFn: () => body(api.GET('/api/v1/device-types/{id}', { params: { path: { id } } })),
    enabled: may('deviceTypes', 'read'),
    staleTime: 5 * 60_000,
    retry: false,
  });
  const definition = (data?.definition ?? {}) as Definition;
  return {
    title: data ? inWords(data.title) : id,
    metric: (name) => metricTitle(definition, name),
    value: (name, value) => valueText(metricOf(definition, name), value),
    commands: definition.commands,
  };
}

function metricOf({ metrics, components }: Definition, name: string): MetricOf | undefined {
  const [part = '', , ...rest] = name.split('.');
  return metrics?.[name] ?? components?.[part]?.metrics?.[rest.join('.')];
}

function metricTitle(definition: Definition, name: string): string {
  const own = metricOf(definition, name)?.title;
  const [part = '', key = '', ...rest] = name.split('.');
  const title = own ? inWords(own) : rest.join('.') || name;
  const component = definition.metrics?.[name] ? undefined : definition.components?.[part];
  if (!component || rest.length === 0) return own ? title : name;
  return `${component.title ? inWords(component.title) : part} ${key} · ${title}`;
}

function valueText(metric: MetricOf | undefined, value: number | string | boolean): string {
  const listed = metric?.values?.[String(value)];
  if (listed) return inWords(listed);
  if (typeof value === 'number') return String(Math.round(value * 1_000) / 1_000);
  return String(value);
}

/** A unit as people write it, with a space before; nothing where there is none. */
export const unitOf = (unit: string | null | undefined): string => {
  const text = sign(unit);
  return text && ` ${text}`;
};

/** Reached over RTSP or ONVIF, or of the type that is. */
export const isCamera = ({ type, connection }: Answer<'Device'>): boolean =>
  connection !== null || type === 'generic/camera';
