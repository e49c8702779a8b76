import { fieldError } from '../../domain/input.ts';
import type { FieldError } from '../../errors.ts';
import type { CellFault } from '../../sheets/table.ts';
import type { Column, Reference } from './columns.ts';

/** One data row: what it says of a device, still to be checked. */
export interface ImportRow {
  /** Data row, 1 = first. */
  readonly row: number;
  readonly sheetRow: number;
  readonly cells: readonly string[];
  /** A device input. */
  readonly input: Record<string, unknown>;
  /** The camera's own fields. */
  readonly archive: Record<string, unknown> | null;
  /** Secret burnt into the device. */
  readonly secret: string | null;
}

/** What a name in a reference column stands for. */
export interface NameBook {
  /** Ids of that name; empty = it may be an id itself. */
  idsOf(reference: Reference, name: string): readonly string[];
}

const CRS: Readonly<Record<string, string>> = { 'WGS-84': 'wgs84', 'GCJ-02': 'gcj02', CGCS2000: 'cgcs2000' };

/** Cells as a nested input. Empty cells are absent: an import never clears a field. */
export function readRow(
  columns: readonly (Column | null)[],
  { cells, faults = [] }: { readonly cells: readonly string[]; readonly faults?: readonly CellFault[] },
  at: { readonly row: number; readonly sheetRow: number },
  names: NameBook,
): { row: ImportRow; errors: FieldError[] } {
  const errors: FieldError[] = [];
  const input: Record<string, unknown> = {};
  for (const { column, code, value } of faults) {
    if (columns[column] === null) continue;
    const path = columns[column] ? pointer(columns[column]) : '';
    errors.push({ ...fieldError(path, code, `sheets.cell.${code}`, { value: value.slice(0, 100) }), row: at.row });
  }
  const faulty = new Set(faults.map(({ column }) => column));
  for (const [index, column] of columns.entries()) {
    const text = (cells[index] ?? '').trim();
    if (!column || text === '' || faulty.has(index)) continue;
    const read = readCell(column, text, names);
    if ('fault' in read) errors.push({ ...read.fault, row: at.row });
    else put(input, column.path, read.value);
  }
  if (cells.slice(columns.length).some((cell) => cell.trim() !== '')) {
    const error = fieldError('', 'tooManyCells', 'registry.import.cells', { max: columns.length });
    errors.push({ ...error, row: at.row });
  }
  errors.push(...joinAddress(input).map((error) => ({ ...error, row: at.row })));
  const { archive, secret, ...rest } = input;
  return {
    row: {
      ...at,
      cells,
      input: rest,
      archive: (archive as Record<string, unknown> | undefined) ?? null,
      secret: typeof secret === 'string' ? secret : null,
    },
    errors,
  };
}

export const pointer = (column: Column): string => `/${column.path.replaceAll('.', '/')}`;

type Read = { readonly value: unknown } | { readonly fault: FieldError };

type Refuse = (code: string, key: Parameters<typeof fieldError>[2], values?: Record<string, string>) => Read;

function readCell(column: Column, text: string, names: NameBook): Read {
  const path = pointer(column);
  const { kind } = column;
  const refuse: Refuse = (code, key, values = {}) => ({
    fault: fieldError(path, code, key, { value: text.slice(0, 100), ...values }),
  });
  if (typeof kind === 'object') return readListed(kind, text, names, refuse);
  switch (kind) {
    case 'code':
      // A CSV file that went through a spreadsheet holds what the spreadsheet showed.
      return /^\d(\.\d+)?E\+\d+$/i.test(text) ? refuse('lostDigits', 'sheets.cell.lostDigits') : { value: text };
    case 'number':
    case 'integer': {
      const number = Number(text.normalize('NFKC'));
      return Number.isFinite(number) ? { value: number } : refuse('type', 'registry.import.number');
    }
    case 'date': {
      const found = /^(\d{4})(?:[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d{2})(\d{2}))(?: .*)?$/.exec(
        text.normalize('NFKC'),
      );
      if (!found) return refuse('date', 'sheets.cell.date');
      const [, year, month = found[4], day = found[5]] = found;
      return { value: `${year}-${month?.padStart(2, '0')}-${day?.padStart(2, '0')}` };
    }
    case 'labels':
      return readLabels(text) ?? refuse('labels', 'registry.import.labels');
    default:
      return { value: text };
  }
}

/** A cell that names one of several: objects of ours, fixed words, or codes with titles. */
function readListed(kind: Exclude<Column['kind'], string>, text: string, names: NameBook, refuse: Refuse): Read {
  if ('reference' in kind) {
    const ids = names.idsOf(kind.reference, text);
    if (ids.length > 1) return refuse('ambiguous', 'registry.import.ambiguous', { ids: ids.slice(0, 5).join('、') });
    return { value: ids[0] ?? text };
  }
  if ('words' in kind) {
    const word = kind.words.find((known) => known.toLowerCase() === text.toLowerCase());
    if (word !== undefined) return { value: CRS[word] ?? word };
    return Object.values(CRS).includes(text)
      ? { value: text }
      : refuse('enum', 'input.enum', { allowed: kind.words.join(', ') });
  }
  const parts = kind.several ? text.split(/[,，、;；]/).map((part) => part.trim()) : [text];
  const codes = parts.filter((part) => part !== '').map((part) => codeOf(kind.codes, part));
  if (codes.includes(undefined)) {
    const allowed = Object.values(kind.codes).map(({ zh }) => zh);
    return refuse('enum', 'input.enum', { allowed: allowed.join('、') });
  }
  return { value: kind.several ? codes : codes[0] };
}

function codeOf(codes: Readonly<Record<string, { zh: string; en: string }>>, text: string): number | undefined {
  const wanted = text.toLowerCase();
  const found = Object.entries(codes).find(
    ([code, { zh, en }]) => code === wanted || zh === text || en.toLowerCase() === wanted,
  );
  return found && Number(found[0]);
}

function readLabels(text: string): Read | undefined {
  const pairs = text.split(/(?<!\\)[;；\n]/).filter((part) => part.trim() !== '');
  // No pattern: one that has to find its own blanks takes minutes for a cell of nothing but blanks.
  const labels = pairs.map((pair): [string, string] => {
    const at = pair.indexOf('=');
    return [
      pair.slice(0, Math.max(at, 0)).trim(),
      pair
        .slice(at + 1)
        .trim()
        .replace(/\\(.)/gs, '$1'),
    ];
  });
  return labels.some(([name]) => name === '') ? undefined : { value: Object.fromEntries(labels) };
}

/** The other way round, for the export. */
export function labelText(labels: Readonly<Record<string, string>>): string {
  const entries = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([name, value]) => `${name}=${value.replace(/[\\;；\n]/g, '\\$&')}`).join(';');
}

/** One address says protocol, host and path; the four columns of older files say them apart. */
function joinAddress(input: Record<string, unknown>): FieldError[] {
  const connection = input.connection as Record<string, unknown> | undefined;
  if (!connection || (connection.address === undefined && connection.protocol !== undefined)) return [];
  const { address, ...rest } = connection;
  const refused = (code: string, key: 'input.required' | 'registry.import.address') => {
    // What is left would only be told to be half a connection.
    delete input.connection;
    return [fieldError('/connection/address', code, key)];
  };
  if (address === undefined) return refused('required', 'input.required');
  const text = String(address);
  if (!/^onvif/i.test(text)) {
    input.connection = { protocol: 'rtsp', ...rest, url: text };
    return [];
  }
  const found = /^onvif(s?):\/\/(?:\[([0-9a-f:.]+)\]|([^:/?#@\s]+))(?::(\d{1,5}))?\/?$/i.exec(text);
  if (!found) return refused('url', 'registry.import.address');
  const [, secure, v6, host, port] = found;
  input.connection = {
    ...rest,
    protocol: 'onvif',
    host: v6 ?? host,
    ...(port ? { port: Number(port) } : {}),
    ...(secure ? { tls: true } : {}),
  };
  return [];
}

function put(input: Record<string, unknown>, path: string, value: unknown): void {
  const [head = '', tail] = path.split('.');
  if (tail === undefined) input[head] = value;
  else input[head] = { ...(input[head] as object | undefined), [tail]: value };
}
