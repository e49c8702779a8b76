import { useQuery } from '@tanstack/react-query';
import { Button, Input, Select } from 'antd';
import { type ReactNode, useEffect, useState } from 'react';
import { api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { language, t, tCode } from '../../language.ts';
import { NamedSelect } from '../../parts/named-select.tsx';
import { whole } from '../../parts/whole.ts';
import { type Address, narrowedBy, SINCE } from './filters.ts';

interface FilterBarProps {
  readonly filters: Address;
  readonly change: (more: Address) => void;
  readonly children?: ReactNode;
}

const LIFECYCLES = ['pending', 'trial', 'active', 'suspended', 'retired', 'rejected'] as const;
const FLAGS = ['neverSeen', 'plannedButSending', 'zombie', 'retirementCandidate', 'clockSkew'] as const;

/** All that the list can be narrowed by; the less usual ones after a click. */
export function FilterBar({ filters, change, children }: FilterBarProps) {
  const may = useMay();
  const rare = ['flag', 'type', 'siteId', 'vendorId', 'maintenanceUnitId', 'since', 'openTicket'] as const;
  const [all, setAll] = useState(rare.some((name) => filters[name]));
  const named = (name: 'orgId' | 'siteId' | 'vendorId' | 'module' | 'maintenanceUnitId') => ({
    value: filters[name],
    onChange: (value: string | undefined) => change({ [name]: value }),
    'aria-label': t(`devices.filter.${name}`),
    placeholder: t(`devices.filter.${name}`),
  });
  const codes = (name: 'lifecycle' | 'flag', values: readonly string[]) => (
    <Select
      mode="multiple"
      allowClear
      maxTagCount="responsive"
      className="filter"
      popupMatchSelectWidth={false}
      aria-label={t(`devices.filter.${name}`)}
      placeholder={t(`devices.filter.${name}`)}
      value={filters[name]?.split(',') ?? []}
      onChange={(chosen: string[]) => change({ [name]: chosen.join(',') })}
      options={values.map((value) => ({ value, label: tCode(name, value) }))}
    />
  );
  const one = (name: 'kind' | 'since' | 'openTicket', values: readonly string[]) => (
    <Select
      allowClear
      className="filter"
      popupMatchSelectWidth={false}
      aria-label={t(`devices.filter.${name}`)}
      placeholder={t(`devices.filter.${name}`)}
      value={filters[name]}
      onChange={(value: string | undefined) => change({ [name]: value })}
      options={values.map((value) => ({ value, label: tCode(`devices.${name}`, value) }))}
    />
  );
  return (
    <search className="filters">
      <Words value={filters['q'] ?? ''} change={(q) => change({ q })} />
      <NamedSelect of="orgs" className="filter" {...named('orgId')} />
      <NamedSelect of="modules" className="filter" {...named('module')} />
      {one('kind', ['camera', 'other'])}
      {codes('lifecycle', LIFECYCLES)}
      {all && (
        <>
          <TypeSelect value={filters['type']} change={(type) => change({ type })} />
          <NamedSelect of="sites" className="filter" {...named('siteId')} />
          {may('vendors', 'read') && <NamedSelect of="vendors" className="filter" {...named('vendorId')} />}
          <NamedSelect of="maintenanceUnits" className="filter" {...named('maintenanceUnitId')} />
          {codes('flag', FLAGS)}
          {one('since', Object.keys(SINCE))}
          {may('tickets', 'read') && one('openTicket', ['true', 'false'])}
        </>
      )}
      <Button type="link" aria-expanded={all} onClick={() => setAll(!all)}>
        {t(all ? 'devices.filter.less' : 'devices.filter.more')}
      </Button>
      {children}
      {Object.keys(narrowedBy(filters)).length > 0 && (
        <Button
          type="link"
          onClick={() => change(Object.fromEntries(Object.keys(filters).map((name) => [name, undefined])))}
        >
          {t('list.clear')}
        </Button>
      )}
    </search>
  );
}

/** What is typed is asked for when the hand rests. */
function Words({ value, change }: { value: string; change: (q: string) => void }) {
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  useEffect(() => {
    if (typed.trim() === value) return;
    const rest = setTimeout(() => change(typed.trim()), 250);
    return () => clearTimeout(rest);
  });
  return (
    <Input.Search
      className="filter-words"
      allowClear
      maxLength={100}
      aria-label={t('devices.filter.q')}
      placeholder={t('devices.filter.q')}
      value={typed}
      onChange={({ target }) => setTyped(target.value)}
      onSearch={(text) => change(text.trim())}
    />
  );
}

/** Types of devices, in the reader's language. */
export function useTypes() {
  return useQuery({
    queryKey: ['names', 'types'],
    queryFn: async () => ({
      items: await whole((query) => body(api.GET('/api/v1/device-types', { params: { query } }))),
    }),
    staleTime: 300_000,
  });
}

function TypeSelect({ value, change }: { value: string | undefined; change: (type: string) => void }) {
  const types = useTypes();
  return (
    <Select
      mode="multiple"
      allowClear
      maxTagCount="responsive"
      className="filter"
      popupMatchSelectWidth={false}
      showSearch={{ optionFilterProp: 'label' }}
      aria-label={t('devices.filter.type')}
      placeholder={t('devices.filter.type')}
      value={value?.split(',') ?? []}
      onChange={(chosen: string[]) => change(chosen.join(','))}
      options={(types.data?.items ?? []).map(({ id, title }) => ({
        value: id,
        label: language() === 'en' ? title.en : title.zh,
      }))}
    />
  );
}
