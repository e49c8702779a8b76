import { Link } from '@tanstack/react-router';
import { Form, Input, Select } from 'antd';
import { type Answer, api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { t } from '../../language.ts';
import { PositionFields } from '../../parts/position-fields.tsx';
import { Ago } from '../../parts/time.tsx';
import { IdField, needed } from './fields.tsx';
import { forChange, forCreate } from './input.ts';
import { useOrgs } from './lists.ts';
import type { Thing } from './thing.tsx';
import { ThingsPage } from './things-page.tsx';

type Site = Answer<'Site'>;
interface Place {
  readonly lat?: number | null;
  readonly lon?: number | null;
  readonly crs?: string;
  readonly address?: string;
}
type Input_ = Partial<Omit<Site, 'location'>> & { location?: Place | null };

/** Without both numbers there is no place, whatever the map they are of. */
const placed = ({ location, ...rest }: Input_): Input_ => ({
  ...rest,
  location: typeof location?.lat === 'number' || typeof location?.lon === 'number' ? location : null,
});

function typedPlace(location: Site['location']): Place {
  if (location === null) return { crs: 'wgs84' };
  // As it was typed, so that saving again moves nothing.
  const { lat, lon, crs } = location.source ?? location;
  return { lat, lon, crs, ...(location.address !== undefined && { address: location.address }) };
}

/** Places where devices stand. */
export default function Sites() {
  const may = useMay();
  const orgs = useOrgs().data ?? [];
  const nameOf = (id: string | null) => orgs.find((one) => one.id === id)?.name ?? id ?? '';
  const at = (id: string) => ({ params: { path: { id } } });
  const thing: Thing<Site, Input_> = {
    resource: 'sites',
    title: (row) => row?.name ?? t('sites.add'),
    initial: (row) => (row ? { ...row, location: typedPlace(row.location) } : { location: { crs: 'wgs84' } }),
    fields: (row) => (
      <>
        {!row && <IdField />}
        <Form.Item name="name" label={t('sites.name')} rules={needed}>
          <Input maxLength={100} />
        </Form.Item>
        <div className="fields-row">
          <Form.Item name="orgId" label={t('sites.org')}>
            <Select
              allowClear
              showSearch={{ optionFilterProp: 'label' }}
              options={orgs.map(({ id, name }) => ({ value: id, label: name }))}
            />
          </Form.Item>
          <Form.Item name="kind" label={t('sites.kind')}>
            <Input maxLength={64} />
          </Form.Item>
        </div>
        <fieldset className="fields-group">
          <legend>{t('sites.place')}</legend>
          <PositionFields at={['location']} />
          <Form.Item name={['location', 'address']} label={t('sites.address')}>
            <Input maxLength={200} />
          </Form.Item>
        </fieldset>
      </>
    ),
    create: (input) => {
      const { location, ...rest } = placed(input);
      return api.POST('/api/v1/sites', { body: forCreate({ ...rest, ...(location && { location }) }) });
    },
    change: ({ id }, input) => api.PATCH('/api/v1/sites/{id}', { ...at(id), body: forChange(placed(input)) }),
    brings: (row, { orgId = null }) => (orgId === row.orgId ? null : t('sites.brings')),
    remove: {
      act: ({ id }) => api.DELETE('/api/v1/sites/{id}', at(id)),
      consequence: ({ name }) => t('sites.remove.consequence', { name }),
    },
    beyond: ({ id }) =>
      may('devices', 'read') && (
        <section className="beyond">
          <Link to="/devices" search={{ siteId: id }}>
            {t('sites.devices')}
          </Link>
        </section>
      ),
    stale: [
      ['lists', 'sites'],
      ['names', 'sites'],
    ],
  };
  return (
    <ThingsPage
      title={t('nav.sites')}
      add={t('sites.add')}
      thing={thing}
      of={['lists', 'sites']}
      read={(query) => body(api.GET('/api/v1/sites', { params: { query } }))}
      name={{ title: t('sites.name'), of: ({ name }) => name }}
      columns={[
        { title: t('thing.id'), dataIndex: 'id', render: (id: string) => <code>{id}</code> },
        { title: t('sites.org'), render: (_, { orgId }) => nameOf(orgId) },
        { title: t('sites.kind'), render: (_, { kind }) => kind ?? <span className="quiet">{t('thing.none')}</span> },
        {
          title: t('sites.place'),
          render: (_, { location }) =>
            location ? (
              <>
                {location.lat.toFixed(5)}, {location.lon.toFixed(5)} <span className="quiet">{location.address}</span>
              </>
            ) : (
              <span className="quiet">{t('sites.unplaced')}</span>
            ),
        },
        { title: t('thing.made'), render: (_, { createdAt }) => <Ago at={createdAt} /> },
      ]}
      empty={{ title: t('sites.none') }}
    />
  );
}
