import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button } from 'antd';
import { type Answer, api, body } from '../../api/client.ts';
import { t } from '../../language.ts';
import type { Tone } from '../../look/tokens.ts';
import { Figure } from '../../parts/figure.tsx';
import { useFilters } from '../../parts/filters.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { Mark, type Shape } from '../../parts/mark.tsx';
import { Nothing } from '../../parts/nothing.tsx';
import { rateText, toneOfRate } from '../../parts/rates.ts';
import { Rule } from '../../parts/rule.tsx';
import { exactTime, lengthOf } from '../../parts/time.tsx';
import { hoursText } from './figures.ts';
import { usePeriod } from './period.tsx';
import { type Column, PlainTable } from './plain-table.tsx';

type Segment = Answer<'DeviceAvailability'>['segments'][number];

const SIGN: Record<Segment['class'], readonly [Tone, Shape]> = {
  outside: ['none', 'ring'],
  maintenance: ['none', 'bar'],
  blind: ['none', 'cross'],
  good: ['good', 'disc'],
  flawed: ['warning', 'triangle'],
  stale: ['odd', 'diamond'],
  offline: ['bad', 'square'],
  unseen: ['bad', 'ring'],
  suspended: ['bad', 'bar'],
};
/** A flapping device has thousands; the newest are asked about. */
const SHOWN = 500;

/** One device's rates from the raw records, and how every moment counted: to check, and to object to. */
export function OneDevice({ id }: { id: string }) {
  const { from, to } = usePeriod();
  const [, change] = useFilters();
  const report = useQuery({
    queryKey: ['reports', 'device', id, from, to],
    queryFn: () =>
      body(api.GET('/api/v1/reports/availability/devices/{id}', { params: { path: { id }, query: { from, to } } })),
    retry: false,
  });
  return (
    <Loaded query={report}>
      {({ figures, segments, rules }) => (
        <>
          <p>
            <Link to="/devices/$id" params={{ id }}>
              {id}
            </Link>{' '}
            <Rule words={rules.join(' ')} shown={t('reports.rule')} />{' '}
            <Button size="small" onClick={() => change({ device: undefined })}>
              {t('reports.allDevices')}
            </Button>
          </p>
          <div className="figures">
            <Figure
              label={t('reports.onlineRate')}
              value={rateText(figures.onlineRate)}
              tone={toneOfRate(figures.onlineRate)}
              note={t('reports.onlineRate.note', {
                online: hoursText(figures.onlineMs),
                all: hoursText(figures.expectedMs),
              })}
            />
            <Figure
              label={t('reports.fitRate')}
              value={rateText(figures.fitRate)}
              tone={toneOfRate(figures.fitRate)}
              note={t('reports.fitRate.note', { fit: hoursText(figures.fitMs), all: hoursText(figures.expectedMs) })}
            />
            <Figure label={t('reports.offlineHours')} value={hoursText(figures.offlineMs)} />
            <Figure
              label={t('reports.excluded')}
              value={hoursText(figures.maintenanceMs + figures.blindMs)}
              rule={t('reports.excluded.rule')}
            />
          </div>
          <section className="sheet">
            <h2>{t('reports.segments')}</h2>
            {segments.length === 0 ? (
              <Nothing title={t('reports.segments.none')} />
            ) : (
              <PlainTable
                label={t('reports.segments')}
                columns={columns()}
                rows={segments.slice(-SHOWN).reverse()}
                keyOf={({ from: at }) => at}
              />
            )}
            {segments.length > SHOWN && (
              <p className="quiet">{t('reports.segments.cut', { n: SHOWN, all: segments.length })}</p>
            )}
          </section>
        </>
      )}
    </Loaded>
  );
}

const columns = (): Column<Segment>[] => [
  { title: t('reports.col.from'), cell: ({ from }) => exactTime(from) },
  { title: t('reports.col.to'), cell: ({ to }) => exactTime(to) },
  {
    title: t('reports.col.length'),
    cell: ({ from, to }) => lengthOf(Date.parse(to) - Date.parse(from)),
    figure: true,
  },
  {
    title: t('reports.col.class'),
    cell: ({ class: code }) => <Mark tone={SIGN[code][0]} shape={SIGN[code][1]} label={t(`reports.class.${code}`)} />,
  },
  { title: t('reports.col.counts'), cell: ({ class: code }) => t(`reports.counts.${code}`) },
];
