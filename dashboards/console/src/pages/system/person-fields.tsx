import { Form, Input, Select } from 'antd';
import type { Answer } from '../../api/client.ts';
import { t, tCode } from '../../language.ts';
import { NamedSelect } from '../../parts/named-select.tsx';
import { useNames } from '../../parts/names.ts';
import { needed } from './fields.tsx';
import { useOrgs } from './lists.ts';

type User = Answer<'User'>;
export type PersonInput = Partial<
  Pick<User, 'username' | 'name' | 'role' | 'orgId' | 'scopeOrgIds' | 'moduleIds' | 'vendorId' | 'phone' | 'email'>
>;
export const ROLES = [
  'admin',
  'dispatcher',
  'lead',
  'cooperating',
  'committee',
  'maintainer',
  'vendor',
  'viewer',
  'auditor',
] as const satisfies readonly User['role'][];
const USERNAME = /^[\p{L}\p{N}][\p{L}\p{N}._@-]+$/u;
/** Roles that see by where they belong. */
const BELONGS = new Set<User['role']>(['lead', 'cooperating', 'committee', 'maintainer']);

/** Fields of a person; which organisation can be chosen follows from the role. */
export function PersonFields({ row }: { row: User | null }) {
  const orgs = useOrgs().data ?? [];
  const units = useNames('maintenanceUnits').all;
  const role = Form.useWatch<User['role'] | undefined>('role') ?? row?.role ?? 'dispatcher';
  const places =
    role === 'maintainer'
      ? units
      : orgs.filter(({ kind, level }) => {
          if (role === 'lead' || role === 'cooperating') return kind === 'department';
          return role === 'committee' ? kind === 'area' && (level ?? 0) >= 4 : true;
        });
  const options = places.map(({ id, name }) => ({ value: id, label: name }));
  return (
    <>
      <div className="fields-row">
        {!row && (
          <Form.Item
            name="username"
            label={t('people.username')}
            extra={t('people.username.rule')}
            rules={[
              { required: true, min: 2 },
              { pattern: USERNAME, message: t('people.username.rule') },
            ]}
          >
            <Input maxLength={64} autoComplete="off" />
          </Form.Item>
        )}
        <Form.Item name="name" label={t('people.name')} rules={needed}>
          <Input maxLength={100} />
        </Form.Item>
      </div>
      <div className="fields-row">
        <Form.Item name="role" label={t('people.role')} extra={t(`people.role.${role}`)} rules={[{ required: true }]}>
          <Select options={ROLES.map((one) => ({ value: one, label: tCode('role', one) }))} />
        </Form.Item>
        {role === 'vendor' ? (
          <Form.Item name="vendorId" label={t('people.vendor')} rules={[{ required: true }]}>
            <NamedSelect of="vendors" />
          </Form.Item>
        ) : (
          <Form.Item name="orgId" label={t('people.org')} rules={[{ required: BELONGS.has(role) }]}>
            <Select allowClear showSearch={{ optionFilterProp: 'label' }} options={options} />
          </Form.Item>
        )}
      </div>
      <div className="fields-row">
        <Form.Item
          name="phone"
          label={t('thing.phone')}
          rules={[{ pattern: /^[0-9+ -]{5,20}$/, message: t('thing.phone.rule') }]}
        >
          <Input maxLength={20} inputMode="tel" />
        </Form.Item>
        <Form.Item name="email" label={t('thing.email')}>
          <Input maxLength={200} inputMode="email" />
        </Form.Item>
      </div>
      {role !== 'admin' && role !== 'vendor' && role !== 'auditor' && (
        <fieldset className="fields-group">
          <legend>{t('people.limits')}</legend>
          <p className="quiet">{t('people.limits.rule')}</p>
          <Form.Item name="scopeOrgIds" label={t('people.scope')}>
            <Select
              mode="multiple"
              allowClear
              showSearch={{ optionFilterProp: 'label' }}
              options={orgs.map(({ id, name }) => ({ value: id, label: name }))}
            />
          </Form.Item>
          <Form.Item name="moduleIds" label={t('people.modules')}>
            <ModulesSelect />
          </Form.Item>
        </fieldset>
      )}
    </>
  );
}

interface ModulesSelectProps {
  readonly value?: string[] | null;
  readonly onChange?: (ids: string[]) => void;
  readonly id?: string;
}

/** Several modules. */
export function ModulesSelect({ value, ...select }: ModulesSelectProps) {
  const { all } = useNames('modules');
  return (
    <Select<string[]>
      mode="multiple"
      allowClear
      showSearch={{ optionFilterProp: 'label' }}
      {...(value && { value })}
      {...select}
      options={all.map(({ id, name }) => ({ value: id, label: name }))}
    />
  );
}
