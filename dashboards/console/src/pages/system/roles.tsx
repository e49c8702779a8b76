import { useQuery } from '@tanstack/react-query';
import { Button, Table, Tabs } from 'antd';
import { useState } from 'react';
import { type Answer, api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { language, t, tCode } from '../../language.ts';
import { ExportButton } from '../../parts/export-button.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Page } from '../../parts/page.tsx';
import { RoleEditor } from './role-editor.tsx';
import { RoleHistory } from './role-history.tsx';
import { differs, type RoleRights } from './role-rights.ts';
import './roles.css';
import './system.css';

type Role = Answer<'Role'>;

/** Role × resource × action: what each may do, and where that is not what ships. */
export default function Roles() {
  const may = useMay();
  const table = useQuery({ queryKey: ['lists', 'roles'], queryFn: () => body(api.GET('/api/v1/roles')) });
  const [editing, setEditing] = useState<Role | null>(null);
  return (
    <Page
      title={t('nav.roles')}
      guide="access"
      actions={may('roles', 'export') && <ExportButton title={t('roles.export')} address="/api/v1/roles/export" />}
    >
      <Tabs
        items={[
          {
            key: 'table',
            label: t('roles.table'),
            children: (
              <Loaded query={table}>
                {(data) => (
                  <>
                    <Matrix {...data} open={setEditing} />
                    <RoleEditor key={editing?.id ?? ''} table={data} role={editing} close={() => setEditing(null)} />
                  </>
                )}
              </Loaded>
            ),
          },
          { key: 'history', label: t('roles.history'), children: <RoleHistory names={table.data} /> },
        ]}
      />
    </Page>
  );
}

type TableData = Readonly<{
  roles: readonly Role[];
  resources: readonly { id: string; name: { zh: string; en: string } }[];
  actions: readonly { id: string; name: { zh: string; en: string } }[];
}>;

function Matrix({ roles, resources, actions, open }: TableData & { open: (role: Role) => void }) {
  const may = useMay();
  const spoken = (name: { zh: string; en: string }) => (language() === 'en' ? name.en : name.zh);
  return (
    <>
      <p className="role-legend">
        {actions.map(({ id, name }) => (
          <span key={id}>
            <b>{tCode('actionSign', id)}</b> {spoken(name)}
          </span>
        ))}
        <span>
          <i className="right changed">{tCode('actionSign', 'read')}</i> {t('roles.given')}
        </span>
        <span>
          <i className="right taken">{tCode('actionSign', 'read')}</i> {t('roles.taken')}
        </span>
      </p>
      <Table
        size="small"
        rowKey="id"
        className="role-table"
        pagination={false}
        sticky
        scroll={{ x: 'max-content' }}
        dataSource={[...resources]}
        columns={[
          {
            title: t('roles.resource'),
            fixed: 'start',
            render: (_, resource) => spoken(resource.name),
          },
          ...roles.map((role) => ({
            key: role.id,
            title: (
              <div className="role-head">
                {spoken(role.name)}
                {role.changeable && may('roles', 'update') ? (
                  <Button
                    size="small"
                    onClick={() => open(role)}
                    aria-label={t('roles.edit', { role: spoken(role.name) })}
                  >
                    {t('roles.change')}
                  </Button>
                ) : (
                  !role.changeable && <span className="quiet">{t('roles.fixed')}</span>
                )}
              </div>
            ),
            render: (_: unknown, { id }: { id: string }) => <Rights role={role} resource={id} actions={actions} />,
          })),
        ]}
      />
    </>
  );
}

/** What one role may do with one thing, as signs in a fixed order; a change against what ships is marked. */
function Rights({ role, resource, actions }: { role: Role; resource: string; actions: TableData['actions'] }) {
  const has = (role.rights as RoleRights)[resource] ?? [];
  const { given, taken } = differs(role, resource);
  if (has.length === 0 && taken.length === 0) return <span className="quiet">{t('roles.nothing')}</span>;
  return (
    <span className="rights">
      {actions.map(({ id, name }) => {
        const sign = tCode('actionSign', id);
        const words = language() === 'en' ? name.en : name.zh;
        if (taken.includes(id))
          return (
            <i key={id} className="right taken" title={`${words} · ${t('roles.taken')}`}>
              {sign}
            </i>
          );
        if (!has.includes(id as never)) return null;
        return given.includes(id) ? (
          <i key={id} className="right changed" title={`${words} · ${t('roles.given')}`}>
            {sign}
          </i>
        ) : (
          <i key={id} className="right" title={words}>
            {sign}
          </i>
        );
      })}
    </span>
  );
}
