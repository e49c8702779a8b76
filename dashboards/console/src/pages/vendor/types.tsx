import { Link, useNavigate } from '@tanstack/react-router';
import { Button, Input } from 'antd';
import { type Answer, api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { t } from '../../language.ts';
import { useFilters } from '../../parts/filters.ts';
import { Mark } from '../../parts/mark.tsx';
import { useNames } from '../../parts/names.ts';
import { Page } from '../../parts/page.tsx';
import { ServerTable } from '../../parts/server-table.tsx';
import { say } from './words.ts';
import './vendor.css';

/** What devices say, type by type; a new one begins from nothing or from one that is like it. */
export default function Types() {
  const may = useMay();
  const navigate = useNavigate();
  const [{ q }, change] = useFilters();
  const modules = useNames('modules');
  return (
    <Page
      title={t('types.title')}
      guide="add-device-type"
      actions={
        may('deviceTypes', 'create') && (
          <Button type="primary" onClick={() => navigate({ to: '/types/$id', params: { id: 'new' } })}>
            {t('types.new')}
          </Button>
        )
      }
    >
      <div className="filters vendor-filters">
        <Input.Search
          allowClear
          defaultValue={q}
          placeholder={t('types.search')}
          aria-label={t('types.search')}
          onSearch={(text) => change({ q: text.trim() })}
        />
      </div>
      <ServerTable<Answer<'DeviceType'>>
        of={['lists', 'types', q]}
        rowKey="id"
        read={(page) => body(api.GET('/api/v1/device-types', { params: { query: { ...page, ...(q && { q }) } } }))}
        onOpen={({ id }) => void navigate({ to: '/types/$id', params: { id } })}
        empty={{ title: t('types.none'), next: t('types.none.next') }}
        columns={[
          {
            title: t('types.name'),
            render: (_, { id, title }) => (
              <>
                <Link to="/types/$id" params={{ id }} onClick={(event) => event.stopPropagation()}>
                  {say(title)}
                </Link>
                <div className="quiet">{id}</div>
              </>
            ),
          },
          { title: t('types.module'), render: (_, { module }) => modules.name(module) },
          { title: t('types.adapter'), render: (_, { adapter }) => adapter.toUpperCase() },
          { title: t('types.origin'), render: (_, { builtIn }) => t(builtIn ? 'types.builtIn' : 'types.uploaded') },
          {
            title: t('types.state'),
            render: (_, { approved }) =>
              approved ? (
                <Mark tone="good" shape="disc" label={t('types.approved')} />
              ) : (
                <Mark tone="warning" shape="ring" label={t('types.unapproved')} />
              ),
          },
          {
            title: t('types.actions'),
            render: (_, { id }) =>
              may('deviceTypes', 'create') && (
                <Link
                  to="/types/$id"
                  params={{ id: 'new' }}
                  search={{ like: id }}
                  onClick={(event) => event.stopPropagation()}
                >
                  {t('types.like')}
                </Link>
              ),
          },
        ]}
      />
    </Page>
  );
}
