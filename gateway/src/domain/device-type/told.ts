import type { Value } from '../reading.ts';
import type { MetricInfo, Title } from './types.ts';

/** What of a type names the things an expression is about. */
export interface Named {
  readonly metrics: ReadonlyMap<string, MetricInfo>;
  readonly components: ReadonlyMap<string, unknown>;
  readonly events?: ReadonlyMap<string, { readonly title?: Title }>;
}

type Shown = { readonly zh: string; readonly en: string };

/** One value of a proof as people read it; `metric` and `value` stay what programs read. */
export interface ToldValue {
  readonly metric: string;
  readonly value: Value;
  readonly title: Shown;
  /** UCUM; absent where there is none. */
  readonly unit?: string;
  /** A value with words of its own. */
  readonly words?: Shown;
}

export function toldValues(
  type: Named,
  values: readonly { readonly metric: string; readonly value: Value }[],
): readonly ToldValue[] {
  return values.map(({ metric, value }) => {
    const { unit, values: listed } = infoOf(type, metric) ?? {};
    const words = listed?.[String(value)];
    return {
      metric,
      value,
      title: titleOf(type, metric),
      ...(unit === undefined ? {} : { unit }),
      ...(words === undefined ? {} : { words: { zh: words.zh, en: words.en ?? words.zh } }),
    };
  });
}

const TOKEN = /"[^"]*"|'[^']*'|[A-Za-z_][A-Za-z0-9_]*(?:\.(?:[A-Za-z0-9_-]+|\*))*/g;
const CHINESE: Readonly<Record<string, string>> = {
  and: '且',
  or: '或',
  not: '非',
  any: '任一',
  all: '全部',
  true: '是',
  false: '否',
  rate: '变化速率',
  delta: '变化量',
  count: '次数',
  absent: '未出现',
};

/** The condition of a rule with the names its type gives instead of the keys. */
export function toldCondition(type: Named, text: string): Shown {
  const inOne = (language: 'zh' | 'en') =>
    text.replace(TOKEN, (word) => {
      if (/^["']/.test(word)) return word;
      if (word in CHINESE) return language === 'zh' ? (CHINESE[word] ?? word) : word;
      return titleOf(type, word)[language];
    });
  return { zh: inOne('zh'), en: inOne('en') };
}

function infoOf({ metrics }: Named, metric: string): MetricInfo | undefined {
  const [part, , ...rest] = metric.split('.');
  return metrics.get(metric) ?? (rest.length === 1 ? metrics.get(`${part}.*.${rest[0]}`) : undefined);
}

/** What the type calls a stored metric, part and all; absent when it has no such. */
export const metricTitle = (type: Named, metric: string): Title | undefined =>
  infoOf(type, metric) && titleOf(type, metric);

function titleOf(type: Named, name: string): Shown {
  const title = infoOf(type, name)?.title ?? type.events?.get(name)?.title;
  const own = { zh: title?.zh ?? name, en: title?.en ?? title?.zh ?? name };
  const [part = '', key = '', ...rest] = name.split('.');
  const component = type.components.get(part) as { readonly title?: Title } | undefined;
  if (!component?.title || rest.length === 0) return own;
  const { zh, en } = component.title;
  const which = key === '*' ? '' : ` ${key}`;
  return { zh: `${zh}${which} ${own.zh}`, en: `${en ?? zh}${which} ${own.en}` };
}
