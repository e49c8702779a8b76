import { useQuery } from '@tanstack/react-query';
import { App, Button, Segmented } from 'antd';
import { type Answer, api, body } from '../../api/client.ts';
import { language, t } from '../../language.ts';
import { useFilters } from '../../parts/filters.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { ServerTable } from '../../parts/server-table.tsx';
import { Ago } from '../../parts/time.tsx';

const KINDS = ['daily', 'biweekly', 'monthly'] as const;
type Kind = (typeof KINDS)[number];
type Both = Answer<'SentReport'>['title'];

interface Row {
  readonly id: string;
  readonly kind: Kind;
  readonly period: string;
  readonly last: string;
  readonly madeAt: string;
  readonly title: Both;
}
const say = (words: Both): string => (language() === 'en' ? words.en : words.zh);

/** What went out, word for word. */
export function Sent() {
  const [filters, change] = useFilters();
  const kind = KINDS.find((one) => one === filters['kind']);
  return (
    <>
      <div className="filters report-filters">
        <Segmented
          value={kind ?? 'all'}
          onChange={(chosen) => change({ kind: chosen === 'all' ? undefined : String(chosen) })}
          options={[
            { value: 'all', label: t('reports.sent.all') },
            ...KINDS.map((one) => ({ value: one as string, label: t(`reports.kind.${one}`) })),
          ]}
        />
      </div>
      <section className="sheet">
        <ServerTable<Row>
          of={['reports', 'sent', kind ?? '']}
          read={async ({ cursor, limit }) => {
            const { items } = await body(
              api.GET('/api/v1/reports/sent', {
                params: { query: { limit, ...(kind && { kind }), ...(cursor && { before: cursor }) } },
              }),
            );
            const full = items.length === limit;
            return {
              items: items.map((item) => ({ ...item, id: `${item.kind} ${item.period}` })),
              nextCursor: (full && items.at(-1)?.madeAt) || null,
            };
          }}
          rowKey="id"
          columns={[
            { key: 'title', title: t('reports.sent.title'), render: (_, { title }) => say(title) },
            { key: 'kind', title: t('reports.sent.kind'), render: (_, row) => t(`reports.kind.${row.kind}`) },
            {
              key: 'period',
              title: t('reports.period'),
              render: (_, { period, last }) =>
                last === period ? period : t('reports.days', { from: period, to: last }),
            },
            { key: 'madeAt', title: t('reports.sent.at'), render: (_, { madeAt }) => <Ago at={madeAt} /> },
          ]}
          empty={{ title: t('reports.sent.none'), next: t('reports.sent.none.next') }}
          unfolded={(row) => <Words row={row} />}
        />
      </section>
    </>
  );
}

function Words({ row: { kind, period } }: { row: Row }) {
  const { message } = App.useApp();
  const sent = useQuery({
    queryKey: ['reports', 'sent-words', kind, period],
    queryFn: () => body(api.GET('/api/v1/reports/sent/{kind}/{period}', { params: { path: { kind, period } } })),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const copy = async (text: string) => {
    try {
      await navigator.clipboard.writeText(text);
      message.success(t('reports.copied'));
    } catch {
      message.error(t('reports.notCopied'));
    }
  };
  return (
    <Loaded query={sent}>
      {({ text }) => (
        <>
          <p className="report-words">{say(text)}</p>
          <Button size="small" onClick={() => void copy(say(text))}>
            {t('reports.copy')}
          </Button>
        </>
      )}
    </Loaded>
  );
}
