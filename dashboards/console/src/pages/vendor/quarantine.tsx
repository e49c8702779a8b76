import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Drawer, Input, Switch } from 'antd';
import { useState } from 'react';
import { type Answer, api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { t, tCode } from '../../language.ts';
import { DeviceSelect } from '../../parts/device-select.tsx';
import { useFilters } from '../../parts/filters.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { Mark } from '../../parts/mark.tsx';
import { Page } from '../../parts/page.tsx';
import { ServerTable } from '../../parts/server-table.tsx';
import { Ago, exactTime } from '../../parts/time.tsx';
import { QuarantinedDetail } from './quarantined.tsx';
import { Replay } from './replay.tsx';
import { say } from './words.ts';
import './vendor.css';

type Row = Answer<'QuarantinedMessage'>;

/** Messages that were refused and kept: why, with what in them, and fed in again once the reason is mended. */
export default function Quarantine() {
  const may = useMay();
  const queries = useQueryClient();
  const [filters, change] = useFilters();
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [open, setOpen] = useState<Row | null>(null);
  const { code, deviceId, topic, unattributed } = filters;
  const filter = {
    ...(code && { code }),
    ...(deviceId && { deviceId }),
    ...(topic && { topic }),
    ...(unattributed === 'true' && { unattributed: true }),
  };
  const replayed = async () => {
    setChosen([]);
    await queries.invalidateQueries({ queryKey: ['quarantine'] });
  };
  return (
    <Page
      title={t('quarantine.title')}
      guide="vendor-guide"
      actions={may('quarantine', 'operate') && <Replay filter={filter} ids={chosen} done={replayed} />}
    >
      <div className="filters vendor-filters">
        <DeviceSelect
          value={deviceId}
          aria-label={t('quarantine.device')}
          placeholder={t('quarantine.device')}
          onChange={(id) => change({ deviceId: id })}
        />
        <Input.Search
          allowClear
          defaultValue={topic}
          placeholder={t('quarantine.topic')}
          aria-label={t('quarantine.topic')}
          onSearch={(text) => change({ topic: text.trim() })}
        />
        <span className="switch">
          <Switch
            size="small"
            aria-label={t('quarantine.unattributed')}
            checked={unattributed === 'true'}
            onChange={(on) => change({ unattributed: on ? 'true' : undefined })}
          />
          {t('quarantine.unattributed')}
        </span>
        {(code || deviceId || topic || unattributed) && (
          <Button
            type="link"
            onClick={() => change({ code: undefined, deviceId: undefined, topic: undefined, unattributed: undefined })}
          >
            {t('list.clear')}
          </Button>
        )}
      </div>
      <Reasons filter={filter} choose={(next) => change({ code: next })} />
      <ServerTable<Row>
        of={['quarantine', 'list', filter]}
        rowKey="id"
        read={async (page) => body(api.GET('/api/v1/quarantine', { params: { query: { ...filter, ...page } } }))}
        {...(may('quarantine', 'operate') && { selected: { keys: chosen, choose: setChosen } })}
        onOpen={setOpen}
        empty={{ title: t('quarantine.none'), next: t('quarantine.none.next') }}
        columns={[
          { title: t('quarantine.at'), render: (_, { receivedAt }) => <Ago at={receivedAt} /> },
          {
            title: t('quarantine.reason'),
            render: (_, row) => (
              // Whoever has no mouse opens it here.
              <button type="button" className="plain" onClick={() => setOpen(row)}>
                <Mark tone="bad" shape="cross" label={row.title ? say(row.title) : tCode('refused', row.code)} />
              </button>
            ),
          },
          { title: t('quarantine.detail'), render: (_, { told }) => <span className="clipped">{say(told)}</span> },
          {
            title: t('quarantine.device'),
            render: (_, row) => row.deviceId ?? <span className="quiet">{t('quarantine.noDevice')}</span>,
          },
          { title: t('validator.topic'), render: (_, row) => <code className="clipped">{row.topic}</code> },
          {
            title: t('quarantine.replayed'),
            render: (_, { replayedAt }) =>
              replayedAt ? exactTime(replayedAt) : <span className="quiet">{t('quarantine.notReplayed')}</span>,
          },
        ]}
      />
      <Drawer open={open !== null} onClose={() => setOpen(null)} size={640} title={t('quarantine.message')}>
        {open && <QuarantinedDetail row={open} />}
      </Drawer>
    </Page>
  );
}

interface ReasonsProps {
  readonly filter: {
    readonly code?: string;
    readonly deviceId?: string;
    readonly topic?: string;
    readonly unattributed?: boolean;
  };
  readonly choose: (code: string | undefined) => void;
}

/** The reasons of what the other filters leave, each with its count and remedy; one of them narrows the list. */
function Reasons({ filter, choose }: ReasonsProps) {
  const { code: current, ...rest } = filter;
  const reasons = useQuery({
    queryKey: ['quarantine', 'reasons', rest],
    queryFn: () => body(api.GET('/api/v1/quarantine/reasons', { params: { query: rest } })),
  });
  return (
    <Loaded query={reasons}>
      {({ items }) =>
        items.length > 0 && (
          <ul className="reasons" aria-label={t('quarantine.byReason')}>
            {items.map(({ code, title, remedy, count, waiting, devices, newestAt }) => (
              <li key={code}>
                <button
                  type="button"
                  aria-pressed={code === current}
                  onClick={() => choose(code === current ? undefined : code)}
                >
                  <b>{count.toLocaleString()}</b>
                  <span>{title ? say(title) : tCode('refused', code)}</span>
                  <span className="quiet">
                    {t('quarantine.group', { devices, waiting })} · <Ago at={newestAt} />
                  </span>
                  {remedy && <span className="quiet reason-remedy">{say(remedy)}</span>}
                </button>
              </li>
            ))}
          </ul>
        )
      }
    </Loaded>
  );
}
