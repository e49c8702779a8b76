import { useQuery } from '@tanstack/react-query';
import { Select } from 'antd';
import { api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { language, t } from '../../language.ts';
import { whole } from '../../parts/whole.ts';

interface TypeSelectProps {
  readonly value: string | undefined;
  readonly onChange: (id: string | undefined) => void;
}

/** One device type by its name or id. */
export function TypeSelect({ value, onChange }: TypeSelectProps) {
  const may = useMay();
  const types = useQuery({
    queryKey: ['names', 'types'],
    enabled: may('deviceTypes', 'read'),
    queryFn: async () => ({
      items: await whole((query) => body(api.GET('/api/v1/device-types', { params: { query } }))),
    }),
    staleTime: 5 * 60_000,
  });
  if (!may('deviceTypes', 'read')) return null;
  return (
    <Select
      allowClear
      showSearch={{ optionFilterProp: 'label' }}
      className="report-select"
      popupMatchSelectWidth={false}
      aria-label={t('quality.type')}
      placeholder={t('quality.type')}
      {...(value !== undefined && { value })}
      onChange={onChange}
      options={(types.data?.items ?? []).map(({ id, title }) => ({
        value: id,
        label: `${language() === 'en' ? title.en : title.zh} · ${id}`,
      }))}
    />
  );
}
