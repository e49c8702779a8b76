import { parseDuration } from '../duration.ts';
import type { Value } from '../reading.ts';

export type Operator = '==' | '!=' | '<' | '<=' | '>' | '>=';

/** One comparison of a metric with a constant; `over` says how a wildcard's values are joined. */
export interface Leaf {
  readonly kind: 'leaf';
  readonly over: 'any' | 'all' | null;
  readonly metric: string;
  readonly op: Operator;
  readonly value: Value;
}

/** What asks for more than the newest values: changes, counts and silence within a window. */
export interface Temporal {
  readonly kind: 'rate' | 'delta' | 'count' | 'absent';
  /** Metric, or of `count` and `absent` also an event. */
  readonly name: string;
  readonly windowMs: number;
  readonly op: Operator;
  readonly value: number;
}

export type Tree =
  | Leaf
  | Temporal
  | { readonly kind: 'not'; readonly of: Tree }
  | { readonly kind: 'and' | 'or'; readonly left: Tree; readonly right: Tree };

/** Says where and why an expression is wrong. */
export class ExpressionError extends Error {
  /** Characters from the start, 0-based. */
  readonly position: number;
  constructor(position: number, message: string) {
    super(`${message} (at character ${position + 1})`);
    this.name = 'ExpressionError';
    this.position = position;
  }
}

interface Token {
  readonly kind: 'duration' | 'number' | 'string' | 'name' | 'op' | 'paren' | 'end';
  readonly text: string;
  readonly at: number;
}

const MAX_LENGTH = 1_000;
const MAX_NESTING = 32;
/** Parts that look back each cost memory per device. */
const MAX_TEMPORAL = 8;
export const WINDOW_LEAST_MS = 10_000;
export const WINDOW_MOST_MS = 30 * 86_400_000;
/** Beyond this, how often an event came is not known. */
export const COUNT_MOST = 100;
const TOKEN =
  /\s*(?:(?<duration>\d+(?:ms|s|m|h|d)(?![A-Za-z0-9_.]))|(?<number>-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)|(?<string>"[^"\\]*"|'[^'\\]*')|(?<name>[A-Za-z_][A-Za-z0-9_]*(?:\.(?:[A-Za-z0-9_-]+|\*))*)|(?<op>==|!=|<=|>=|<|>)|(?<paren>[(),]))/y;

const KEYWORDS = new Set(['and', 'or', 'not', 'any', 'all', 'true', 'false']);
const TEMPORAL = new Set(['rate', 'delta', 'count', 'absent']);

function tokenize(text: string): Token[] {
  if (text.length > MAX_LENGTH) throw new ExpressionError(MAX_LENGTH, `longer than ${MAX_LENGTH} characters`);
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  let at = 0;
  while (text.slice(at).trim() !== '') {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    const start = at + text.slice(at).search(/\S/);
    if (!match?.groups) throw new ExpressionError(start, `unexpected '${text[start]}'`);
    for (const kind of ['duration', 'number', 'string', 'name', 'op', 'paren'] as const) {
      const found = match.groups[kind];
      if (found !== undefined) tokens.push({ kind, text: found, at: start });
    }
    at = TOKEN.lastIndex;
  }
  tokens.push({ kind: 'end', text: 'end', at: text.length });
  return tokens;
}

/** Recursive descent: or → and → not → comparison. */
export function parse(text: string): Tree {
  const tokens = tokenize(text);
  let index = 0;
  let nesting = 0;
  let looksBack = 0;
  const END: Token = { kind: 'end', text: 'end', at: text.length };
  const peek = () => tokens[index] ?? END;
  const next = () => {
    const token = peek();
    index += 1;
    return token;
  };
  const isWord = (word: string) => peek().kind === 'name' && peek().text === word;
  const fail = (token: Token, wanted: string): never => {
    throw new ExpressionError(token.at, `${wanted} expected, found '${token.text}'`);
  };
  const paren = (which: '(' | ')' | ',') => {
    const token = next();
    if (token.text !== which || token.kind !== 'paren') fail(token, `'${which}'`);
  };

  const or = (): Tree => {
    let left = and();
    while (isWord('or')) {
      next();
      left = { kind: 'or', left, right: and() };
    }
    return left;
  };
  const and = (): Tree => {
    let left = not();
    while (isWord('and')) {
      next();
      left = { kind: 'and', left, right: not() };
    }
    return left;
  };
  const not = (): Tree => {
    nesting += 1;
    if (nesting > MAX_NESTING) throw new ExpressionError(peek().at, `nested more than ${MAX_NESTING} deep`);
    const tree = primary();
    nesting -= 1;
    return tree;
  };
  const primary = (): Tree => {
    if (isWord('not')) {
      next();
      return { kind: 'not', of: not() };
    }
    if (peek().kind === 'paren' && peek().text === '(') {
      next();
      const inner = or();
      paren(')');
      return inner;
    }
    return comparison();
  };
  const metricName = (wildcard: boolean): string => {
    const token = next();
    if (token.kind !== 'name' || KEYWORDS.has(token.text)) return fail(token, 'a metric name');
    const stars = token.text.split('*').length - 1;
    if (!wildcard && stars > 0) throw new ExpressionError(token.at, `'${token.text}' needs any(…) or all(…) around it`);
    if (wildcard && stars !== 1)
      throw new ExpressionError(token.at, `any(…) and all(…) take a name with one *, as in ports.*.current`);
    return token.text;
  };
  const windowMs = (): number => {
    const token = next();
    const ms = token.kind === 'duration' ? parseDuration(token.text) : undefined;
    if (ms === undefined) return fail(token, 'a duration, as in 10m,');
    if (ms < WINDOW_LEAST_MS || ms > WINDOW_MOST_MS)
      throw new ExpressionError(token.at, `'${token.text}': a window is 10s to 30d`);
    return ms;
  };
  const temporal = (): Temporal => {
    const what = next();
    if (++looksBack > MAX_TEMPORAL)
      throw new ExpressionError(what.at, `more than ${MAX_TEMPORAL} of rate, delta, count and absent`);
    const kind = what.text as Temporal['kind'];
    paren('(');
    const name = metricName(false);
    paren(',');
    const window = windowMs();
    paren(')');
    if (kind === 'absent') return { kind, name, windowMs: window, op: '>', value: 0 };
    const op = next();
    if (op.kind !== 'op') fail(op, `a comparison after ${kind}(…)`);
    const constant = next();
    if (constant.kind !== 'number') fail(constant, 'a number');
    const value = Number(constant.text);
    if (kind === 'count' && !(Number.isInteger(value) && value >= 0 && value <= COUNT_MOST))
      throw new ExpressionError(constant.at, `'${constant.text}': a count is a whole number from 0 to ${COUNT_MOST}`);
    return { kind, name, windowMs: window, op: op.text as Operator, value };
  };
  /** A metric may be called `rate`; only a bracket makes it a function. */
  const isTemporal = () => peek().kind === 'name' && TEMPORAL.has(peek().text) && tokens[index + 1]?.text === '(';
  const comparison = (): Tree => {
    if (isTemporal()) return temporal();
    const over = isWord('any') ? 'any' : isWord('all') ? 'all' : null;
    if (over) {
      next();
      paren('(');
    }
    const metric = metricName(over !== null);
    if (over) paren(')');
    if (peek().kind !== 'op') return { kind: 'leaf', over, metric, op: '==', value: true };
    const op = next();
    const constant = next();
    const value = constantOf(constant) ?? fail(constant, 'a number, a text in quotes, true or false');
    if (typeof value === 'boolean' && op.text !== '==' && op.text !== '!=') fail(op, '== or !=');
    return { kind: 'leaf', over, metric, op: op.text as Operator, value };
  };

  const tree = or();
  if (peek().kind !== 'end') fail(peek(), "'and', 'or' or the end");
  return tree;
}

function constantOf(token: Token): Value | undefined {
  if (token.kind === 'number') return Number(token.text);
  if (token.kind === 'string') return token.text.slice(1, -1);
  if (token.kind === 'name' && (token.text === 'true' || token.text === 'false')) return token.text === 'true';
  return undefined;
}
