import { useQuery } from '@tanstack/react-query';
import { Segmented } from 'antd';
import { useState } from 'react';
import { type Answer, api, body } from '../../api/client.ts';
import { t } from '../../language.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { Nothing } from '../../parts/nothing.tsx';
import { Rule } from '../../parts/rule.tsx';

const KINDS = ['module', 'org', 'vendor', 'unit'] as const;
type Kind = (typeof KINDS)[number];
type Row = Answer<'AvailabilityReport'>['items'][number];

const percent = (rate: number | null) => (rate === null ? '—' : `${(rate * 100).toFixed(1)} %`);

/** 在线率 by what people are answerable for, worst first, with the rule of the number. */
export function Availability() {
  const [by, setBy] = useState<Kind>('module');
  const report = useQuery({
    queryKey: ['reports', 'availability', by],
    queryFn: () =>
      body(api.GET('/api/v1/reports/availability', { params: { query: { by, sort: 'rate', limit: 12 } } })),
    refetchInterval: 60_000,
  });
  return (
    <section className="sheet">
      <h2>
        {t('overview.availability')}
        <Segmented<Kind>
          size="small"
          value={by}
          onChange={setBy}
          options={KINDS.map((kind) => ({ value: kind, label: t(`overview.by.${kind}`) }))}
        />
      </h2>
      <Loaded query={report}>
        {({ items, total, rules, from, to }) => (
          <>
            <p className="quiet">
              {t('overview.period', { from, to })} · {t('overview.total')} <b>{percent(total.onlineRate)}</b>{' '}
              <Rule words={rules.join(' ')} shown={t('overview.rule')} />
            </p>
            {items.length === 0 ? (
              <Nothing title={t('overview.noFigures')} />
            ) : (
              <table className="rates">
                <tbody>
                  {items.map((row) => (
                    <Rate key={row.key ?? ''} row={row} />
                  ))}
                </tbody>
              </table>
            )}
          </>
        )}
      </Loaded>
    </section>
  );
}

/** 98 % for key points, 95 % for others: below is a fault, between is worth a look. */
function toneOfRate(rate: number | null): string {
  if (rate === null) return 'none';
  if (rate >= 0.98) return 'good';
  return rate >= 0.95 ? 'warning' : 'bad';
}

function Rate({ row }: { row: Row }) {
  const rate = row.onlineRate;
  return (
    <tr>
      <th scope="row">{row.name}</th>
      <td className="rate-bar">
        <meter min={0} max={1} value={rate ?? 0} className={`tone-${toneOfRate(rate)}`} aria-hidden="true" />
      </td>
      <td className="number">{percent(rate)}</td>
      <td className="number quiet">{t('overview.fit', { rate: percent(row.fitRate) })}</td>
    </tr>
  );
}
