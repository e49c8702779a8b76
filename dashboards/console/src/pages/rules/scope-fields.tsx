import { useQuery } from '@tanstack/react-query';
import { Form, Select } from 'antd';
import { useDeferredValue, useState } from 'react';
import { api, body } from '../../api/client.ts';
import { t, tCode } from '../../language.ts';
import { inWords } from '../../parts/in-words.ts';
import { NamedSelects } from '../../parts/named-selects.tsx';
import type { QuietScope } from './quiet-kinds.ts';

/** As it stands in the form: empty lists too, labels as `name=value`. */
export type Scope = Readonly<Partial<Record<Exclude<keyof QuietScope, 'labels'> | 'labels', string[]>>>;
const NAMED = ['orgs', 'sites', 'modules', 'vendors'] as const;

/** The scope as the gateway takes it: what is empty does not narrow. */
export function scopeOf(scope: Scope = {}): QuietScope {
  const { labels = [], ...lists } = scope;
  const pairs = labels.flatMap((one) => {
    const [name = '', ...value] = one.split('=');
    return name && value.length > 0 ? [[name.trim(), value.join('=').trim()] as const] : [];
  });
  return {
    ...Object.fromEntries(Object.entries(lists).filter(([, ids]) => ids && ids.length > 0)),
    ...(pairs.length > 0 && { labels: Object.fromEntries(pairs) }),
  };
}

/** For whom: a device must be in each list that is not empty. */
export function ScopeFields() {
  return (
    <fieldset className="scope-fields">
      <legend>{t('quiet.scope')}</legend>
      <p className="quiet">{t('quiet.scope.hint')}</p>
      <Form.Item name={['scope', 'devices']} label={tCode('scopePart', 'devices')}>
        <Devices />
      </Form.Item>
      {NAMED.map((of) => (
        <Form.Item key={of} name={['scope', of]} label={tCode('scopePart', of)}>
          <NamedSelects of={of} />
        </Form.Item>
      ))}
      <Form.Item name={['scope', 'types']} label={tCode('scopePart', 'types')}>
        <Types />
      </Form.Item>
      <Form.Item name={['scope', 'labels']} label={tCode('scopePart', 'labels')} extra={t('quiet.labels.hint')}>
        <Select mode="tags" open={false} suffixIcon={null} tokenSeparators={[',', ' ']} />
      </Form.Item>
    </fieldset>
  );
}

interface Several {
  readonly value?: string[];
  readonly onChange?: (ids: string[]) => void;
  readonly id?: string;
}

function Devices(props: Several) {
  const [typed, setTyped] = useState('');
  const q = useDeferredValue(typed.trim());
  const found = useQuery({
    queryKey: ['devices', 'select', q],
    queryFn: () => body(api.GET('/api/v1/devices', { params: { query: { limit: 20, ...(q && { q }) } } })),
    placeholderData: (before) => before,
  });
  return (
    <Select<string[]>
      mode="multiple"
      allowClear
      showSearch={{ onSearch: setTyped, filterOption: false }}
      popupMatchSelectWidth={false}
      loading={found.isFetching}
      {...props}
      options={(found.data?.items ?? []).map(({ id, name }) => ({ value: id, label: `${name} · ${id}` }))}
    />
  );
}

function Types(props: Several) {
  const { options } = useDeviceTypes();
  return (
    <Select<string[]>
      mode="multiple"
      allowClear
      showSearch={{ optionFilterProp: 'label' }}
      popupMatchSelectWidth={false}
      {...props}
      options={options}
    />
  );
}

/** Device types to choose from, by their title. */
export function useDeviceTypes() {
  const types = useQuery({
    queryKey: ['names', 'deviceTypes'],
    queryFn: () => body(api.GET('/api/v1/device-types')),
    staleTime: 5 * 60_000,
  });
  return {
    options: (types.data?.items ?? []).map(({ id, title }) => ({ value: id, label: `${inWords(title)} · ${id}` })),
    name: (id: string) => {
      const title = types.data?.items.find((one) => one.id === id)?.title;
      return title ? inWords(title) : id;
    },
  };
}
