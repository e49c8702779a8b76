import { isMap, parseDocument } from 'yaml';

/** One field of a message and the metric it becomes. */
export interface Row {
  readonly metric: string;
  /** JSON Pointer; null = read in a way the table cannot show (bytes, parts of a topic). */
  readonly from: string | null;
  readonly type: 'number' | 'text' | 'boolean';
  readonly unit: string;
  readonly scale: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly required: boolean;
  readonly title: string;
}

const WRITTEN = { lineWidth: 0, flowCollectionPadding: true } as const;
type Metric = Record<string, unknown>;

/** The metrics of a text as rows; null when it is no readable YAML. */
export function rowsOf(source: string): Row[] | null {
  const file = parseDocument(source, { logLevel: 'silent' });
  if (file.errors.length > 0 || !isMap(file.contents)) return null;
  const { metrics = {} } = file.toJS({ maxAliasCount: 0 }) as { metrics?: Record<string, Metric | null> | null };
  return Object.entries(metrics ?? {}).map(([metric, given]) => rowOf(metric, given ?? {}));
}

function rowOf(metric: string, given: Metric): Row {
  const { from, type, unit, scale, min, max, required, title } = given;
  const pointer = from === undefined ? `/${metric}` : from;
  return {
    metric,
    from: typeof pointer === 'string' && (pointer === '' || pointer.startsWith('/')) ? pointer : null,
    type: type === 'text' || type === 'boolean' ? type : 'number',
    unit: typeof unit === 'string' ? unit : '',
    scale: numeric(scale),
    min: numeric(min),
    max: numeric(max),
    required: required === true,
    title: typeof title === 'object' && title !== null && 'zh' in title ? String(title.zh) : '',
  };
}

const numeric = (value: unknown): number | null => (typeof value === 'number' ? value : null);

/** The text with one row changed; comments and everything the table does not show stay. */
export function withRow(source: string, metric: string, change: Partial<Row>): string {
  const file = parseDocument(source, { logLevel: 'silent' });
  const at = ['metrics', metric];
  if (change.metric !== undefined && change.metric !== metric) {
    const metrics = file.get('metrics');
    const pair = isMap(metrics) && metrics.items.find(({ key }) => String(key) === metric);
    if (pair) pair.key = file.createNode(change.metric);
    return file.toString(WRITTEN);
  }
  const { title, metric: _, ...plain } = change;
  for (const [name, value] of Object.entries(plain)) {
    if (value === null || value === '' || value === false) file.deleteIn([...at, name]);
    else file.setIn([...at, name], value);
  }
  if (change.type !== undefined && change.type !== 'number') {
    for (const name of ['unit', 'scale', 'min', 'max']) file.deleteIn([...at, name]);
  }
  if (title !== undefined) file.setIn([...at, 'title', 'zh'], title);
  return file.toString(WRITTEN);
}

export function withoutRow(source: string, metric: string): string {
  const file = parseDocument(source, { logLevel: 'silent' });
  file.deleteIn(['metrics', metric]);
  return file.toString(WRITTEN);
}

/** The text with a new metric; a name that is taken gets a number. */
export function withNewRow(source: string, row: Row, english: string): string {
  const file = parseDocument(source, { logLevel: 'silent' });
  let name = row.metric;
  for (let n = 2; file.hasIn(['metrics', name]); n += 1) name = `${row.metric}${n}`;
  const { from, type, unit, scale, min, max, required, title } = row;
  const metric = file.createNode({
    ...(from !== null && { from }),
    type,
    ...(type === 'number' && { unit: unit || '1' }),
    ...(scale !== null && { scale }),
    ...(min !== null && { min }),
    ...(max !== null && { max }),
    ...(required && { required }),
    title: { zh: title || name, en: english || name },
  });
  metric.flow = true;
  file.setIn(['metrics', name], metric);
  return file.toString(WRITTEN);
}

/** Pointers of a JSON message that hold a value, with a value each; lists are left to the text. */
export function leavesOf(payload: string): { readonly pointer: string; readonly value: unknown }[] {
  let content: unknown;
  try {
    content = JSON.parse(payload);
  } catch {
    return [];
  }
  const walk = (value: unknown, pointer: string): { pointer: string; value: unknown }[] => {
    if (Array.isArray(value)) return [];
    if (typeof value !== 'object' || value === null) return pointer === '' ? [] : [{ pointer, value }];
    return Object.entries(value).flatMap(([key, inner]) =>
      walk(inner, `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`),
    );
  };
  return walk(content, '').slice(0, 200);
}

/** A metric's name made of the last step of a pointer. */
export function nameOf(pointer: string): string {
  const last = pointer.split('/').at(-1) ?? '';
  const words = last.split(/[^A-Za-z0-9]+/).filter(Boolean);
  const name = words
    .map((word, index) => (index === 0 ? word.charAt(0).toLowerCase() : word.charAt(0).toUpperCase()) + word.slice(1))
    .join('');
  return /^[A-Za-z]/.test(name) ? name.slice(0, 64) : `value${name}`.slice(0, 64);
}
