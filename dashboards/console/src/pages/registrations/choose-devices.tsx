import { Button, Input } from 'antd';
import { useState } from 'react';
import { type Answer, api, body } from '../../api/client.ts';
import { t } from '../../language.ts';
import { StateMark } from '../../parts/marks.tsx';
import { NamedSelect } from '../../parts/named-select.tsx';
import { useNames } from '../../parts/names.ts';
import { ProblemNotice } from '../../parts/problem.tsx';
import { ServerTable } from '../../parts/server-table.tsx';
import { useOrgs } from './handover-words.ts';

type Device = Answer<'Device'>;
/** One paper holds no more. */
const MOST = 2_000;

interface ChooseDevicesProps {
  /** Who gives: its devices are offered. */
  readonly org: string;
  readonly chosen: readonly string[];
  readonly choose: (ids: readonly string[]) => void;
}

/** Devices of a giver, one by one or all that fit the filters. */
export function ChooseDevices({ org, chosen, choose }: ChooseDevicesProps) {
  const orgs = useOrgs();
  const modules = useNames('modules');
  const [q, setQ] = useState('');
  const [module, setModule] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const units = orgs.find(({ id }) => id === org)?.kind === 'maintenance';
  const query = {
    lifecycle: 'trial,active,suspended',
    ...(units ? { maintenanceUnitId: org } : { orgId: org }),
    ...(q && { q }),
    ...(module && { module }),
  };
  const all = async () => {
    setBusy(true);
    setError(undefined);
    try {
      const found = new Set(chosen);
      for (let cursor: string | undefined; found.size < MOST; ) {
        const page = await body(
          api.GET('/api/v1/devices', { params: { query: { ...query, limit: 500, ...(cursor && { cursor }) } } }),
        );
        for (const { id } of page.items) if (found.size < MOST) found.add(id);
        if (page.nextCursor === null) break;
        cursor = page.nextCursor;
      }
      choose([...found]);
    } catch (cause) {
      setError(cause);
    }
    setBusy(false);
  };
  return (
    <div className="handover-choose">
      <div className="filters">
        <Input.Search
          className="filter-text"
          allowClear
          placeholder={t('registrations.search')}
          aria-label={t('registrations.search')}
          onSearch={(text) => setQ(text.trim())}
        />
        <NamedSelect
          of="modules"
          className="filter-select"
          placeholder={t('registrations.module')}
          aria-label={t('registrations.module')}
          value={module}
          onChange={setModule}
        />
        <Button loading={busy} onClick={all}>
          {t('handovers.chooseAll')}
        </Button>
        {chosen.length > 0 && <Button onClick={() => choose([])}>{t('handovers.chooseNone')}</Button>}
        <b className="handover-count" aria-live="polite">
          {t('registrations.chosen', { n: chosen.length })}
        </b>
      </div>
      {chosen.length >= MOST && <p className="quiet">{t('handovers.most', { n: MOST })}</p>}
      {error !== undefined && <ProblemNotice error={error} />}
      <ServerTable<Device>
        of={['devices', 'handover', query]}
        read={(page) => body(api.GET('/api/v1/devices', { params: { query: { ...query, ...page, sort: 'name' } } }))}
        limit={20}
        rowKey="id"
        selected={{ keys: chosen, choose }}
        empty={{ title: t('handovers.noDevices'), next: t('handovers.noDevices.next') }}
        columns={[
          {
            title: t('registrations.device'),
            className: 'registrations-name',
            render: (_, { name, id }) => (
              <>
                {name}
                <div className="quiet">{id}</div>
              </>
            ),
          },
          { title: t('registrations.module'), render: (_, row) => modules.name(row.module) || '—' },
          { title: t('registrations.stage'), render: (_, row) => <StateMark of="lifecycle" code={row.lifecycle} /> },
          { title: t('construction.state'), render: (_, row) => <StateMark of="health" code={row.health.state} /> },
          { title: t('registrations.address'), render: (_, row) => row.location?.address ?? '—' },
        ]}
      />
    </div>
  );
}
