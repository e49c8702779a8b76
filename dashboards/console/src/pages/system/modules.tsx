import { Form, Input, Select } from 'antd';
import { type Answer, api, body } from '../../api/client.ts';
import { language, t } from '../../language.ts';
import { Mark } from '../../parts/mark.tsx';
import { IdField, needed } from './fields.tsx';
import { forChange, forCreate } from './input.ts';
import { useOrgs } from './lists.ts';
import type { Thing } from './thing.tsx';
import { ThingsPage } from './things-page.tsx';

type Module = Answer<'Module'>;
type Input_ = Pick<Module, 'id' | 'name'> & { leadOrgId?: string | null; cooperatingOrgIds?: string[] };

/** Who leads and who helps, module by module: this is also who sees what. */
export default function Modules() {
  const orgs = useOrgs().data ?? [];
  const nameOf = (id: string | null) => orgs.find((one) => one.id === id)?.name ?? id ?? '';
  const options = orgs.filter(({ kind }) => kind === 'department').map(({ id, name }) => ({ value: id, label: name }));
  const at = (id: string) => ({ params: { path: { id } } });
  const thing: Thing<Module, Input_> = {
    resource: 'modules',
    title: (row) => (row ? t('modules.edit', { name: row.name.zh }) : t('modules.add')),
    initial: (row) => row ?? { cooperatingOrgIds: [] },
    fields: (row) => (
      <>
        {!row && <IdField required />}
        <div className="fields-row">
          <Form.Item name={['name', 'zh']} label={t('modules.nameZh')} rules={needed}>
            <Input maxLength={100} />
          </Form.Item>
          <Form.Item name={['name', 'en']} label={t('modules.nameEn')} rules={needed}>
            <Input maxLength={100} />
          </Form.Item>
        </div>
        <Form.Item name="leadOrgId" label={t('modules.lead')} extra={t('modules.lead.rule')}>
          <Select allowClear showSearch={{ optionFilterProp: 'label' }} options={options} />
        </Form.Item>
        <Form.Item name="cooperatingOrgIds" label={t('modules.cooperating')} extra={t('modules.cooperating.rule')}>
          <Select mode="multiple" showSearch={{ optionFilterProp: 'label' }} options={options} />
        </Form.Item>
      </>
    ),
    create: (input) => api.POST('/api/v1/modules', { body: forCreate(input) }),
    change: ({ id }, input) => api.PATCH('/api/v1/modules/{id}', { ...at(id), body: forChange(input) }),
    brings: (row, { leadOrgId = null, cooperatingOrgIds = [] }) =>
      leadOrgId !== row.leadOrgId || [...cooperatingOrgIds].sort().join() !== [...row.cooperatingOrgIds].sort().join()
        ? t('modules.brings')
        : null,
    remove: {
      act: ({ id }) => api.DELETE('/api/v1/modules/{id}', at(id)),
      consequence: (row) => t('modules.remove.consequence', { name: row.name.zh }),
    },
    stale: [
      ['lists', 'modules'],
      ['names', 'modules'],
    ],
  };
  return (
    <ThingsPage
      title={t('nav.modules')}
      guide="admin-guide"
      add={t('modules.add')}
      thing={thing}
      of={['lists', 'modules']}
      read={(query) => body(api.GET('/api/v1/modules', { params: { query } }))}
      name={{ title: t('modules.name'), of: ({ name }) => (language() === 'en' ? name.en : name.zh) }}
      words={<p className="quiet">{t('modules.words')}</p>}
      columns={[
        { title: t('thing.id'), dataIndex: 'id', render: (id: string) => <code>{id}</code> },
        {
          title: t('modules.lead'),
          render: (_, { leadOrgId }) =>
            leadOrgId ? nameOf(leadOrgId) : <Mark tone="warning" shape="triangle" label={t('modules.noLead')} />,
        },
        {
          title: t('modules.cooperating'),
          render: (_, { cooperatingOrgIds }) => (
            <span className="wrapped">{cooperatingOrgIds.map(nameOf).join(t('list.comma'))}</span>
          ),
        },
      ]}
      empty={{ title: t('modules.none') }}
    />
  );
}
