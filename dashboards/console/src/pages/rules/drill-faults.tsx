import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button, Select } from 'antd';
import { useState } from 'react';
import { api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { t, tCode } from '../../language.ts';
import { DeviceSelect } from '../../parts/device-select.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Nothing } from '../../parts/nothing.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { exactTime } from '../../parts/time.tsx';
import { FAULTS } from './faults.ts';

/** Faults a drill made up, with their tickets; to make up another. */
export function DrillFaults({ id, going }: { id: string; going: boolean }) {
  const may = useMay();
  const queries = useQueryClient();
  const key = ['lists', 'drill-faults', id];
  const path = { params: { path: { id } } };
  const [deviceId, setDevice] = useState<string>();
  const [fault, setFault] = useState('offline');
  const made = useQuery({ queryKey: key, queryFn: () => body(api.GET('/api/v1/drills/{id}/faults', path)) });
  const make = useMutation({
    mutationFn: (device: string) =>
      body(api.POST('/api/v1/drills/{id}/faults', { ...path, body: { faults: [{ deviceId: device, fault }] } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: key }),
  });
  return (
    <section>
      <h2>{t('drill.faults')}</h2>
      {going && may('maintenanceWindows', 'decide') && (
        <div className="filters">
          <DeviceSelect
            aria-label={t('drill.device')}
            placeholder={t('drill.device')}
            value={deviceId}
            onChange={setDevice}
          />
          <Select
            aria-label={t('drill.fault')}
            showSearch={{ optionFilterProp: 'label' }}
            popupMatchSelectWidth={false}
            value={fault}
            onChange={setFault}
            options={FAULTS.map((one) => ({ value: one, label: tCode('fault', one) }))}
          />
          <Button
            type="primary"
            disabled={!deviceId}
            loading={make.isPending}
            onClick={() => deviceId && make.mutate(deviceId)}
          >
            {t('drill.make')}
          </Button>
        </div>
      )}
      {make.error && <ProblemNotice error={make.error} />}
      <Loaded query={made}>
        {({ items }) =>
          items.length === 0 ? (
            <Nothing title={t('drill.none')} />
          ) : (
            <ul className="fields">
              {items.map((one) => (
                <li key={one.ticketId}>
                  {exactTime(one.at)} {one.deviceId} {tCode('fault', one.fault)}{' '}
                  <Link to="/tickets/$id" params={{ id: one.ticketId }}>
                    {t('drill.ticket')}
                  </Link>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </section>
  );
}
