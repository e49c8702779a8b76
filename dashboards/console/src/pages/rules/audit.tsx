import { Button, DatePicker, Drawer, Input, Select } from 'antd';
import { useState } from 'react';
import { type Answer, api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { useMe } from '../../app/session.tsx';
import { t, tCode } from '../../language.ts';
import { ExportButton } from '../../parts/export-button.tsx';
import { useFilters } from '../../parts/filters.ts';
import { Page } from '../../parts/page.tsx';
import { ServerTable } from '../../parts/server-table.tsx';
import { exactTime } from '../../parts/time.tsx';
import { zonedAt, zonedIso } from '../../parts/zoned-day.ts';
import { AUDIT_ACTIONS, AUDIT_RESOURCES } from './audit-names.ts';
import { AuditRecordDetail } from './audit-record.tsx';
import { Integrity } from './integrity.tsx';
import './rules.css';

type Entry = Answer<'AuditRecord'>;

/** Who did what, when, from where, why; and whether nobody tampered with it. */
export default function Audit() {
  const may = useMay();
  const zone = useMe().timeZone;
  const [filters, change] = useFilters();
  const [open, setOpen] = useState<Entry | null>(null);
  const { actor, actorName, action, resource, resourceId, from, to, q } = filters;
  const query = {
    ...(actor && { actor }),
    ...(action && { action }),
    ...(resource && { resource }),
    ...(resourceId && { resourceId }),
    ...(from && { from }),
    ...(to && { to }),
    ...(q && { q }),
  };
  const columns = [
    {
      title: t('audit.time'),
      key: 'time',
      render: (_: unknown, entry: Entry) => (
        <button type="button" className="as-link" onClick={() => setOpen(entry)}>
          {exactTime(entry.at)}
        </button>
      ),
    },
    {
      title: t('audit.who'),
      key: 'who',
      render: (_: unknown, { actorName: name, address }: Entry) => (
        <>
          {name} <span className="quiet">{address}</span>
        </>
      ),
    },
    {
      title: t('audit.what'),
      key: 'what',
      render: (_: unknown, entry: Entry) => tCode('auditAction', entry.action),
    },
    {
      title: t('audit.object'),
      key: 'object',
      render: (_: unknown, entry: Entry) => (
        <>
          {tCode('auditResource', entry.resource)} <span className="quiet">{entry.resourceId}</span>
        </>
      ),
    },
    {
      title: t('audit.reason'),
      key: 'reason',
      ellipsis: true,
      width: 260,
      render: (_: unknown, { reason }: Entry) => reason ?? '—',
    },
  ];
  return (
    <Page
      title={t('nav.audit')}
      guide="audit"
      actions={
        may('audit', 'export') && (
          <ExportButton title={t('audit.export')} address="/api/v1/audit/export" query={query} />
        )
      }
    >
      <Integrity />
      <div className="filters">
        <Input.Search
          className="filter-words"
          allowClear
          placeholder={t('audit.words')}
          aria-label={t('audit.words')}
          defaultValue={q ?? ''}
          onSearch={(text) => change({ q: text.trim() })}
        />
        <Select
          allowClear
          showSearch={{ optionFilterProp: 'label' }}
          className="filter-select"
          placeholder={t('audit.what')}
          aria-label={t('audit.what')}
          popupMatchSelectWidth={false}
          {...(action && { value: action })}
          onChange={(next?: string) => change({ action: next })}
          options={AUDIT_ACTIONS.map((one) => ({ value: one, label: tCode('auditAction', one) }))}
        />
        <Select
          allowClear
          showSearch={{ optionFilterProp: 'label' }}
          className="filter-select"
          placeholder={t('audit.object')}
          aria-label={t('audit.object')}
          popupMatchSelectWidth={false}
          {...(resource && { value: resource })}
          onChange={(next?: string) => change({ resource: next })}
          options={AUDIT_RESOURCES.map((one) => ({ value: one, label: tCode('auditResource', one) }))}
        />
        <DatePicker.RangePicker
          showTime={{ format: 'HH:mm' }}
          format="YYYY-MM-DD HH:mm"
          value={[from ? zonedAt(from, zone) : null, to ? zonedAt(to, zone) : null]}
          allowEmpty={[true, true]}
          aria-label={t('audit.period')}
          onChange={(period) =>
            change({
              from: period?.[0] ? zonedIso(period[0], zone) : undefined,
              to: period?.[1] ? zonedIso(period[1], zone) : undefined,
            })
          }
        />
        {actor && (
          <Chip
            label={`${t('audit.who')} ${actorName ?? actor}`}
            drop={() => change({ actor: undefined, actorName: undefined })}
          />
        )}
        {resourceId && (
          <Chip label={`${t('audit.object')} ${resourceId}`} drop={() => change({ resourceId: undefined })} />
        )}
      </div>
      <ServerTable<Entry>
        of={['audit', query]}
        rowKey="seq"
        columns={columns}
        read={(page) => body(api.GET('/api/v1/audit', { params: { query: { ...query, ...page } } }))}
        empty={{
          title: t('list.empty'),
          next: (
            <Button onClick={() => change(Object.fromEntries(Object.keys(filters).map((name) => [name, undefined])))}>
              {t('list.clear')}
            </Button>
          ),
        }}
        onOpen={setOpen}
      />
      <Drawer
        open={open !== null}
        onClose={() => setOpen(null)}
        size={640}
        title={open && t('audit.record', { n: open.seq })}
        destroyOnHidden
      >
        {open && (
          <AuditRecordDetail
            entry={open}
            filter={(more) => {
              setOpen(null);
              change(more);
            }}
          />
        )}
      </Drawer>
    </Page>
  );
}

function Chip({ label, drop }: { label: string; drop: () => void }) {
  return (
    <Button onClick={drop} aria-label={t('audit.without', { name: label })}>
      {label} ✕
    </Button>
  );
}
