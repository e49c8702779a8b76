import { Button, Tag } from 'antd';
import { useState } from 'react';
import { type Answer, api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { t, tCode } from '../../language.ts';
import { ChoiceSelect } from '../../parts/choice-select.tsx';
import { useFilters } from '../../parts/filters.ts';
import { Mark } from '../../parts/mark.tsx';
import type { Sign } from '../../parts/marks.tsx';
import { Ago } from '../../parts/time.tsx';
import { ContactWords } from './fields.tsx';
import { forChange, forCreate } from './input.ts';
import { Invite } from './invite.tsx';
import { type Once, ShownOnce } from './once.tsx';
import type { Thing } from './thing.tsx';
import { ThingsPage } from './things-page.tsx';
import { VendorBeyond } from './vendor-beyond.tsx';
import { VendorFields, type VendorInput } from './vendor-fields.tsx';

type Vendor = Answer<'Vendor'>;
const STATES = ['applied', 'invited', 'active', 'suspended', 'ended', 'rejected'] as const;
const SIGNS: Readonly<Record<Vendor['state'], Sign>> = {
  applied: ['warning', 'ring'],
  invited: ['odd', 'diamond'],
  active: ['good', 'disc'],
  suspended: ['warning', 'bar'],
  ended: ['none', 'square'],
  rejected: ['none', 'cross'],
};

/** A quota that was emptied is none. */
const tidied = ({ quotas, ...input }: VendorInput) => ({
  ...input,
  quotas: Object.fromEntries(Object.entries(quotas ?? {}).filter(([, value]) => typeof value === 'number')),
});

/** Firms whose devices report here: how they came in, what they may, until when. */
export default function Vendors() {
  const may = useMay();
  const [filters, change] = useFilters();
  const [once, setOnce] = useState<Once | null>(null);
  const [inviting, setInviting] = useState(false);
  const at = (id: string) => ({ params: { path: { id } } });
  const state = STATES.find((one) => one === filters.state);
  const thing: Thing<Vendor, VendorInput> = {
    resource: 'vendors',
    title: (row) => row?.name ?? t('vendors.add'),
    initial: (row) => row ?? { moduleIds: [], topics: [] },
    fields: (row) => <VendorFields row={row} />,
    create: (input) => api.POST('/api/v1/vendors', { body: forCreate(tidied(input)) }),
    change: ({ id }, input) => api.PATCH('/api/v1/vendors/{id}', { ...at(id), body: vendorChange(input) }),
    remove: {
      act: ({ id }) => api.DELETE('/api/v1/vendors/{id}', at(id)),
      consequence: ({ name }) => t('vendors.remove.consequence', { name }),
    },
    beyond: (row, put) => <VendorBeyond vendor={row} put={put} shown={setOnce} />,
    stale: [
      ['lists', 'vendors'],
      ['names', 'vendors'],
    ],
    width: 640,
  };
  return (
    <>
      <ThingsPage
        title={t('nav.vendors')}
        guide="vendors"
        add={t('vendors.add')}
        thing={thing}
        of={['lists', 'vendors']}
        read={(query) => body(api.GET('/api/v1/vendors', { params: { query: { ...query, ...(state && { state }) } } }))}
        name={{ title: t('vendors.name'), of: ({ name }) => name }}
        actions={may('vendors', 'create') && <Button onClick={() => setInviting(true)}>{t('vendors.invite')}</Button>}
        filters={
          <ChoiceSelect
            label={t('vendors.state')}
            family="vendorState"
            codes={STATES}
            value={state}
            onChange={(next) => change({ state: next })}
          />
        }
        columns={[
          {
            title: t('vendors.state'),
            render: (_, row) => {
              const [tone, shape] = SIGNS[row.state];
              return <Mark tone={tone} shape={shape} label={tCode('vendorState', row.state)} />;
            },
          },
          {
            title: t('vendors.access'),
            render: (_, { access, flags }) => (
              <>
                {access.open ? <Until access={access} /> : <Closed reason={access.reason ?? 'unknown'} />}{' '}
                {flags.map((flag) => (
                  <Tag key={flag}>{tCode('vendorAccess', flag)}</Tag>
                ))}
              </>
            ),
          },
          {
            title: t('vendors.link'),
            render: (_, { link }) => (
              <>
                <Mark
                  tone={link.state === 'up' ? 'good' : link.state === 'down' ? 'bad' : 'none'}
                  shape={link.state === 'up' ? 'disc' : link.state === 'down' ? 'square' : 'ring'}
                  label={tCode('vendorLink', link.state)}
                />{' '}
                {link.since && <Ago at={link.since} />}
              </>
            ),
          },
          { title: t('vendors.contact'), render: (_, { contact }) => <ContactWords of={contact} /> },
          { title: t('thing.id'), render: (_, { id }) => <code>{id}</code> },
          { title: t('vendors.since'), render: (_, { stateAt }) => <Ago at={stateAt} /> },
        ]}
        empty={{ title: t('vendors.none') }}
      />
      <Invite open={inviting} close={() => setInviting(false)} shown={setOnce} />
      <ShownOnce once={once} done={() => setOnce(null)} />
    </>
  );
}

/** Quotas are never null: without any, those of the house count. */
function vendorChange({ shareTopics, ...input }: VendorInput): never {
  const { quotas, ...rest } = tidied(input);
  return { ...forChange<object>(rest), quotas, ...(shareTopics && { shareTopics }) } as never;
}

function Until({ access: { endsOn, daysLeft } }: { access: Vendor['access'] }) {
  if (endsOn === null || daysLeft === null) return <Mark tone="good" shape="disc" label={t('vendors.open')} />;
  return daysLeft <= 30 ? (
    <Mark tone="warning" shape="triangle" label={t('contract.soon', { on: endsOn, n: daysLeft })} />
  ) : (
    <Mark tone="good" shape="disc" label={t('vendors.until', { on: endsOn })} />
  );
}

/** Only what was open and should not have closed by itself is bad; the rest is as the state says. */
function Closed({ reason }: { reason: string }) {
  const bad = reason === 'contractEnded' || reason === 'agreementEnded' || reason === 'agreementMissing';
  return <Mark tone={bad ? 'bad' : 'none'} shape={bad ? 'square' : 'ring'} label={tCode('vendorAccess', reason)} />;
}
