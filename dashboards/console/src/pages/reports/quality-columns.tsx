import { Link } from '@tanstack/react-router';
import type { TableProps } from 'antd';
import type { ReactNode } from 'react';
import type { Answer } from '../../api/client.ts';
import { t } from '../../language.ts';
import { Mark } from '../../parts/mark.tsx';
import { rateText } from '../../parts/rates.ts';
import { Rule } from '../../parts/rule.tsx';
import { count } from './figures.ts';

export type Row = Answer<'DataQuality'>['items'][number] & { readonly id: string };

/** A whole score below the first is a fault of the device or its line, below the second worth a look. */
const POOR = 70;
const FAIR = 90;

function Score({ score }: { score: number | null }) {
  if (score === null) return <Mark tone="none" shape="ring" label={t('quality.unjudged')} />;
  const label = score === 100 ? '100' : Math.min(99.9, score).toFixed(1);
  if (score >= FAIR) return <Mark tone="good" shape="disc" label={label} />;
  return score >= POOR ? (
    <Mark tone="warning" shape="triangle" label={label} />
  ) : (
    <Mark tone="bad" shape="square" label={label} />
  );
}

interface Context {
  readonly date: string | undefined;
  readonly quarantine: boolean;
}

/** Nothing lost is quiet, so that what was lost is seen. */
const lost = (n: number, share: number | null): ReactNode =>
  n === 0 ? <span className="quiet">{share === null ? '—' : '0'}</span> : <b>{count(n)}</b>;

/** What the devices of a row are picked by. */
const NARROWS = { vendor: 'vendorId', type: 'type', module: 'module' } as const;

export function qualityColumns(by: 'device' | keyof typeof NARROWS, { date, quarantine }: Context) {
  const figure = (key: string, title: string, rule: string, render: (row: Row) => ReactNode) => ({
    key,
    title: (
      <>
        {title}
        <Rule words={rule} />
      </>
    ),
    align: 'end' as const,
    render: (_: unknown, row: Row) => render(row),
  });
  const columns: NonNullable<TableProps<Row>['columns']> = [
    {
      key: 'name',
      title: t(`quality.by.${by}`),
      render: (_: unknown, { key, name }) => {
        if (key === null) return t(by === 'module' ? 'quality.noModule' : 'quality.noVendor');
        if (by === 'device')
          return (
            <Link to="/devices/$id" params={{ id: key }}>
              {name ?? key}
            </Link>
          );
        return (
          <Link to="/data-quality" search={{ by: 'device', [NARROWS[by]]: key, ...(date && { date }) }}>
            {name ?? key}
          </Link>
        );
      },
    },
    figure('score', t('quality.score'), t('quality.score.rule'), ({ score }) => <Score score={score} />),
    figure('complete', t('quality.complete'), t('quality.complete.rule'), ({ parts }) => rateText(parts.gaps)),
    figure('received', t('quality.received'), t('quality.received.rule'), ({ received, expected }) =>
      t('quality.receivedOf', { n: count(received), all: expected === null ? '—' : count(expected) }),
    ),
    figure('excused', t('quality.excused'), t('quality.excused.rule'), ({ excused }) => count(excused)),
    figure('refused', t('quality.refused'), t('quality.refused.rule'), ({ refused, parts, key }) =>
      refused > 0 && quarantine && by === 'device' && key !== null ? (
        <Link to="/quarantine" search={{ deviceId: key }}>
          {count(refused)}
        </Link>
      ) : (
        lost(refused, parts.range)
      ),
    ),
    figure('duplicates', t('quality.duplicates'), t('quality.duplicates.rule'), ({ duplicates, parts }) =>
      lost(duplicates, parts.duplicates),
    ),
    figure('stuck', t('quality.stuck'), t('quality.stuck.rule'), ({ stuck, judged }) =>
      stuck === 0 ? lost(0, judged === 0 ? null : 1) : <b>{t('reports.of', { n: stuck, all: judged })}</b>,
    ),
    figure('skewed', t('quality.skewed'), t('quality.skewed.rule'), ({ skewed, parts }) => lost(skewed, parts.skew)),
    figure('unlisted', t('quality.unlisted'), t('quality.unlisted.rule'), ({ unknown, parts }) =>
      lost(unknown, parts.schema),
    ),
    figure('readings', t('quality.readings'), t('quality.readings.rule'), ({ readings }) => count(readings)),
  ];
  if (by !== 'device')
    columns.splice(
      2,
      0,
      figure('devices', t('quality.devices'), t('quality.devices.rule'), ({ devices }) => count(devices)),
    );
  return columns;
}
