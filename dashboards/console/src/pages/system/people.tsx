import { Tag } from 'antd';
import { useState } from 'react';
import { type Answer, api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { t, tCode } from '../../language.ts';
import { ChoiceSelect } from '../../parts/choice-select.tsx';
import { ExportButton } from '../../parts/export-button.tsx';
import { useFilters } from '../../parts/filters.ts';
import { Mark } from '../../parts/mark.tsx';
import { NamedSelect } from '../../parts/named-select.tsx';
import { useNames } from '../../parts/names.ts';
import { Ago } from '../../parts/time.tsx';
import { forChange, forCreate } from './input.ts';
import { useOrgs } from './lists.ts';
import { type Once, ShownOnce } from './once.tsx';
import { PersonBeyond } from './person-beyond.tsx';
import { PersonFields, type PersonInput, ROLES } from './person-fields.tsx';
import type { Thing } from './thing.tsx';
import { ThingsPage } from './things-page.tsx';

type User = Answer<'User'>;

/** A limit that is not drawn is none, whatever the role; `moduleIds: []` would mean nothing at all. */
const limited = ({ scopeOrgIds, moduleIds, ...rest }: PersonInput) => ({
  ...rest,
  scopeOrgIds: scopeOrgIds?.length ? scopeOrgIds : null,
  moduleIds: moduleIds?.length ? moduleIds : null,
});

/** Whoever has an account: what for, where, how far they see. */
export default function People() {
  const [filters, change] = useFilters();
  const [once, setOnce] = useState<Once | null>(null);
  const units = useNames('maintenanceUnits');
  const vendors = useNames('vendors');
  const orgs = useOrgs().data ?? [];
  const may = useMay();
  const orgName = (id: string | null) => orgs.find((one) => one.id === id)?.name ?? units.name(id);
  const at = (id: string) => ({ params: { path: { id } } });
  const asked = {
    ...(filters.role && { role: filters.role as User['role'] }),
    ...(filters.orgId && { orgId: filters.orgId }),
    ...(filters.disabled && { disabled: filters.disabled === 'true' }),
  };
  const shown = ({ user, password }: { user: User; password?: string }) => {
    if (password === undefined) return;
    setOnce({
      title: t('people.password.title', { name: user.name }),
      words: t('people.password.words'),
      values: [
        { label: t('people.username'), value: user.username },
        { label: t('people.password'), value: password },
      ],
    });
  };
  const thing: Thing<User, PersonInput> = {
    resource: 'users',
    title: (row) => (row ? `${row.name} · ${row.username}` : t('people.add')),
    initial: (row) => row ?? { role: 'dispatcher' },
    fields: (row) => <PersonFields row={row} />,
    create: async (input) => {
      const { scopeOrgIds, moduleIds, ...rest } = limited(input);
      const made = await body(
        api.POST('/api/v1/users', {
          body: forCreate({ ...rest, ...(scopeOrgIds && { scopeOrgIds }), ...(moduleIds && { moduleIds }) }),
        }),
      );
      shown(made);
    },
    change: ({ id }, input) => {
      // A role of the other sort leaves behind where somebody belonged.
      const belongs = input.role === 'vendor' ? { orgId: null } : { vendorId: null };
      return api.PATCH('/api/v1/users/{id}', { ...at(id), body: forChange({ ...limited(input), ...belongs }) });
    },
    brings: (row, { role, orgId = null }) =>
      role !== row.role
        ? t('people.role.consequence', { from: tCode('role', row.role), to: tCode('role', role ?? '') })
        : orgId !== row.orgId
          ? t('people.org.consequence', { name: row.name })
          : null,
    beyond: (row, put) => <PersonBeyond user={row} put={put} shown={shown} />,
    stale: [['lists', 'people']],
    width: 560,
  };
  return (
    <>
      <ThingsPage
        title={t('nav.people')}
        guide="access"
        add={t('people.add')}
        thing={thing}
        of={['lists', 'people']}
        read={(query) => body(api.GET('/api/v1/users', { params: { query: { ...query, ...asked } } }))}
        name={{
          title: t('people.name'),
          of: ({ name, username }) => (
            <>
              {name} <span className="quiet">{username}</span>
            </>
          ),
        }}
        actions={
          may('users', 'export') && (
            <ExportButton title={t('people.export')} address="/api/v1/users/export" query={{ ...filters }} />
          )
        }
        filters={
          <>
            <ChoiceSelect
              label={t('people.role')}
              family="role"
              codes={ROLES}
              value={filters.role}
              onChange={(role) => change({ role })}
            />
            <NamedSelect
              of="orgs"
              className="filter-select"
              placeholder={t('people.org')}
              aria-label={t('people.org')}
              value={filters.orgId}
              onChange={(orgId?: string) => change({ orgId })}
            />
            <ChoiceSelect
              label={t('people.state')}
              family="personDisabled"
              codes={['false', 'true']}
              value={filters.disabled}
              onChange={(disabled) => change({ disabled })}
            />
          </>
        }
        columns={[
          { title: t('people.state'), render: (_, row) => <PersonState user={row} /> },
          { title: t('people.role'), render: (_, { role }) => tCode('role', role) },
          {
            title: t('people.org'),
            render: (_, { orgId, vendorId }) => (vendorId ? vendors.name(vendorId) : orgName(orgId)),
          },
          {
            title: t('people.limits'),
            render: (_, { scopeOrgIds, moduleIds }) =>
              scopeOrgIds || moduleIds ? (
                <Tag>{t('people.limited')}</Tag>
              ) : (
                <span className="quiet">{t('people.byRole')}</span>
              ),
          },
          { title: t('thing.phone'), render: (_, { phone }) => phone ?? '' },
          {
            title: t('people.responsibleFor'),
            render: (_, { responsibleFor = [] }) => (
              <span className="wrapped">{responsibleFor.map(orgName).join(t('list.comma'))}</span>
            ),
          },
          {
            title: t('people.secondFactor'),
            render: (_, { secondFactor }) =>
              secondFactor ? (
                <Mark tone="good" shape="disc" label={t('people.secondFactor.on')} />
              ) : (
                <Mark tone="none" shape="ring" label={t('people.secondFactor.off')} />
              ),
          },
          { title: t('people.lastLogin'), render: (_, { lastLoginAt }) => <Ago at={lastLoginAt} /> },
        ]}
        empty={{ title: t('people.none') }}
      />
      <ShownOnce once={once} done={() => setOnce(null)} />
    </>
  );
}

function PersonState({ user: { disabled, mustChangePassword } }: { user: User }) {
  if (disabled) return <Mark tone="none" shape="cross" label={t('people.disabled')} />;
  if (mustChangePassword) return <Mark tone="warning" shape="ring" label={t('people.awaited')} />;
  return <Mark tone="good" shape="disc" label={t('people.active')} />;
}
