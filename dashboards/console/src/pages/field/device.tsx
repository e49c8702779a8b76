import { Link, useParams } from '@tanstack/react-router';
import { Button, Drawer, Skeleton } from 'antd';
import { useEffect, useState } from 'react';
import { api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { useMe } from '../../app/session.tsx';
import { t } from '../../language.ts';
import { LivePicture } from '../../parts/live/live-picture.tsx';
import { StateMark } from '../../parts/marks.tsx';
import { Page } from '../../parts/page.tsx';
import { useKept, useKeptSession, useSessionAgain } from '../../parts/queue/kept.ts';
import { keepShell } from '../../parts/queue/offline-shell.ts';
import { UnsentBar } from '../../parts/queue/unsent.tsx';
import { Ago, useNow } from '../../parts/time.tsx';
import { Archive, Recent } from './device-parts.tsx';
import { FieldRow } from './field-row.tsx';
import { Offline } from './offline.tsx';
import { PlainLine } from './plain-line.tsx';
import { useCodes, useDevice, useSites } from './questions.ts';
import { Recheck } from './recheck.tsx';
import { ReportForm } from './report-form.tsx';
import { Place } from './task-parts.tsx';
import { reasonWords } from './ticket-facts.ts';
import './field.css';

const OPEN = 'discovered,filed,dispatched,handling,verifying,returned,suspended';

/** What the label on a device leads to: how it is, what is being done about it, and how to report a problem. */
export default function Device() {
  const { id } = useParams({ strict: false }) as { id: string };
  const me = useMe();
  const may = useMay();
  const now = useNow();
  const [reporting, setReporting] = useState(false);
  useKeptSession(me);
  useEffect(keepShell, []);
  const { read, error, offline, again } = useDevice(me.id, id);
  useSessionAgain(offline);
  const tickets = useKept(
    me.id,
    ['tickets', 'field', 'device', id],
    () => body(api.GET('/api/v1/tickets', { params: { query: { deviceId: id, stage: OPEN, limit: 20 } } })),
    { enabled: may('tickets', 'read') },
  );
  useCodes(me.id, read?.value.module ?? null);
  const sites = useSites(me.id).read?.value.items ?? [];
  if (error !== undefined) return <Offline error={error} again={again} />;
  const device = read?.value;
  if (device === undefined) return <Skeleton active />;
  const open = tickets.read?.value.items ?? [];
  const placeOf = (siteId: string | null) => sites.find((site) => site.id === siteId)?.name ?? '';
  return (
    <Page
      title={device.nickname ?? device.name}
      actions={
        <Link to="/devices/$id" params={{ id }}>
          {t('field.whole')}
        </Link>
      }
    >
      <div className="field">
        <UnsentBar offline={offline} />
        <PlainLine />
        <section className="sheet">
          <h2>{device.name}</h2>
          <p>
            <StateMark of="health" code={device.health.state} suspect={device.health.suspect} />{' '}
            {device.health.reason !== 'ok' && reasonWords(device.health.reason)} <Ago at={device.health.since} />
          </p>
          {may('tickets', 'update') && <Recheck device={id} />}
          {device.connection && may('cameras', 'operate') && <LivePicture camera={id} />}
        </section>
        {may('tickets', 'read') && (
          <section>
            <h2>{t('field.device.open')}</h2>
            {open.length === 0 ? (
              <p className="field-note">{t('field.device.noOpen')}</p>
            ) : (
              <ul className="field-list">
                {open.map((ticket) => (
                  <FieldRow
                    key={ticket.id}
                    ticket={ticket}
                    now={now}
                    place={placeOf(ticket.siteId)}
                    metres={null}
                    waits={0}
                  />
                ))}
              </ul>
            )}
          </section>
        )}
        <Place device={device} owner={me.id} />
        <Archive device={device} owner={me.id} />
        <Recent id={id} owner={me.id} />
        {may('tickets', 'create') && (
          <div className="field-bar">
            <Button type="primary" className="field-main" onClick={() => setReporting(true)}>
              {t('field.device.report')}
            </Button>
          </div>
        )}
        <Drawer
          open={reporting}
          onClose={() => setReporting(false)}
          placement="bottom"
          size="90dvh"
          title={t('field.device.report')}
          destroyOnHidden
        >
          <ReportForm device={device} done={() => setReporting(false)} />
        </Drawer>
      </div>
    </Page>
  );
}
