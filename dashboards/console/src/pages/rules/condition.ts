export const OPERATORS = ['>', '>=', '<', '<=', '==', '!='] as const;
export type Operator = (typeof OPERATORS)[number];
export const MEASURES = ['value', 'any', 'all', 'rate', 'delta', 'absent', 'count'] as const;
export type Measure = (typeof MEASURES)[number];

/** One part of a condition, as a row of fields. */
export interface Part {
  readonly measure: Measure;
  /** Of a metric, or of an event where `count` is meant. */
  readonly name: string;
  /** `absent` has none. */
  readonly operator?: Operator;
  readonly value?: string;
  /** Of rate, delta, absent, count: e.g. `10m`. */
  readonly window?: string;
}

export interface Condition {
  readonly join: 'and' | 'or';
  readonly parts: readonly Part[];
}

const WINDOWED: readonly Measure[] = ['rate', 'delta', 'absent', 'count'];
export const needsWindow = (measure: Measure): boolean => WINDOWED.includes(measure);
export const needsValue = (measure: Measure): boolean => measure !== 'absent';

/** As the gateway reads it; null while something is missing. */
export function conditionText({ join, parts }: Condition): string | null {
  const texts = parts.map(partText);
  return texts.length === 0 || texts.includes(null) ? null : texts.join(` ${join} `);
}

function partText({ measure, name, operator, value, window }: Part): string | null {
  if (name === '' || (needsWindow(measure) && !window)) return null;
  if (measure === 'absent') return `absent(${name}, ${window})`;
  const amount = value?.trim() ?? '';
  if (!operator || amount === '') return null;
  if (measure === 'value') return `${name} ${operator} ${amount}`;
  if (needsWindow(measure)) return `${measure}(${name}, ${window}) ${operator} ${amount}`;
  return `${measure}(${name}) ${operator} ${amount}`;
}

const NAME = '[A-Za-z][\\w.*]*';
const OPERATOR = '(>=|<=|==|!=|>|<)';
const VALUE = '(-?\\d+(?:\\.\\d+)?|true|false|"[^"]*"|\'[^\']*\')';
const SHAPES: readonly [RegExp, (found: RegExpExecArray) => Part][] = [
  [
    new RegExp(`^absent\\((${NAME}),\\s*(\\w+)\\)$`),
    (m) => ({ measure: 'absent', name: m[1] ?? '', window: m[2] ?? '' }),
  ],
  [
    new RegExp(`^(rate|delta|count)\\((${NAME}),\\s*(\\w+)\\)\\s*${OPERATOR}\\s*${VALUE}$`),
    (m) => ({
      measure: measureOf(m[1]),
      name: m[2] ?? '',
      window: m[3] ?? '',
      operator: operatorOf(m[4]),
      value: m[5] ?? '',
    }),
  ],
  [
    new RegExp(`^(any|all)\\((${NAME})\\)\\s*${OPERATOR}\\s*${VALUE}$`),
    (m) => ({ measure: measureOf(m[1]), name: m[2] ?? '', operator: operatorOf(m[3]), value: m[4] ?? '' }),
  ],
  [
    new RegExp(`^(${NAME})\\s*${OPERATOR}\\s*${VALUE}$`),
    (m) => ({ measure: 'value', name: m[1] ?? '', operator: operatorOf(m[2]), value: m[3] ?? '' }),
  ],
];
const measureOf = (text?: string): Measure => MEASURES.find((one) => one === text) ?? 'value';
const operatorOf = (text?: string): Operator => OPERATORS.find((one) => one === text) ?? '>';

/** The rows of a condition; null where it says more than rows can (brackets, `not`, `and` beside `or`). */
export function conditionOf(text: string): Condition | null {
  const [ands, ors] = [text.split(/\s+and\s+/), text.split(/\s+or\s+/)];
  if (ands.length > 1 && ors.length > 1) return null;
  const join = ors.length > 1 ? 'or' : 'and';
  const parts = (join === 'or' ? ors : ands).map((one) => partOf(one.trim()));
  return parts.every((part) => part !== null) ? { join, parts } : null;
}

function partOf(text: string): Part | null {
  for (const [shape, part] of SHAPES) {
    const found = shape.exec(text);
    if (found) return part(found);
  }
  return null;
}
