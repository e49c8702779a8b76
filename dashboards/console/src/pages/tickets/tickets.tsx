import { Button, Input, Segmented } from 'antd';
import { useState } from 'react';
import { useMay } from '../../app/rights.ts';
import { t, tCode } from '../../language.ts';
import { ChoiceSelect } from '../../parts/choice-select.tsx';
import { DeviceSelect } from '../../parts/device-select.tsx';
import { ExportButton } from '../../parts/export-button.tsx';
import { useFilters } from '../../parts/filters.ts';
import { NamedSelect } from '../../parts/named-select.tsx';
import { Page } from '../../parts/page.tsx';
import { SavedFilters } from '../../parts/saved-filters.tsx';
import { Board } from './board.tsx';
import { Create } from './create.tsx';
import { FilterTags } from './filter-tags.tsx';
import { List } from './list.tsx';
import { CHOICES, FILTERS, queryOf, textsOf } from './query.ts';
import { Views } from './views.tsx';
import './tickets.css';

const STORED = 'cgw.tickets.as';
const WAYS = ['board', 'list'] as const;
type Way = (typeof WAYS)[number];

/** All tickets one may see: as a board by stage or as a list, by the same filters. */
export default function Tickets() {
  const may = useMay();
  const [filters, change] = useFilters();
  const [stored, setStored] = useState<Way>(() => WAYS.find((one) => one === localStorage.getItem(STORED)) ?? 'board');
  // An address may say it, too: figures of reports lead to lists.
  const way = WAYS.find((one) => one === filters.view) ?? stored;
  const [creating, setCreating] = useState(false);
  const clear = () => change(Object.fromEntries(Object.keys(filters).map((name) => [name, undefined])));
  const choose = (view: Readonly<Record<string, string | undefined>>) =>
    change({ ...Object.fromEntries(Object.keys(filters).map((name) => [name, undefined])), ...view });
  const query = queryOf(filters);
  const show = (next: Way) => {
    localStorage.setItem(STORED, next);
    setStored(next);
    if (filters.view) change({ view: undefined });
  };
  const filtered = Object.keys(query).length > 0;
  return (
    <Page
      title={t('tickets.title')}
      guide="tickets"
      actions={
        <>
          <Segmented<Way>
            value={way}
            onChange={show}
            options={WAYS.map((one) => ({ value: one, label: tCode('tickets.as', one) }))}
          />
          {may('tickets', 'export') && (
            <ExportButton
              title={t('tickets.export')}
              address="/api/v1/tickets/export"
              query={textsOf(query)}
              formats={['xlsx', 'csv', 'gb18030']}
            />
          )}
          {may('tickets', 'create') && (
            <Button type="primary" onClick={() => setCreating(true)}>
              {t('tickets.create')}
            </Button>
          )}
        </>
      }
    >
      <Views filters={filters} choose={choose} />
      <div className="filters">
        <Input.Search
          className="filter-text"
          allowClear
          defaultValue={filters.q ?? ''}
          key={filters.q ?? ''}
          placeholder={t('tickets.search')}
          aria-label={t('tickets.search')}
          onSearch={(q) => change({ q: q.trim() })}
        />
        {(['priority', 'kind'] as const).map((name) => (
          <ChoiceSelect
            key={name}
            label={t(`tickets.${name}`)}
            family={name === 'kind' ? 'ticketKind' : name}
            codes={CHOICES[name]}
            value={filters[name]}
            onChange={(value) => change({ [name]: value })}
          />
        ))}
        {(['modules', 'orgs', 'sites'] as const).map((of) => (
          <NamedSelect
            key={of}
            of={of}
            className="filter-select"
            placeholder={t(`tickets.by.${of}`)}
            aria-label={t(`tickets.by.${of}`)}
            value={filters[PARAMETER[of]]}
            onChange={(value) => change({ [PARAMETER[of]]: value })}
          />
        ))}
        <DeviceSelect
          className="filter-device"
          value={filters.deviceId}
          placeholder={t('tickets.device')}
          aria-label={t('tickets.device')}
          onChange={(value) => change({ deviceId: value })}
        />
        <FilterTags filters={filters} change={change} />
        <SavedFilters list="tickets" names={FILTERS} filters={filters} change={change} />
        {filtered && <Button onClick={clear}>{t('list.clear')}</Button>}
      </div>
      {way === 'board' ? <Board query={query} /> : <List query={query} clear={clear} />}
      {creating && <Create close={() => setCreating(false)} />}
    </Page>
  );
}

const PARAMETER = { modules: 'module', orgs: 'orgId', sites: 'siteId' } as const;
