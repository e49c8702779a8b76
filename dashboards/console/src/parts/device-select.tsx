import { useQuery } from '@tanstack/react-query';
import { Select } from 'antd';
import { useDeferredValue, useState } from 'react';
import { api, body } from '../api/client.ts';

interface DeviceSelectProps {
  readonly value?: string | undefined;
  readonly onChange?: (id: string | undefined) => void;
  /** Cameras alone, or all but cameras. */
  readonly kind?: 'camera' | 'other';
  readonly id?: string;
  readonly 'aria-label'?: string;
  readonly placeholder?: string;
  readonly className?: string;
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
  const listed = found.data?.items ?? [];
  const one = useQuery({
    queryKey: ['devices', 'select-one', value],
    queryFn: () => body(api.GET('/api/v1/devices/{id}', { params: { path: { id: value ?? '' } } })),
    enabled: value !== undefined && found.isSuccess && !listed.some(({ id }) => id === value),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  const options = listed.some(({ id }) => id === value) || q !== '' || !one.data ? listed : [one.data, ...listed];
  return (
    <Select
      allowClear
      showSearch={{ onSearch: setTyped, filterOption: false }}
      loading={found.isFetching}
      popupMatchSelectWidth={false}
      {...(value !== undefined && { value })}
      {...select}
      options={options.map(({ id, name }) => ({ value: id, label: `${name} · ${id}` }))}
    />
  );
}
