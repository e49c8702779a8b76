import { useQuery } from '@tanstack/react-query';
import { AutoComplete, Button, Checkbox, Input, InputNumber, Select, Table } from 'antd';
import SCHEMA from '../../../../../device-schemas/device-type.schema.json' with { type: 'json' };
import { api, body } from '../../api/client.ts';
import { t } from '../../language.ts';
import { Nothing } from '../../parts/nothing.tsx';
import { unitOf } from '../../parts/units.ts';
import { leavesOf, nameOf, type Row, rowsOf, withNewRow, withoutRow, withRow } from './mapping.ts';

interface MappingFormProps {
  readonly source: string;
  /** The message beside it: its fields are offered. */
  readonly payload: string;
  readonly readOnly: boolean;
  readonly change: (source: string) => void;
}

/** The usual case as a table: which field of the message is which metric, in which unit. Every change is written into the text. */
export function MappingForm({ source, payload, readOnly, change }: MappingFormProps) {
  const known = useKnownMetrics();
  const rows = rowsOf(source);
  if (rows === null) return <Nothing title={t('mapping.unreadable')} />;
  const leaves = leavesOf(payload);
  const taken = new Set(rows.map(({ from }) => from));
  const free = leaves.filter(({ pointer }) => !taken.has(pointer));
  const set = (row: Row, part: Partial<Row>) => change(withRow(source, row.metric, part));
  const add = (pointer: string, value: unknown) => {
    const metric = nameOf(pointer);
    const match = known.get(metric);
    change(
      withNewRow(
        source,
        {
          ...BLANK,
          metric,
          from: pointer,
          type: typeof value === 'boolean' ? 'boolean' : typeof value === 'string' ? 'text' : 'number',
          ...(match && { unit: match.unit, title: match.zh, min: match.min, max: match.max }),
        },
        match?.en ?? '',
      ),
    );
  };
  return (
    <fieldset className="mapping" disabled={readOnly}>
      <Table<Row>
        size="small"
        rowKey="metric"
        pagination={false}
        scroll={{ x: 'max-content' }}
        dataSource={rows}
        locale={{ emptyText: t('mapping.none') }}
        columns={[
          {
            title: t('mapping.from'),
            render: (_, row) =>
              row.from === null ? (
                <span className="quiet">{t('mapping.inText')}</span>
              ) : (
                <AutoComplete
                  value={row.from}
                  aria-label={t('mapping.from')}
                  options={leaves.map(({ pointer }) => ({ value: pointer }))}
                  onChange={(from: string) => set(row, { from })}
                  style={{ inlineSize: 128 }}
                />
              ),
          },
          {
            title: t('mapping.metric'),
            render: (_, row) => (
              <Settling
                value={row.metric}
                label={t('mapping.metric')}
                fits={(text) =>
                  /^[A-Za-z][A-Za-z0-9_]{0,63}$/.test(text) && !rows.some(({ metric }) => metric === text)
                }
                set={(metric) => set(row, { metric })}
              />
            ),
          },
          {
            title: t('mapping.title'),
            render: (_, row) => (
              <Settling
                value={row.title}
                label={t('mapping.title')}
                fits={(text) => text !== ''}
                set={(title) => set(row, { title })}
              />
            ),
          },
          {
            title: t('mapping.type'),
            render: (_, row) => (
              <Select
                value={row.type}
                aria-label={t('mapping.type')}
                onChange={(type) => set(row, type === 'number' ? { type, unit: row.unit || '1' } : { type })}
                options={(['number', 'text', 'boolean'] as const).map((value) => ({
                  value,
                  label: t(`mapping.${value}`),
                }))}
              />
            ),
          },
          {
            title: t('mapping.unit'),
            render: (_, row) =>
              row.type === 'number' && (
                <Select
                  showSearch
                  value={row.unit}
                  aria-label={t('mapping.unit')}
                  onChange={(unit) => set(row, { unit })}
                  options={UNITS.map((value) => ({ value, label: unitOf(value) || value }))}
                  popupMatchSelectWidth={false}
                  style={{ minInlineSize: 72 }}
                />
              ),
          },
          ...(['scale', 'min', 'max'] as const).map((name) => ({
            title: t(`mapping.${name}`),
            render: (_: unknown, row: Row) =>
              row.type === 'number' && (
                <InputNumber
                  value={row[name]}
                  aria-label={t(`mapping.${name}`)}
                  changeOnBlur
                  controls={false}
                  onChange={(value) => set(row, { [name]: value })}
                  style={{ inlineSize: 60 }}
                />
              ),
          })),
          {
            title: t('mapping.required'),
            render: (_, row) => (
              <Checkbox
                checked={row.required}
                aria-label={t('mapping.required')}
                onChange={({ target }) => set(row, { required: target.checked })}
              />
            ),
          },
          {
            title: '',
            render: (_, row) =>
              !readOnly && (
                <Button size="small" type="link" onClick={() => change(withoutRow(source, row.metric))}>
                  {t('mapping.remove')}
                </Button>
              ),
          },
        ]}
      />
      {free.length > 0 && !readOnly && (
        <div className="mapping-free">
          <span className="quiet">{t('mapping.free')}</span>
          {free.map(({ pointer, value }) => (
            <Button key={pointer} size="small" onClick={() => add(pointer, value)}>
              + {pointer} = {JSON.stringify(value)?.slice(0, 24)}
            </Button>
          ))}
        </div>
      )}
      <p className="quiet">{t('mapping.hint')}</p>
    </fieldset>
  );
}

const BLANK = { unit: '1', scale: null, min: null, max: null, required: false, title: '' } as const;
const UNITS: readonly string[] = unitsOf(SCHEMA) ?? [];

function unitsOf(node: unknown): string[] | null {
  if (typeof node !== 'object' || node === null) return null;
  if ('enum' in node && Array.isArray(node.enum) && node.enum.includes('Cel')) return node.enum.map(String);
  for (const inner of Object.values(node)) {
    const found = unitsOf(inner);
    if (found) return found;
  }
  return null;
}

interface SettlingProps {
  readonly value: string;
  readonly label: string;
  readonly fits: (text: string) => boolean;
  readonly set: (text: string) => void;
}

/** Written down when somebody leaves the field: a name half typed is no name. */
function Settling({ value, label, fits, set }: SettlingProps) {
  return (
    <Input
      key={value}
      defaultValue={value}
      aria-label={label}
      style={{ inlineSize: 112 }}
      onPressEnter={({ currentTarget }) => currentTarget.blur()}
      onBlur={({ target }) => {
        const text = target.value.trim();
        if (text !== value && fits(text)) set(text);
      }}
    />
  );
}

interface KnownMetric {
  readonly zh: string;
  readonly en: string;
  readonly unit: string;
  readonly min: number | null;
  readonly max: number | null;
}

/** Metrics of the street's own types: the same thing gets the same name, unit and limits. */
function useKnownMetrics(): ReadonlyMap<string, KnownMetric> {
  const found = useQuery({
    queryKey: ['lists', 'known-metrics'],
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
    queryFn: async () => {
      const { items } = await body(
        api.GET('/api/v1/device-types', { params: { query: { q: 'generic/', limit: 50 } } }),
      );
      const types = await Promise.all(
        items.map(({ id }) => body(api.GET('/api/v1/device-types/{id}', { params: { path: { id } } }))),
      );
      return types.flatMap(({ definition }) => Object.entries((definition as Defined).metrics ?? {}));
    },
  });
  return new Map(
    (found.data ?? []).map(([name, { title, unit = '1', min = null, max = null }]) => [
      name,
      { zh: title.zh, en: title.en, unit, min, max },
    ]),
  );
}

interface Defined {
  readonly metrics?: Readonly<
    Record<string, { title: { zh: string; en: string }; unit?: string; min?: number | null; max?: number | null }>
  >;
}
