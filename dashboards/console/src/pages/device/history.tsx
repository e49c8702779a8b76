import { Link } from '@tanstack/react-router';
import { type Answer, api, body } from '../../api/client.ts';
import { t, tCode } from '../../language.ts';
import { ServerTable } from '../../parts/server-table.tsx';
import { exactTime } from '../../parts/time.tsx';
import { useActor } from './actor.ts';

type Entry = Answer<'TimelineEntry'> & { readonly key: string };
const FAMILY = {
  lifecycle: 'turn',
  health: 'health',
  event: 'event',
  incident: 'fault',
  ticket: 'stage',
  change: 'turn',
} as const;

/** Everything that happened to it, newest first; `only` narrows to some kinds. */
export function History({ id, only }: { id: string; only?: readonly string[] }) {
  const actor = useActor();
  return (
    <section className="sheet">
      <h2>{t(only ? 'history.lifecycle' : 'history.title')}</h2>
      <ServerTable<Entry>
        of={['device-timeline', id, only?.join() ?? '']}
        limit={only ? 200 : 20}
        rowKey="key"
        read={async (page) => {
          const found = await body(api.GET('/api/v1/devices/{id}/timeline', { params: { path: { id }, query: page } }));
          const items = found.items.map((one, i) => ({ ...one, key: `${one.at}${one.what}${i}` }));
          return { ...found, items: only ? items.filter(({ kind }) => only.includes(kind)) : items };
        }}
        empty={{ title: t('history.empty') }}
        columns={[
          { title: t('history.at'), render: (_, row) => exactTime(row.at) },
          { title: t('history.kind'), render: (_, row) => t(`history.kind.${row.kind}`) },
          { title: t('history.what'), render: (_, row) => <What entry={row} /> },
          { title: t('history.by'), render: (_, row) => actor(row.by) },
          {
            title: t('history.reason'),
            render: (_, row) =>
              row.reason === null
                ? ''
                : row.kind === 'event'
                  ? tCode('severity', row.reason)
                  : tCode('reason', row.reason),
          },
        ]}
      />
    </section>
  );
}

interface Detail {
  readonly ticketId?: string;
  readonly no?: string;
  readonly incidentId?: string;
  readonly before?: Readonly<Record<string, unknown>> | null;
  readonly after?: Readonly<Record<string, unknown>> | null;
}

function What({ entry }: { entry: Entry }) {
  const { kind, what } = entry;
  const detail = (entry.detail ?? {}) as Detail;
  const words = tCode(FAMILY[kind], what);
  if (kind === 'ticket' && detail.ticketId)
    return (
      <Link to="/tickets/$id" params={{ id: detail.ticketId }}>
        {detail.no} {words}
      </Link>
    );
  if (kind === 'incident' && detail.incidentId)
    return (
      <Link to="/incidents/$id" params={{ id: detail.incidentId }}>
        {words}
      </Link>
    );
  const changed = changedFields(detail);
  return (
    <span>
      {words}
      {changed.length > 0 && <span className="quiet"> {t('history.fields', { list: changed.join('、') })}</span>}
    </span>
  );
}

const SILENT = new Set(['updatedAt', 'revision', 'lifecycleAt', 'lifecycle', 'lifecycleReason']);

function changedFields({ before, after }: Detail): string[] {
  if (!before || !after) return [];
  return Object.keys(after)
    .filter((name) => !SILENT.has(name) && JSON.stringify(before[name]) !== JSON.stringify(after[name]))
    .map((name) => {
      const words = tCode('archive', name);
      return words === name ? tCode('camera', name) : words;
    });
}
