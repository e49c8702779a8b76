import { useQueryClient } from '@tanstack/react-query';
import { Button, Drawer, Segmented } from 'antd';
import { useState } from 'react';
import { useMay } from '../../app/rights.ts';
import { t, tCode } from '../../language.ts';
import { useFilters } from '../../parts/filters.ts';
import { ServerTable } from '../../parts/server-table.tsx';
import { exactTime } from '../../parts/time.tsx';
import { Person } from './person.tsx';
import { QuietDetail, QuietMark, repeatsSaid } from './quiet-detail.tsx';
import { QuietForm } from './quiet-form.tsx';
import { MAKES, QUIET, type QuietKind, type QuietTime } from './quiet-kinds.ts';
import { ScopeSaid } from './scope-said.tsx';

const SHOWN = ['all', 'going', 'proposed'] as const;

/** All of one kind, newest first; to make one, and to look at one. */
export function QuietList({ kind }: { kind: QuietKind }) {
  const may = useMay();
  const queries = useQueryClient();
  const [filters, change] = useFilters();
  const [making, setMaking] = useState(filters.new === kind);
  const [chosen, setOpen] = useState<QuietTime | null>(null);
  const shown = SHOWN.find((one) => one === filters.shown) ?? 'all';
  const openId = chosen?.id ?? filters.id;
  const mayMake = may('maintenanceWindows', MAKES[kind]);
  const again = () => queries.invalidateQueries({ queryKey: ['lists'] });
  const close = () => {
    setOpen(null);
    if (filters.id) change({ id: undefined });
  };
  const columns = [
    {
      title: t('quiet.name'),
      key: 'name',
      render: (_: unknown, one: QuietTime) => (
        <button type="button" className="as-link" onClick={() => setOpen(one)}>
          {one.name}
        </button>
      ),
    },
    { title: t('quiet.state'), key: 'state', render: (_: unknown, one: QuietTime) => <QuietMark one={one} /> },
    {
      title: t('quiet.from'),
      key: 'from',
      render: (_: unknown, one: QuietTime) => exactTime(one.startsAt).slice(0, 16),
    },
    { title: t('quiet.to'), key: 'to', render: (_: unknown, one: QuietTime) => exactTime(one.endsAt).slice(0, 16) },
    ...(kind === 'maintenance'
      ? [{ title: t('quiet.repeats'), key: 'repeats', render: (_: unknown, one: QuietTime) => repeatsSaid(one) }]
      : []),
    {
      title: t('quiet.scope'),
      key: 'scope',
      render: (_: unknown, one: QuietTime) => <ScopeSaid scope={one.scope} partial={one.partial} />,
    },
    {
      title: t('quiet.owner'),
      key: 'owner',
      render: (_: unknown, one: QuietTime) => <Person id={one.createdBy} name={one.createdByName} />,
    },
  ];
  const make = mayMake && (
    <Button type="primary" onClick={() => setMaking(true)}>
      {tCode('quietMake', kind)}
    </Button>
  );
  return (
    <div className="rules-stack">
      <div className="filters">
        <Segmented
          aria-label={t('quiet.state')}
          value={shown}
          onChange={(next) => change({ shown: next === 'all' ? undefined : next })}
          options={SHOWN.filter((one) => one !== 'proposed' || kind === 'maintenance').map((one) => ({
            value: one,
            label: tCode('quietShown', one),
          }))}
        />
        <span className="filters-end">{make}</span>
      </div>
      <p className="quiet">{tCode('quietWhat', kind)}</p>
      <ServerTable<QuietTime>
        of={['lists', kind, shown]}
        rowKey="id"
        columns={columns}
        read={(page) =>
          QUIET[kind].list({
            ...page,
            ...(shown === 'going' && { going: true }),
            ...(shown === 'proposed' && { state: 'proposed' }),
          })
        }
        empty={{ title: tCode('quietNone', kind), next: make || undefined }}
        onOpen={setOpen}
      />
      <Drawer
        open={openId !== undefined}
        onClose={close}
        size={640}
        title={chosen?.name ?? tCode('quietKind', kind)}
        destroyOnHidden
      >
        {openId && <QuietDetail kind={kind} id={openId} changed={again} />}
      </Drawer>
      {mayMake && (
        <QuietForm
          kind={kind}
          open={making}
          filters={filters}
          close={() => {
            setMaking(false);
            if (filters.new)
              change({ new: undefined, devices: undefined, device: undefined, fault: undefined, incident: undefined });
          }}
          made={again}
        />
      )}
    </div>
  );
}
