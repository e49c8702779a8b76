import { useQuery } from '@tanstack/react-query';
import { Select } from 'antd';
import { useDeferredValue, useState } from 'react';
import { api, body } from '../api/client.ts';

interface DeviceSelectProps {
  readonly value?: string | undefined;
  readonly onChange?: (id: string | undefined) => void;
  /** Kind of device, e.g. `camera`. */
  readonly kind?: string;
  readonly id?: string;
  readonly 'aria-label'?: string;
  readonly placeholder?: string;
}

/** One device, found by what people call it: name, nickname, code, address, serial number. */
export function DeviceSelect({ kind, value, ...select }: DeviceSelectProps) {
  const [typed, setTyped] = useState('');
  const q = useDeferredValue(typed.trim());
  const found = useQuery({
    queryKey: ['devices', 'select', kind, q],
    queryFn: () =>
      body(api.GET('/api/v1/devices', { params: { query: { limit: 20, ...(q && { q }), ...(kind && { kind }) } } })),
    placeholderData: (before) => before,
  });
  return (
    <Select
      allowClear
      showSearch={{ onSearch: setTyped, filterOption: false }}
      loading={found.isFetching}
      popupMatchSelectWidth={false}
      {...(value !== undefined && { value })}
      {...select}
      options={(found.data?.items ?? []).map(({ id, name }) => ({ value: id, label: `${name} · ${id}` }))}
    />
  );
}
