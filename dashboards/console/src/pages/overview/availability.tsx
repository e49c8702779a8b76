import { Link } from '@tanstack/react-router';
import { Segmented } from 'antd';
import { useState } from 'react';
import type { Answer } from '../../api/client.ts';
import { t } from '../../language.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { Mark } from '../../parts/mark.tsx';
import { Nothing } from '../../parts/nothing.tsx';
import { rateText, toneOfRate } from '../../parts/rates.ts';
import { Rule } from '../../parts/rule.tsx';
import { Scroller } from '../../parts/scroller.tsx';
import { Trend } from '../../parts/trend.tsx';
import { GROUPS, type Group, useRates, useTrends } from './data.ts';

type Row = Answer<'AvailabilityReport'>['items'][number];
type Days = Answer<'AvailabilityDays'>;

/** Which filter of the list of devices names such a group. */
const FILTER = { module: 'module', org: 'orgId', vendor: 'vendorId', unit: 'maintenanceUnitId' } as const;
const SHAPE = { good: 'disc', warning: 'triangle', bad: 'square', none: 'ring' } as const;

/** 在线率 by what people are answerable for, worst first, with thirty days of it and the rule of the number. */
export function Availability() {
  const [by, setBy] = useState<Group>('module');
  const report = useRates(by);
  const trends = useTrends(by).data;
  return (
    <section className="sheet">
      <h2>
        {t('overview.availability')}
        <Segmented<Group>
          size="small"
          value={by}
          onChange={setBy}
          options={GROUPS.map((kind) => ({ value: kind, label: t(`overview.by.${kind}`) }))}
        />
        <Link className="more" to="/reports" search={{ by }}>
          {t('overview.toReports')}
        </Link>
      </h2>
      <Loaded query={report}>
        {({ items, total, rules, from, to }) => (
          <>
            <p className="quiet">
              {t('overview.period', { from, to })} · {t('overview.total')} <b>{rateText(total.onlineRate)}</b>{' '}
              <Rule words={rules.join(' ')} shown={t('overview.rule')} />
            </p>
            {items.length === 0 ? (
              <Nothing title={t('overview.noFigures')} />
            ) : (
              <Scroller label={t('overview.availability')}>
                <table className="rates">
                  <thead>
                    <tr>
                      <th scope="col">{t(`overview.by.${by}`)}</th>
                      <th scope="col">{t('overview.trend')}</th>
                      <th scope="col" className="number">
                        {t('overview.availability')}
                      </th>
                      <th scope="col" className="number">
                        {t('overview.fitRate')}
                      </th>
                    </tr>
                  </thead>
                  <tbody>
                    {items.map((row) => (
                      <Rate key={row.key ?? ''} row={row} by={by} trends={trends} />
                    ))}
                  </tbody>
                </table>
              </Scroller>
            )}
          </>
        )}
      </Loaded>
    </section>
  );
}

function Rate({ row, by, trends }: { row: Row; by: Group; trends: Days | undefined }) {
  const tone = toneOfRate(row.onlineRate);
  const days = trends?.items.find(({ key }) => key === row.key)?.days ?? [];
  return (
    <tr>
      <th scope="row">
        {row.key === null ? (
          row.name
        ) : (
          <Link to="/devices" search={{ [FILTER[by]]: row.key }}>
            {row.name}
          </Link>
        )}
      </th>
      <td>
        {trends && (
          <Trend
            points={days.map(({ day, onlineRate }) => ({ day, rate: onlineRate }))}
            from={trends.from}
            to={trends.to}
            label={t('overview.trendOf', {
              name: row.name,
              days: days.length,
              worst: rateText(Math.min(...days.map(({ onlineRate }) => onlineRate ?? 1))),
              last: rateText(days.at(-1)?.onlineRate ?? null),
            })}
          />
        )}
      </td>
      <td className="number">
        <Mark tone={tone} shape={SHAPE[tone]} label={rateText(row.onlineRate)} />
      </td>
      <td className="number quiet">{rateText(row.fitRate)}</td>
    </tr>
  );
}
