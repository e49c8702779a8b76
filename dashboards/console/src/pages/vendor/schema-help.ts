import { isMap, isPair, isScalar, isSeq, type Node, parseDocument } from 'yaml';
import SCHEMA from '../../../../../device-schemas/device-type.schema.json' with { type: 'json' };
import { GRAMMAR_WORDS } from '../../../../../tools/device-types/grammar-words.ts';
import { language } from '../../language.ts';

/** Where somebody is in a file, and what the grammar allows there. */

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly type?: string;
  readonly required?: readonly string[];
  readonly description?: string;
}
export interface Choice {
  readonly label: string;
  readonly words: string;
  readonly required: boolean;
}
const HERE = 'xXhereXx';

/** What may stand at `position`: names of fields, or values of one. `from` is where the word being typed begins. */
export function choicesAt(
  text: string,
  position: number,
): { readonly from: number; readonly choices: Choice[]; readonly keys: boolean } {
  const word = /[\w.%[\]/-]*$/.exec(text.slice(0, position))?.[0] ?? '';
  const from = position - word.length;
  const before = text.slice(0, from);
  const keys = !/:[ \t]+["']?$/.test(before);
  const rest = /^[\w.%[\]/-]*/.exec(text.slice(position))?.[0].length ?? 0;
  const after = text.slice(position + rest);
  const written = keys && !/^\s*:/.test(after);
  const path = pathOfMark(`${before}${HERE}${written ? ': 0' : ''}${after}`);
  if (path === null) return { from, choices: [], keys };
  const place = keys ? path.slice(0, -1) : path;
  const schemas = schemasAt(place);
  return { from, keys, choices: keys ? fields(schemas, place) : values(schemas) };
}

/** What a field is, for who points at it. */
export function wordsAt(
  text: string,
  position: number,
): { readonly from: number; readonly to: number; readonly name: string; readonly words: string } | null {
  const file = parseDocument(text, { logLevel: 'silent' });
  const found = keyAt(file.contents, position, []);
  if (found === null) return null;
  const name = found.path.at(-1) ?? '';
  const words = fieldWords(found.path.slice(0, -1), name, schemasAt(found.path)[0]);
  return words === '' ? null : { ...found, name, words };
}

function fields(schemas: readonly Schema[], place: readonly string[]): Choice[] {
  const found = new Map<string, Choice>();
  for (const { properties = {}, required = [] } of schemas) {
    for (const [label, schema] of Object.entries(properties)) {
      found.set(label, { label, words: fieldWords(place, label, schema), required: required.includes(label) });
    }
  }
  return [...found.values()];
}

function values(schemas: readonly Schema[]): Choice[] {
  const all = schemas.flatMap((schema) => {
    if (schema.type === 'boolean') return ['true', 'false'];
    return [...(schema.enum ?? []), ...(schema.const === undefined ? [] : [schema.const])].map(String);
  });
  return [...new Set(all)].map((label) => ({ label, words: '', required: false }));
}

/** The grammar at a place; several where it may be one of several. */
function schemasAt(path: readonly string[]): Schema[] {
  let now: Schema[] = open(SCHEMA as unknown as Schema);
  for (const step of path) {
    now = now.flatMap((schema) => {
      const named = schema.properties?.[step] ?? Object.values(schema.patternProperties ?? {})[0] ?? schema.items;
      return named ? open(named) : [];
    });
  }
  return now;
}
const open = (schema: Schema): Schema[] => (schema.anyOf ? schema.anyOf.flatMap(open) : [schema]);

/** Names people chose and places in lists are `*` in the table of words. */
function fieldWords(place: readonly string[], name: string, schema: Schema | undefined): string {
  const steps = place.map((step, index) => (index % 2 === 1 && NAMED.has(place[index - 1] ?? '') ? '*' : step));
  let section = steps.join('/').replace(/^components\/\*\/metrics/, 'metrics');
  if (/^(metrics\/\*|time)\/from$/.test(section)) section = 'identify/from';
  if (/^frame\/\d+/.test(section)) section = section.replace(/^frame\/\d+/, 'frame');
  const words = GRAMMAR_WORDS[section]?.[name];
  const english = words?.en ?? schema?.description ?? '';
  return language() === 'en' ? english : (words?.zh ?? english);
}
const NAMED = new Set(['metrics', 'components', 'events', 'alarms', 'commands', 'params', 'topics', 'examples']);

function pathOfMark(text: string): string[] | null {
  return find(parseDocument(text, { logLevel: 'silent' }).contents, []);
}

function find(node: unknown, path: readonly string[]): string[] | null {
  if (isScalar(node)) return String(node.value).includes(HERE) ? [...path] : null;
  if (isMap(node)) {
    for (const { key, value } of node.items) {
      const name = isScalar(key) ? String(key.value) : '';
      if (name.includes(HERE)) return [...path, HERE];
      const found = find(value, [...path, name]);
      if (found) return found;
    }
  }
  if (isSeq(node)) {
    for (const [index, item] of node.items.entries()) {
      const found = find(item, [...path, String(index)]);
      if (found) return found;
    }
  }
  return null;
}

function keyAt(
  node: unknown,
  at: number,
  path: readonly string[],
): { path: string[]; from: number; to: number } | null {
  const inside = (part: unknown): boolean => {
    const range = (part as Node | null)?.range;
    return range ? range[0] <= at && at <= range[2] : false;
  };
  if (isMap(node)) {
    for (const pair of node.items) {
      if (!isPair(pair) || !isScalar(pair.key)) continue;
      const here = [...path, String(pair.key.value)];
      const range = pair.key.range;
      if (range && range[0] <= at && at <= range[1]) return { path: here, from: range[0], to: range[1] };
      if (inside(pair.value)) return keyAt(pair.value, at, here);
    }
  }
  if (isSeq(node)) {
    for (const [index, item] of node.items.entries())
      if (inside(item)) return keyAt(item, at, [...path, String(index)]);
  }
  return null;
}
