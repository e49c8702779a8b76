import { Link } from '@tanstack/react-router';
import { Button } from 'antd';
import { type Answer, api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { t, tCode } from '../../language.ts';
import { ChoiceSelect } from '../../parts/choice-select.tsx';
import { DeviceSelect } from '../../parts/device-select.tsx';
import { useFilters } from '../../parts/filters.ts';
import { Mark } from '../../parts/mark.tsx';
import { Page } from '../../parts/page.tsx';
import { ServerTable } from '../../parts/server-table.tsx';
import { Ago } from '../../parts/time.tsx';
import { SIGNS, STATES } from './handover-words.ts';
import { NewHandover } from './new-handover.tsx';
import './registrations.css';
import './handovers.css';

type Handover = Answer<'Handover'>;

/** Papers by which devices pass from one hand to another. */
export default function Handovers() {
  const may = useMay();
  const [{ state, deviceId, new: making }, change] = useFilters();
  const known = STATES.find((one) => one === state);
  const query = { ...(known && { state: known }), ...(deviceId && { deviceId }) };
  const open = making !== undefined && may('handovers', 'create');
  const begin = may('handovers', 'create') && !open && (
    <Button type="primary" onClick={() => change({ new: '1' })}>
      {t('handovers.new')}
    </Button>
  );
  return (
    <Page title={t('handovers.title')} guide="registration" actions={begin}>
      {open && <NewHandover close={() => change({ new: undefined })} />}
      {!open && (
        <>
          <div className="filters">
            <ChoiceSelect
              label={t('handovers.state')}
              family="handoverState"
              codes={STATES}
              value={state}
              onChange={(next) => change({ state: next })}
            />
            <DeviceSelect
              value={deviceId}
              placeholder={t('handovers.byDevice')}
              aria-label={t('handovers.byDevice')}
              onChange={(id) => change({ deviceId: id })}
            />
          </div>
          <ServerTable<Handover>
            of={['lists', 'handovers', query]}
            read={(page) => body(api.GET('/api/v1/handovers', { params: { query: { ...query, ...page } } }))}
            rowKey="id"
            empty={{ title: t('handovers.empty'), next: t('handovers.empty.next') }}
            columns={[
              {
                title: t('handovers.no'),
                render: (_, { id, no }) => (
                  <Link to="/handovers/$id" params={{ id }}>
                    {no}
                  </Link>
                ),
              },
              { title: t('handovers.kind'), render: (_, { kind }) => tCode('handoverKind', kind) },
              {
                title: t('handovers.state'),
                render: (_, row) => (
                  <Mark
                    tone={SIGNS[row.state][0]}
                    shape={SIGNS[row.state][1]}
                    label={tCode('handoverState', row.state)}
                  />
                ),
              },
              { title: t('handovers.from'), dataIndex: 'fromOrgName' },
              { title: t('handovers.to'), dataIndex: 'toOrgName' },
              { title: t('handovers.devices'), dataIndex: 'deviceCount', align: 'end' },
              { title: t('handovers.date'), dataIndex: 'date' },
              {
                title: t('handovers.last'),
                render: (_, { created, handed, decided }) => {
                  const last = decided ?? handed ?? created;
                  return (
                    <>
                      <Ago at={last.at} /> <span className="quiet">{last.byName}</span>
                    </>
                  );
                },
              },
            ]}
          />
        </>
      )}
    </Page>
  );
}
