import { useQuery } from '@tanstack/react-query';
import { Checkbox, Input, InputNumber, Select, Space } from 'antd';
import { api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { t, tCode } from '../../language.ts';
import { NamedSelect } from '../../parts/named-select.tsx';
import { whole } from '../../parts/whole.ts';
import { TimeOfDay } from './time-of-day.tsx';

interface ObjectInputProps {
  readonly value: unknown;
  readonly label: string;
  readonly onChange: (value: unknown) => void;
}
type Fields = Readonly<Record<string, unknown>>;
export const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? { ...value } : {});

/** Shares of a picture's height, above and below. */
export function BandsInput({ value, label, onChange }: ObjectInputProps) {
  const bands = fieldsOf(value);
  return (
    <Space wrap>
      {(['top', 'bottom'] as const).map((side) => (
        <InputNumber
          key={side}
          aria-label={`${label} ${tCode('side', side)}`}
          prefix={tCode('side', side)}
          suffix="%"
          min={0}
          max={30}
          value={Math.round(Number(bands[side]) * 1_000) / 10}
          onChange={(next) => next !== null && onChange({ ...bands, [side]: Number(next) / 100 })}
        />
      ))}
    </Space>
  );
}

/** Numbers that each have a default: what is left empty stays with it. */
export function NumbersInput(props: ObjectInputProps & { family: string; standard: Readonly<Record<string, number>> }) {
  const { value, label, onChange, family, standard } = props;
  const given = fieldsOf(value);
  const set = (name: string, next: number | null) => {
    const { [name]: _, ...rest } = given;
    onChange(next === null ? rest : { ...rest, [name]: next });
  };
  return (
    <details className="setting-numbers" open={Object.keys(given).length > 0}>
      <summary>{t('settings.numbers', { n: Object.keys(given).length, all: Object.keys(standard).length })}</summary>
      {Object.entries(standard).map(([name, usual]) => (
        <div key={name} className="setting-number">
          <span>{tCode(family, name)}</span>
          <InputNumber
            aria-label={`${label} ${tCode(family, name)}`}
            min={0}
            placeholder={String(usual)}
            value={typeof given[name] === 'number' ? given[name] : null}
            onChange={(next) => set(name, next === null ? null : Number(next))}
          />
        </div>
      ))}
    </details>
  );
}

/** Week days and hours in which people work. */
export function WeekInput({ value, label, onChange }: ObjectInputProps) {
  const { days, from = '', to = '' } = fieldsOf(value);
  return (
    <Space wrap>
      <Checkbox.Group
        value={Array.isArray(days) ? days : []}
        options={[1, 2, 3, 4, 5, 6, 7].map((one) => ({ value: one, label: tCode('weekday', String(one)) }))}
        onChange={(next) => onChange({ days: next.map(Number).sort(), from, to })}
      />
      <TimeOfDay
        label={`${label} ${t('rules.from')}`}
        value={String(from)}
        onChange={(next) => onChange({ days, from: next, to })}
      />
      –
      <TimeOfDay
        label={`${label} ${t('rules.to')}`}
        value={String(to)}
        onChange={(next) => onChange({ days, from, to: next })}
      />
    </Space>
  );
}

/** Who gets what has no other handler: an organisation, and a person of it. */
export function DeskInput({ value, label, onChange }: ObjectInputProps) {
  const may = useMay();
  const { orgId, userId } = fieldsOf(value);
  const people = useQuery({
    queryKey: ['lists', 'people', 'desk'],
    queryFn: async () => ({ items: await whole((query) => body(api.GET('/api/v1/users', { params: { query } }))) }),
    enabled: may('users', 'read'),
  });
  return (
    <Space wrap>
      <NamedSelect
        of="orgs"
        aria-label={label}
        className="setting-wide"
        allowClear={false}
        value={String(orgId)}
        onChange={(next) => next && onChange({ orgId: next, userId: null })}
      />
      <Select
        aria-label={`${label} ${t('settings.deskPerson')}`}
        placeholder={t('settings.deskPerson')}
        className="setting-wide"
        allowClear
        showSearch={{ optionFilterProp: 'label' }}
        popupMatchSelectWidth={false}
        {...(typeof userId === 'string' && { value: userId })}
        onChange={(next: string | undefined) => onChange({ orgId, userId: next ?? null })}
        options={(people.data?.items ?? []).map(({ id, name }) => ({ value: id, label: name }))}
      />
    </Space>
  );
}

const SOURCES = ['none', 'xyz', 'tianditu', 'amap'] as const;
const CRS = ['wgs84', 'gcj02'] as const;

/** Whose pictures the map draws under devices. */
export function TilesInput({ value, label, onChange }: ObjectInputProps) {
  const tiles = fieldsOf(value);
  const source = String(tiles.source);
  const text = (name: string) => ({
    'aria-label': `${label} ${tCode('tilesField', name)}`,
    placeholder: tCode('tilesField', name),
    value: typeof tiles[name] === 'string' ? tiles[name] : '',
    onChange: (event: { target: { value: string } }) => {
      const { [name]: _, ...rest } = tiles;
      const next = event.target.value.trim();
      onChange(next === '' && name === 'attribution' ? rest : { ...rest, [name]: next });
    },
  });
  return (
    <div className="setting-stack">
      <Select
        aria-label={label}
        value={source}
        popupMatchSelectWidth={false}
        onChange={(next) => onChange({ source: next })}
        options={SOURCES.map((one) => ({ value: one, label: tCode('tiles', one) }))}
      />
      {source === 'tianditu' && <Input {...text('key')} maxLength={64} />}
      {source === 'xyz' && (
        <>
          <Input {...text('url')} maxLength={300} />
          <Space wrap>
            <Select
              aria-label={`${label} ${tCode('tilesField', 'crs')}`}
              value={typeof tiles.crs === 'string' ? tiles.crs : 'wgs84'}
              popupMatchSelectWidth={false}
              onChange={(crs) => onChange({ ...tiles, crs })}
              options={CRS.map((one) => ({ value: one, label: tCode('crs', one) }))}
            />
            <InputNumber
              aria-label={`${label} ${tCode('tilesField', 'maxZoom')}`}
              prefix={tCode('tilesField', 'maxZoom')}
              min={1}
              max={22}
              value={typeof tiles.maxZoom === 'number' ? tiles.maxZoom : 18}
              onChange={(next) => next !== null && onChange({ ...tiles, maxZoom: Number(next) })}
            />
          </Space>
          <Input {...text('attribution')} maxLength={60} />
        </>
      )}
      {source !== 'none' && <p className="quiet">{t('settings.tilesOutside')}</p>}
    </div>
  );
}
