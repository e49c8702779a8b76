import { CST, isAlias, isMap, isScalar, isSeq, Lexer, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml';
import type { FieldError } from '../errors.ts';

/** Larger definitions are refused before they are parsed. */
export const MAX_SOURCE = 64 * 1024;
const MAX_NODES = 5_000;
/** Texts and signs of the file; what lies beyond is never parsed, because the parser's time grows with them. */
const MAX_TOKENS = 12_000;
const MAX_DEPTH = 24;
const MAX_FAULTS = 20;
const PLAIN_TAG = /^tag:yaml\.org,2002:(?:str|int|float|bool|null|map|seq)$/;

export interface Place {
  /** Both count from 1. */
  readonly line: number;
  readonly column: number;
}

export interface Parsed {
  readonly value: unknown;
  readonly errors: readonly FieldError[];
  /** Where a JSON Pointer stands in the source; the nearest parent when it is not there itself. */
  placeOf(pointer: string): Place | undefined;
}

/**
 * Parses YAML (or JSON, which is YAML) of a stranger. Bounded in size, depth and nodes before anything is built, without
 * aliases and tags, so that no bomb can grow; the time is that of reading the text a few times.
 */
export function parseSource(source: string): Parsed {
  if (Buffer.byteLength(source) > MAX_SOURCE) {
    return failed('size', `文件过大，上限 ${MAX_SOURCE / 1024} KiB / larger than ${MAX_SOURCE / 1024} KiB`);
  }
  // Before the parser sees it, because its recursion ends at the stack's.
  if (looksTooDeep(source)) return tooDeep();
  const refused = scan(source);
  if (refused) return refused;
  const lines = new LineCounter();
  let document: ReturnType<typeof parseDocument>;
  try {
    // Doubled keys are found by our own walk: the parser compares every key with every other one.
    document = parseDocument(source, { lineCounter: lines, uniqueKeys: false, prettyErrors: false });
  } catch (error) {
    if (error instanceof RangeError) return tooDeep();
    throw error;
  }
  const place = (offset: number | undefined): Place | undefined => {
    if (offset === undefined) return undefined;
    const { line, col } = lines.linePos(offset);
    return { line, column: Math.max(1, col) };
  };
  const errors: FieldError[] = document.errors.slice(0, MAX_FAULTS).map(({ message, pos }) => ({
    path: '/',
    code: 'yaml',
    message: `YAML 有误 / ${message.trim()}`,
    ...place(pos[0]),
  }));
  if (errors.length === 0) {
    errors.push(...walk(document.contents).map(({ at, ...fault }) => ({ path: '/', ...fault, ...place(at) })));
  }
  if (errors.length > 0) return { value: undefined, errors, placeOf: () => undefined };
  return {
    value: document.toJS({ maxAliasCount: 0 }),
    errors,
    placeOf(pointer) {
      const path = pointer
        .split('/')
        .slice(1)
        .filter((part) => part !== '');
      for (let length = path.length; length > 0; length--) {
        const parent = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1).map(index), true);
        const last = path[length - 1];
        const pair = isMap(parent) ? parent.items.find(({ key }) => String(key) === last) : undefined;
        const node = (pair?.key ?? document.getIn(path.slice(0, length).map(index), true)) as
          | { range?: [number] }
          | undefined;
        if (node?.range) return place(node.range[0]);
      }
      return document.contents ? place(document.contents.range?.[0] ?? 0) : undefined;
    },
  };
}

/** Every fault of the tree itself: aliases, tags, doubled keys, too much of anything. */
function walk(root: unknown): { code: string; message: string; at: number | undefined }[] {
  const faults: { code: string; message: string; at: number | undefined }[] = [];
  const fault: Fault = (node, code, message) => {
    if (faults.length < MAX_FAULTS) faults.push({ code, message, at: node.range?.[0] });
  };
  const open: { node: unknown; depth: number }[] = [{ node: root, depth: 1 }];
  let nodes = 0;
  for (let entry = open.pop(); entry; entry = open.pop()) {
    const { node, depth } = entry;
    if (!isAlias(node) && !isMap(node) && !isSeq(node) && !isScalar(node)) continue;
    nodes += 1;
    if (nodes > MAX_NODES) {
      fault(node, 'size', `内容过多，上限 ${MAX_NODES} 个节点 / more than ${MAX_NODES} nodes`);
      return faults;
    }
    if (depth > MAX_DEPTH) {
      fault(node, 'depth', `嵌套过深，上限 ${MAX_DEPTH} 层 / nested more than ${MAX_DEPTH} deep`);
      return faults;
    }
    if (isAlias(node)) {
      fault(node, 'yaml', '不允许使用 YAML 别名 (&、*) / YAML aliases are not allowed; write the text out');
    } else if (node.tag !== undefined && !PLAIN_TAG.test(node.tag)) {
      fault(node, 'yaml', '不允许使用 YAML 标签 (!) / YAML tags are not allowed; remove it');
    }
    if (isSeq(node)) for (const item of node.items) open.push({ node: item, depth: depth + 1 });
    if (isMap(node)) {
      for (const { value } of node.items) open.push({ node: value, depth: depth + 1 });
      nodes += node.items.length;
      checkKeys(node, fault);
    }
  }
  return faults;
}

type Fault = (node: Node, code: string, message: string) => void;

function checkKeys(map: YAMLMap, fault: Fault): void {
  const keys = new Set<string>();
  for (const { key } of map.items) {
    if (!isScalar(key)) {
      fault(map, 'yaml', '键必须是文本 / a key must be a plain text');
      continue;
    }
    const name = String(key.value).slice(0, 4_096);
    const shown = name.slice(0, 64);
    if (keys.has(name))
      fault(key, 'yaml', `键“${shown}”重复，请删去一个 / the key '${shown}' stands twice; remove one`);
    else if (name === '__proto__') fault(key, 'yaml', '键名不允许 / this key is not allowed');
    keys.add(name);
  }
}

/** One look at the words of the file: aliases, anchors, tags and too many of anything end it before it is parsed. */
function scan(source: string): Parsed | undefined {
  let tokens = 0;
  let scalars = 0;
  let at = 0;
  let indicators = 0;
  for (const token of new Lexer().lex(source)) {
    const type = CST.tokenType(token);
    const banned = type === null ? undefined : BANNED[type];
    if (banned) return failedAt(source, at, banned);
    if (type === 'newline' || type === 'comma') indicators = 0;
    else if (type === 'map-value-ind' || type === 'explicit-key-ind') indicators += 1;
    if (indicators > 64) return failedAt(source, at, 'YAML 有误：一行中冒号过多 / too many colons in one line');
    if (type !== null && !SILENT.has(type)) tokens += 1;
    if (type?.endsWith('scalar')) scalars += 1;
    if (tokens > MAX_TOKENS || scalars > MAX_NODES) {
      return failed('size', `内容过多，上限 ${MAX_NODES} 个节点 / more than ${MAX_NODES} nodes`);
    }
    // The lexer's own marks have no place in the text.
    if (type !== 'byte-order-mark' && !MARKS.has(token)) at += token.length;
  }
  return undefined;
}

const ALIASES = '不允许使用 YAML 锚点和别名 (&、*) / YAML anchors and aliases are not allowed; write the text out';
const BANNED: Readonly<Record<string, string>> = {
  alias: ALIASES,
  anchor: ALIASES,
  tag: '不允许使用 YAML 标签 (!) / YAML tags are not allowed; remove it',
  'directive-line': '不允许使用 YAML 指令 (%) / YAML directives are not allowed; remove it',
};
const SILENT = new Set<string>(['space', 'newline', 'comment', 'doc-mode', 'flow-error-end', 'comma']);
const MARKS = new Set([CST.DOCUMENT, CST.FLOW_END, CST.SCALAR]);

function failedAt(source: string, at: number, message: string): Parsed {
  const before = source.slice(0, at);
  const place = { line: before.split('\n').length, column: at - before.lastIndexOf('\n') };
  return { value: undefined, errors: [{ path: '/', code: 'yaml', message, ...place }], placeOf: () => undefined };
}

/** Brackets, compact indicators (`- - -`) and indentation: what makes the parser call itself. */
function looksTooDeep(source: string): boolean {
  let brackets = 0;
  let line = 0;
  let indicators = 0;
  let start = true;
  for (let i = 0; i < source.length; i++) {
    const code = source.charCodeAt(i);
    if (code === 0x0a || code === 0x0d) {
      line = i + 1;
      indicators = 0;
      start = true;
    } else if (code === 0x5b || code === 0x7b) brackets += 1;
    else if (code === 0x5d || code === 0x7d) brackets = Math.max(0, brackets - 1);
    if (brackets > 64) return true;
    if (!start || code === 0x20 || code === 0x0a || code === 0x0d) continue;
    // `-`, `?` and `:` at the head of a line open a level each; indentation opens one a blank at most.
    if (code === 0x2d || code === 0x3f || code === 0x3a) indicators += 1;
    else start = false;
    if (indicators > MAX_DEPTH * 2 || i - line > 400) return true;
  }
  return false;
}

function index(part: string): string | number {
  return /^\d+$/.test(part) ? Number(part) : part;
}

function tooDeep(): Parsed {
  return failed('depth', `嵌套过深，上限 ${MAX_DEPTH} 层 / nested more than ${MAX_DEPTH} deep`);
}

function failed(code: string, message: string): Parsed {
  return { value: undefined, errors: [{ path: '/', code, message }], placeOf: () => undefined };
}
