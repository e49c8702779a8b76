import { AimOutlined, ReloadOutlined } from '@ant-design/icons';
import { Button, Segmented, Skeleton } from 'antd';
import { useEffect, useState } from 'react';
import { api, body } from '../../api/client.ts';
import { useMe } from '../../app/session.tsx';
import { t } from '../../language.ts';
import { useFilters } from '../../parts/filters.ts';
import { nowIn } from '../../parts/live/zone-clock.ts';
import { Nothing } from '../../parts/nothing.tsx';
import { Page } from '../../parts/page.tsx';
import { whereAmI } from '../../parts/photo-file.ts';
import { stageAfter } from '../../parts/queue/entry.ts';
import { useFieldQueue } from '../../parts/queue/field-queue.ts';
import { keepValue, useKept, useKeptSession, useSessionAgain } from '../../parts/queue/kept.ts';
import { keepShell } from '../../parts/queue/offline-shell.ts';
import { UnsentBar } from '../../parts/queue/unsent.tsx';
import { useNow } from '../../parts/time.tsx';
import { FieldRow } from './field-row.tsx';
import { Offline } from './offline.tsx';
import { PlainLine } from './plain-line.tsx';
import { ticketKey, useCodes, useSites } from './questions.ts';
import { byDue, metresBetween, type Point, type Ticket } from './ticket-facts.ts';
import './field.css';

const TABS = ['dispatched', 'handling', 'verifying', 'suspended'] as const;
const MOST = 200;
const EVERY_MS = 60_000;
/** As many are kept whole in the phone for opening them without a line. */
const KEPT_WHOLE = 60;

/** What is to be done by whoever holds this phone, most urgent first. */
export default function Field() {
  const me = useMe();
  const now = useNow();
  const [{ stage = TABS[0], whose: chosen }, filter] = useFilters();
  const [here, setHere] = useState<Point | 'no'>();
  const { entries } = useFieldQueue();
  useKeptSession(me);
  useEffect(keepShell, []);
  const open = useKept(me.id, ['tickets', 'field'], () => listOpen(me.id), { every: EVERY_MS });
  const sites = useSites(me.id);
  // Read here, so that a repair can be reported where there is no line.
  useCodes(me.id, null);
  useSessionAgain(open.offline);
  const siteOf = new Map((sites.read?.value.items ?? []).map((site) => [site.id, site]));
  const pending = (ticket: Ticket) => entries.filter(({ subject }) => subject === ticket.id);
  const away = ({ siteId }: Ticket): number | null => {
    const location = siteOf.get(siteId ?? '')?.location;
    return location && typeof here === 'object' ? metresBetween(here, location) : null;
  };
  const seen = open.read?.value.items ?? [];
  const mine = seen.filter((ticket) => ticket.assigneeId === me.id || pending(ticket).length > 0);
  // Who has nothing of their own sees what waits in their unit.
  const whose = chosen ?? (mine.length === 0 && seen.length > 0 ? 'unit' : 'mine');
  const all = whose === 'mine' ? mine : seen;
  const at = (tab: string) => all.filter((ticket) => stageAfter(ticket.stage, pending(ticket)) === tab);
  const rows = [...at(stage)].sort((a, b) => (here ? (away(a) ?? 1e9) - (away(b) ?? 1e9) : 0) || byDue(a, b));
  return (
    <Page
      title={t('field.title')}
      guide="maintainer-guide"
      actions={
        <Button size="large" icon={<ReloadOutlined />} loading={open.fetching} onClick={() => void open.again()}>
          {t('field.refresh')}
        </Button>
      }
    >
      <div className="field">
        <UnsentBar offline={open.offline} />
        <PlainLine />
        <Segmented
          block
          size="large"
          className="field-tabs"
          aria-label={t('field.stage')}
          value={stage}
          onChange={(tab) => filter({ stage: tab })}
          options={TABS.map((tab) => ({ value: tab, label: `${t(`field.tab.${tab}`)} ${at(tab).length || ''}` }))}
        />
        <div className="field-tools">
          <Segmented
            size="large"
            aria-label={t('field.whose')}
            value={whose}
            onChange={(value) => filter({ whose: value })}
            options={[
              { value: 'mine', label: t('field.mine') },
              { value: 'unit', label: t('field.unit') },
            ]}
          />
          <Button
            size="large"
            icon={<AimOutlined />}
            onClick={async () => setHere(here === undefined ? ((await whereAmI()) ?? 'no') : undefined)}
          >
            {t(typeof here === 'object' ? 'field.byDue' : 'field.nearest')}
          </Button>
        </div>
        {here === 'no' && <p className="field-note">{t('field.noPlace')}</p>}
        {open.offline && open.read && <p className="field-note">{asOf(open.read.at, me.timeZone)}</p>}
        {open.error !== undefined && <Offline error={open.error} again={open.again} />}
        {open.read === undefined && open.error === undefined && <Skeleton active />}
        {open.read !== undefined && rows.length === 0 && (
          <Nothing
            title={t(whose === 'mine' ? 'field.none.mine' : 'field.none.unit')}
            next={
              whose === 'mine' && (
                <Button size="large" onClick={() => filter({ whose: 'unit' })}>
                  {t('field.showUnit')}
                </Button>
              )
            }
          />
        )}
        <ul className="field-list">
          {rows.map((ticket) => (
            <FieldRow
              key={ticket.id}
              ticket={ticket}
              now={now}
              place={siteOf.get(ticket.siteId ?? '')?.name ?? ticket.siteId ?? ''}
              metres={away(ticket)}
              waits={pending(ticket).length}
            />
          ))}
        </ul>
        {open.read?.value.more && <p className="field-note">{t('field.more', { n: MOST })}</p>}
      </div>
    </Page>
  );
}

async function listOpen(owner: string): Promise<{ items: Ticket[]; more: boolean }> {
  const query = { stage: TABS.join(','), limit: MOST };
  const { items, nextCursor } = await body(api.GET('/api/v1/tickets', { params: { query } }));
  const mine = items.filter(({ assigneeId }) => assigneeId === owner).slice(0, KEPT_WHOLE);
  void keepValue(
    owner,
    mine.map((ticket) => [ticketKey(ticket.id), ticket]),
  );
  return { items, more: nextCursor !== null };
}

function asOf(at: number, zone: string): string {
  return t('field.asOf', { time: nowIn(zone, at).slice(5, 16) });
}
