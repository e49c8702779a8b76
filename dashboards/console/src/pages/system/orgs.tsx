import { Link } from '@tanstack/react-router';
import { Button, Input, Table } from 'antd';
import { useMemo, useState } from 'react';
import type { Answer } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { t, tCode } from '../../language.ts';
import { useFilters } from '../../parts/filters.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { Nothing } from '../../parts/nothing.tsx';
import { Page } from '../../parts/page.tsx';
import { ContactWords } from './fields.tsx';
import { useOrgs } from './lists.ts';
import { useLevelNames, useOrgThing } from './org-thing.tsx';
import { type Branch, branchesOf } from './org-tree.ts';
import { Opens } from './thing.tsx';

type Org = Answer<'Org'>;
const NONE: readonly Org[] = [];

/** The tree by which everything is told apart: areas of five levels, and the departments in them. */
export default function Orgs() {
  const orgs = useOrgs();
  const all = orgs.data ?? NONE;
  const [{ q = '' }, change] = useFilters();
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const tree = useMemo(() => branchesOf(all, q), [all, q]);
  const level = useLevelNames();
  const may = useMay();
  const { open, mayCreate, drawer } = useOrgThing(all);
  return (
    <Page
      title={t('nav.orgs')}
      guide="admin-guide"
      actions={
        mayCreate && (
          <Button type="primary" onClick={() => open(null)}>
            {t('orgs.add')}
          </Button>
        )
      }
    >
      <div className="filters">
        <Input.Search
          allowClear
          className="filter-search"
          placeholder={t('thing.search')}
          aria-label={t('thing.search')}
          defaultValue={q}
          onSearch={(text) => change({ q: text.trim() })}
        />
        <span className="quiet">
          {t('orgs.count', {
            areas: all.filter(({ kind }) => kind === 'area').length,
            departments: all.filter(({ kind }) => kind === 'department').length,
          })}
        </span>
      </div>
      <Loaded query={orgs}>
        {() => (
          <Table<Branch>
            size="small"
            rowKey="id"
            pagination={false}
            scroll={{ x: 'max-content' }}
            sticky
            dataSource={[...tree]}
            expandable={{
              expandedRowKeys: all.filter(({ id }) => !closed.has(id)).map(({ id }) => id),
              onExpand: (expanded, { id }) => {
                const next = new Set(closed);
                if (expanded) next.delete(id);
                else next.add(id);
                setClosed(next);
              },
            }}
            onRow={(row) => ({ onClick: () => open(row), className: 'opens' })}
            locale={{ emptyText: <Nothing title={t(q ? 'list.empty' : 'orgs.none')} /> }}
            columns={[
              { title: t('orgs.name'), render: (_, row) => <Opens name={row.name} onOpen={() => open(row)} /> },
              {
                title: t('orgs.kind'),
                render: (_, row) => (row.kind === 'area' ? level(row.level) : tCode('orgKind', row.kind)),
              },
              { title: t('orgs.code'), render: (_, { code }) => code ?? '' },
              { title: t('thing.id'), render: (_, { id }) => <code>{id}</code> },
              { title: t('orgs.responsible'), render: (_, { responsible }) => <ContactWords of={responsible} /> },
              { title: t('orgs.contact'), render: (_, { contact }) => <ContactWords of={contact} /> },
              {
                title: t('orgs.boundary'),
                render: (_, { id, kind, boundary }) => {
                  if (kind !== 'area') return null;
                  const words = boundary
                    ? t('orgs.corners', { n: (boundary.coordinates[0]?.length ?? 1) - 1 })
                    : t('orgs.unbound');
                  if (!may('orgs', 'update') || !may('devices', 'read')) return <span className="quiet">{words}</span>;
                  return (
                    <Link to="/map" search={{ mode: 'draw', org: id }} onClick={(event) => event.stopPropagation()}>
                      {words}
                    </Link>
                  );
                },
              },
            ]}
          />
        )}
      </Loaded>
      {drawer}
    </Page>
  );
}
