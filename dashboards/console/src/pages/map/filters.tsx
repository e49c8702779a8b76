import { useQuery } from '@tanstack/react-query';
import { Button, Input, Select } from 'antd';
import { api, body } from '../../api/client.ts';
import { language, t } from '../../language.ts';
import { NamedSelect } from '../../parts/named-select.tsx';
import { whole } from '../../parts/whole.ts';

interface MapFiltersProps {
  readonly filters: Readonly<Record<string, string | undefined>>;
  readonly change: (more: Readonly<Record<string, string | undefined>>) => void;
}

const NAMED = [
  ['module', 'modules'],
  ['orgId', 'orgs'],
  ['vendorId', 'vendors'],
] as const;
const TOOLS: readonly string[] = ['mode', 'org'];

/** The filters of the devices' list under the same names, so that both show the same. */
export function MapFilters({ filters, change }: MapFiltersProps) {
  const types = useQuery({
    queryKey: ['names', 'deviceTypes'],
    queryFn: async () => ({
      items: await whole((query) => body(api.GET('/api/v1/device-types', { params: { query } }))),
    }),
    staleTime: 300_000,
    retry: false,
  });
  const any = Object.entries(filters).some(([name, value]) => value && !TOOLS.includes(name));
  const none = Object.fromEntries(
    Object.keys(filters)
      .filter((name) => !TOOLS.includes(name))
      .map((name) => [name, undefined]),
  );
  return (
    <search className="filters">
      <Input.Search
        key={filters.q ?? ''}
        allowClear
        className="map-words"
        defaultValue={filters.q ?? ''}
        placeholder={t('map.filter.q')}
        aria-label={t('map.filter.q')}
        onSearch={(q) => change({ q: q.trim() })}
      />
      <Select
        allowClear
        placeholder={t('map.filter.kind')}
        aria-label={t('map.filter.kind')}
        value={filters.kind ?? null}
        onChange={(kind: string | null) => change({ kind: kind ?? undefined })}
        options={(['camera', 'other'] as const).map((kind) => ({ value: kind, label: t(`map.kind.${kind}`) }))}
      />
      <Select
        allowClear
        showSearch={{ optionFilterProp: 'label' }}
        popupMatchSelectWidth={false}
        className="map-select"
        placeholder={t('map.filter.type')}
        aria-label={t('map.filter.type')}
        value={filters.type ?? null}
        onChange={(type: string | null) => change({ type: type ?? undefined })}
        options={(types.data?.items ?? []).map(({ id, title }) => ({
          value: id,
          label: language() === 'en' ? title.en : title.zh,
        }))}
      />
      {NAMED.map(([name, of]) => (
        <NamedSelect
          key={name}
          of={of}
          className="map-select"
          placeholder={t(`map.filter.${name}`)}
          aria-label={t(`map.filter.${name}`)}
          value={filters[name] ?? null}
          onChange={(id) => change({ [name]: id ?? undefined })}
        />
      ))}
      {any && <Button onClick={() => change(none)}>{t('list.clear')}</Button>}
    </search>
  );
}
