import type { Value } from '../reading.ts';
import { type Leaf, type Operator, parse, type Temporal, type Tree } from './expression-parser.ts';

export { ExpressionError, type Temporal } from './expression-parser.ts';

/** Current values by dotted metric name. */
export type Values = ReadonlyMap<string, Value> | Readonly<Record<string, Value>>;

/** What happened before now, in milliseconds of one clock. */
export interface History {
  /** How a number changed within the window, and over how long that was seen; undefined = not seen for long enough. */
  change(metric: string, windowMs: number): { readonly delta: number; readonly overMs: number } | undefined;
  /** How often an event came within the window. */
  count(event: string, windowMs: number): number;
  /** How long a metric or event has not come; undefined while the device is not there to send it. */
  silence(name: string): number | undefined;
}

/** A compiled `when` or `clear`. */
export interface Expression {
  readonly text: string;
  /** Metric names it refers to, each once; a wildcard stands as written, `ports.*.current`. Without those of `temporal`. */
  readonly metrics: readonly string[];
  /** Its parts that look back. */
  readonly temporal: readonly Temporal[];
  /** Whether a threshold (< <= > >=) is part of it, so that hysteresis makes sense. */
  readonly threshold: boolean;
  /** True, false, or undefined when a missing metric (or one of another type) leaves it open. Never throws. */
  evaluate(values: Values, history?: History): boolean | undefined;
  /** The values that make its comparisons true, for the evidence of an alarm. */
  evidence(values: Values, history?: History): readonly { readonly metric: string; readonly value: Value }[];
}

type Found = { readonly metric: string; readonly value: Value };

/** Parses once; throws {@link ExpressionError} with the position of the fault. */
export function parseExpression(text: string): Expression {
  const tree = parse(text);
  const leaves: Leaf[] = [];
  const temporal: Temporal[] = [];
  collect(tree, leaves, temporal);
  return {
    text,
    metrics: [...new Set(leaves.map((leaf) => leaf.metric))],
    temporal,
    threshold:
      leaves.some((leaf) => leaf.op !== '==' && leaf.op !== '!=') ||
      temporal.some(({ kind }) => kind === 'rate' || kind === 'delta'),
    evaluate: build(tree),
    evidence: (values, history) => [
      ...leaves.flatMap((leaf) => select(leaf, values).filter((found) => compare(leaf, found.value))),
      ...temporal.flatMap((part) => seen(part, history)),
    ],
  };
}

/** The expression that is true exactly when `expression` is false, and open when it is open. */
export function negate(expression: Expression): Expression {
  return {
    ...expression,
    text: `not (${expression.text})`,
    evaluate(values, history) {
      const result = expression.evaluate(values, history);
      return result === undefined ? undefined : !result;
    },
  };
}

/** Metric names an expression refers to. */
export function metricsOf(expression: Expression): readonly string[] {
  return expression.metrics;
}

/** Whether `pattern` (`ports.*.current`) names `metric` (`ports.3.current`). */
export function coversMetric(pattern: string, metric: string): boolean {
  const star = pattern.indexOf('*');
  if (star < 0) return pattern === metric;
  const prefix = pattern.slice(0, star);
  const suffix = pattern.slice(star + 1);
  if (metric.length <= prefix.length + suffix.length) return false;
  if (!metric.startsWith(prefix) || !metric.endsWith(suffix)) return false;
  return metric.indexOf('.', prefix.length) === metric.length - suffix.length;
}

type Evaluate = (values: Values, history?: History) => boolean | undefined;

function collect(tree: Tree, leaves: Leaf[], temporal: Temporal[]): void {
  if (tree.kind === 'leaf') leaves.push(tree);
  else if (tree.kind === 'not') collect(tree.of, leaves, temporal);
  else if ('windowMs' in tree) temporal.push(tree);
  else {
    collect(tree.left, leaves, temporal);
    collect(tree.right, leaves, temporal);
  }
}

function build(tree: Tree): Evaluate {
  if (tree.kind === 'leaf') return buildLeaf(tree);
  if (tree.kind === 'not') {
    const of = build(tree.of);
    return (values, history) => {
      const result = of(values, history);
      return result === undefined ? undefined : !result;
    };
  }
  if ('windowMs' in tree) {
    return (_, history) => {
      const number = numberOf(tree, history);
      return number === undefined ? undefined : compare(tree, number);
    };
  }
  // Kleene: one certain side decides (`false and ?` is false, `true or ?` is true), else open stays open.
  const decisive = tree.kind === 'or';
  const left = build(tree.left);
  const right = build(tree.right);
  return (values, history) => {
    const l = left(values, history);
    if (l === decisive) return decisive;
    const r = right(values, history);
    if (r === decisive) return decisive;
    return l === undefined || r === undefined ? undefined : !decisive;
  };
}

const MINUTE_MS = 60_000;

/** What a part that looks back compares: `rate` a change per minute, `delta` a change, `absent` milliseconds beyond its window. */
function numberOf({ kind, name, windowMs }: Temporal, history: History | undefined): number | undefined {
  if (!history) return undefined;
  if (kind === 'count') return history.count(name, windowMs);
  if (kind === 'absent') {
    const silence = history.silence(name);
    // Exactly as long as the window is absent.
    return silence === undefined ? undefined : silence - windowMs + 1;
  }
  const change = history.change(name, windowMs);
  if (!change) return undefined;
  return kind === 'delta' ? change.delta : (change.delta / change.overMs) * MINUTE_MS;
}

function seen(part: Temporal, history: History | undefined): Found[] {
  const number = numberOf(part, history);
  if (number === undefined || compare(part, number) !== true) return [];
  const text = `${part.kind}(${part.name}, ${part.windowMs / 1_000}s)`;
  const value = part.kind === 'absent' ? Math.round((number + part.windowMs - 1) / 1_000) : number;
  return [{ metric: text, value }];
}

function buildLeaf(leaf: Leaf): (values: Values) => boolean | undefined {
  if (leaf.over === null) {
    return (values) => {
      const value = read(values, leaf.metric);
      return value === undefined ? undefined : compare(leaf, value);
    };
  }
  const decisive = leaf.over === 'any';
  return (values) => {
    let open = true;
    let undecided = false;
    for (const [metric, value] of values instanceof Map ? values : Object.entries(values)) {
      if (!coversMetric(leaf.metric, metric)) continue;
      const result = compare(leaf, value);
      if (result === decisive) return decisive;
      if (result === undefined) undecided = true;
      open = false;
    }
    return open || undecided ? undefined : !decisive;
  };
}

function read(values: Values, metric: string): Value | undefined {
  if (values instanceof Map) return values.get(metric);
  return Object.hasOwn(values, metric) ? (values as Readonly<Record<string, Value>>)[metric] : undefined;
}

function select(leaf: Leaf, values: Values): Found[] {
  if (leaf.over === null) {
    const value = read(values, leaf.metric);
    return value === undefined ? [] : [{ metric: leaf.metric, value }];
  }
  const found: Found[] = [];
  const entries = values instanceof Map ? values : Object.entries(values);
  for (const [metric, value] of entries) {
    if (coversMetric(leaf.metric, metric)) found.push({ metric, value });
  }
  return found;
}

function compare(leaf: { readonly op: Operator; readonly value: Value }, value: Value): boolean | undefined {
  const than = leaf.value;
  if (typeof value !== typeof than) return undefined;
  switch (leaf.op) {
    case '==':
      return value === than;
    case '!=':
      return value !== than;
    case '<':
      return value < than;
    case '<=':
      return value <= than;
    case '>':
      return value > than;
    default:
      return value >= than;
  }
}
