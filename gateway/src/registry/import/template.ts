import type { Actor } from '../../domain/actor.ts';
import { fieldError, refuseIf } from '../../domain/input.ts';
import { requireRight } from '../../domain/permission.ts';
import { text } from '../../messages/index.ts';
import type { Encoding, Format, OutSheet } from '../../sheets/write.ts';
import { CAMERA_COLUMNS, type Column, DEVICE_COLUMNS, EXAMPLE_MARK, REFERENCES } from './columns.ts';
import type { ImportDeps } from './ports.ts';

const MAX_CHOICES = 1_000;

export interface TemplateQuery {
  readonly format: Format;
  readonly encoding: Encoding;
  /** Id of a device type: only its columns, and its id in the example. */
  readonly type?: string;
}

/** The sheets of an empty import file: the table with an example row that is never imported, and what to write where. */
export async function templateSheets(actor: Actor, query: TemplateQuery, deps: ImportDeps): Promise<OutSheet[]> {
  requireRight(actor, 'devices', 'create');
  const types = deps.typeNames.list();
  const type = types.find(({ id }) => id === query.type);
  if (query.type !== undefined && !type) {
    refuseIf([fieldError('type', 'notFound', 'input.notFound', { value: query.type })]);
  }
  const isCamera = (adapter: string) => adapter === 'rtsp' || adapter === 'onvif';
  const camera = type === undefined || isCamera(type.adapter);
  const columns = [
    ...DEVICE_COLUMNS.filter(({ hidden, path }) => !hidden && (camera || !path.startsWith('connection.'))),
    ...(camera ? CAMERA_COLUMNS : []),
  ];
  const choices = new Map<string, string[]>(REFERENCES.map((reference) => [reference, []]));
  for (const { id } of types) choices.get('type')?.push(id);
  const named = await deps.imports.choices(deps.db.autocommit, actor.scope, MAX_CHOICES);
  const often = Map.groupBy(named, ({ reference, name }) => `${reference} ${name}`);
  for (const { reference, name, id } of named) {
    // A name that two have would not say which.
    choices.get(reference)?.push((often.get(`${reference} ${name}`)?.length ?? 0) > 1 ? id : name);
  }
  const example = columns.map((column) => {
    if (column.path === 'id') return `${EXAMPLE_MARK}（本行不导入）`;
    return column.path === 'type' ? (type?.id ?? 'generic/camera') : column.example;
  });
  return [
    {
      name: '设备',
      columns: columns.map((column) => ({ header: column.zh, list: listOf(column, choices) })),
      rows: [example],
    },
    {
      name: '填写说明',
      notes: [text('zh-CN', 'registry.import.template'), text('en', 'registry.import.template')],
      columns: ['列名', 'Column', '说明', 'Note', '可选值', '字段 Field'].map((header, index) => ({
        header,
        width: [16, 20, 48, 48, 60, 26][index] ?? 20,
      })),
      rows: columns.map((column) => [
        column.zh,
        column.en,
        column.note.zh,
        column.note.en,
        codesOf(column) || listOf(column, choices).slice(0, 20).join('、'),
        column.path,
      ]),
    },
  ];
}

function listOf({ kind }: Column, choices: ReadonlyMap<string, readonly string[]>): readonly string[] {
  if (typeof kind !== 'object') return [];
  if ('reference' in kind) return choices.get(kind.reference) ?? [];
  if ('words' in kind) return kind.words;
  return kind.several ? [] : Object.values(kind.codes).map(({ zh }) => zh);
}

function codesOf({ kind }: Column): string {
  if (typeof kind !== 'object' || !('codes' in kind)) return '';
  return Object.entries(kind.codes)
    .map(([code, { zh }]) => `${code} ${zh}`)
    .join('、');
}
