import type { Value } from '../reading.ts';
import { type Leaf, parse, type Tree } from './expression-parser.ts';

export { ExpressionError } from './expression-parser.ts';

/** Current values by dotted metric name. */
export type Values = ReadonlyMap<string, Value> | Readonly<Record<string, Value>>;

/** A compiled `when` or `clear`. */
export interface Expression {
  readonly text: string;
  /** Metric names it refers to, each once; a wildcard stands as written, `ports.*.current`. */
  readonly metrics: readonly string[];
  /** Whether a threshold (< <= > >=) is part of it, so that hysteresis makes sense. */
  readonly threshold: boolean;
  /** True, false, or undefined when a missing metric (or one of another type) leaves it open. Never throws. */
  evaluate(values: Values): boolean | undefined;
  /** The values that make its comparisons true, for the evidence of an alarm. */
  evidence(values: Values): readonly { readonly metric: string; readonly value: Value }[];
}

type Found = { readonly metric: string; readonly value: Value };

/** Parses once; throws {@link ExpressionError} with the position of the fault. */
export function parseExpression(text: string): Expression {
  const tree = parse(text);
  const leaves: Leaf[] = [];
  collect(tree, leaves);
  return {
    text,
    metrics: [...new Set(leaves.map((leaf) => leaf.metric))],
    threshold: leaves.some((leaf) => leaf.op !== '==' && leaf.op !== '!='),
    evaluate: build(tree),
    evidence: (values) => leaves.flatMap((leaf) => select(leaf, values).filter((found) => compare(leaf, found.value))),
  };
}

/** The expression that is true exactly when `expression` is false, and open when it is open. */
export function negate(expression: Expression): Expression {
  return {
    ...expression,
    text: `not (${expression.text})`,
    evaluate(values) {
      const result = expression.evaluate(values);
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

function collect(tree: Tree, leaves: Leaf[]): void {
  if (tree.kind === 'leaf') leaves.push(tree);
  else if (tree.kind === 'not') collect(tree.of, leaves);
  else {
    collect(tree.left, leaves);
    collect(tree.right, leaves);
  }
}

function build(tree: Tree): (values: Values) => boolean | undefined {
  if (tree.kind === 'leaf') return buildLeaf(tree);
  if (tree.kind === 'not') {
    const of = build(tree.of);
    return (values) => {
      const result = of(values);
      return result === undefined ? undefined : !result;
    };
  }
  // Kleene: one certain side decides (`false and ?` is false, `true or ?` is true), else open stays open.
  const decisive = tree.kind === 'or';
  const left = build(tree.left);
  const right = build(tree.right);
  return (values) => {
    const l = left(values);
    if (l === decisive) return decisive;
    const r = right(values);
    if (r === decisive) return decisive;
    return l === undefined || r === undefined ? undefined : !decisive;
  };
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
    for (const { value } of select(leaf, values)) {
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

function compare(leaf: Leaf, value: Value): boolean | undefined {
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
