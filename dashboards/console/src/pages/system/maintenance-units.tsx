import { Form, Input } from 'antd';
import { type Answer, api, body } from '../../api/client.ts';
import { t } from '../../language.ts';
import { DayField } from '../../parts/day-field.tsx';
import { ContractEnd } from './contract-end.tsx';
import { ContactFields, ContactWords, IdField, needed } from './fields.tsx';
import { forChange, forCreate } from './input.ts';
import type { Thing } from './thing.tsx';
import { ThingsPage } from './things-page.tsx';

type Unit = Answer<'Org'>;
type Input_ = Partial<Unit>;

/** Firms that repair, with how long their contract goes. */
export default function MaintenanceUnits() {
  const at = (id: string) => ({ params: { path: { id } } });
  const thing: Thing<Unit, Input_> = {
    resource: 'maintenanceUnits',
    title: (row) => row?.name ?? t('units.add'),
    initial: (row) => row ?? {},
    fields: (row) => (
      <>
        {!row && <IdField />}
        <Form.Item name="name" label={t('units.name')} rules={needed}>
          <Input maxLength={100} />
        </Form.Item>
        <Form.Item name="code" label={t('orgs.code')}>
          <Input maxLength={100} />
        </Form.Item>
        <div className="fields-row">
          <DayField name="contractFrom" label={t('units.from')} />
          <DayField name="contractTo" label={t('units.to')} />
        </div>
        <ContactFields name="responsible" label={t('orgs.responsible')} extra={t('units.responsible.rule')} />
        <ContactFields name="contact" label={t('orgs.contact')} />
      </>
    ),
    create: (input) => api.POST('/api/v1/maintenance-units', { body: forCreate(input) }),
    change: ({ id }, input) => api.PATCH('/api/v1/maintenance-units/{id}', { ...at(id), body: forChange(input) }),
    remove: {
      act: ({ id }) => api.DELETE('/api/v1/maintenance-units/{id}', at(id)),
      consequence: ({ name }) => t('units.remove.consequence', { name }),
    },
    stale: [
      ['lists', 'units'],
      ['names', 'maintenanceUnits'],
    ],
  };
  return (
    <ThingsPage
      title={t('nav.maintenanceUnits')}
      guide="maintenance"
      add={t('units.add')}
      thing={thing}
      of={['lists', 'units']}
      read={(query) => body(api.GET('/api/v1/maintenance-units', { params: { query } }))}
      name={{ title: t('units.name'), of: ({ name }) => name }}
      columns={[
        { title: t('thing.id'), dataIndex: 'id', render: (id: string) => <code>{id}</code> },
        { title: t('orgs.responsible'), render: (_, { responsible }) => <ContactWords of={responsible} /> },
        { title: t('orgs.contact'), render: (_, { contact }) => <ContactWords of={contact} /> },
        {
          title: t('units.from'),
          render: (_, { contractFrom }) => contractFrom ?? <span className="quiet">{t('thing.none')}</span>,
        },
        { title: t('units.to'), render: (_, { contractTo }) => <ContractEnd on={contractTo} /> },
      ]}
      empty={{ title: t('units.none') }}
    />
  );
}
