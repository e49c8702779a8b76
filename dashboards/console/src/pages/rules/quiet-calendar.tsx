import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button } from 'antd';
import dayjs from 'dayjs';
import { api, body } from '../../api/client.ts';
import { useMe } from '../../app/session.tsx';
import { t, tCode } from '../../language.ts';
import type { Tone } from '../../look/tokens.ts';
import { useFilters } from '../../parts/filters.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { Mark, type Shape } from '../../parts/mark.tsx';
import { Nothing } from '../../parts/nothing.tsx';
import { useToday } from '../../parts/today.ts';
import { zonedIso } from '../../parts/zoned-day.ts';
import type { QuietKind } from './quiet-kinds.ts';

const SIGN: Record<QuietKind, readonly [Tone, Shape]> = {
  maintenance: ['odd', 'bar'],
  silence: ['none', 'cross'],
  security: ['bad', 'diamond'],
  drill: ['warning', 'triangle'],
};
const WEEKS = 6;

/** A month with every occurrence of windows, 重保 and drills. */
export function QuietCalendar() {
  const [filters, change] = useFilters();
  const zone = useMe().timeZone;
  const today = useToday();
  const month = dayjs(`${filters.month ?? today.slice(0, 7)}-01`);
  // Monday first.
  const first = month.subtract((month.day() + 6) % 7, 'day');
  const days = Array.from({ length: WEEKS * 7 }, (_, n) => first.add(n, 'day'));
  const span = {
    from: zonedIso(first, zone),
    to: zonedIso(first.add(WEEKS * 7, 'day'), zone),
  };
  const calendar = useQuery({
    queryKey: ['lists', 'quiet-calendar', span.from],
    queryFn: () => body(api.GET('/api/v1/maintenance-windows/calendar', { params: { query: span } })),
  });
  const go = (n: number) => change({ month: month.add(n, 'month').format('YYYY-MM') });
  return (
    <div className="rules-stack">
      <div className="filters">
        <Button onClick={() => go(-1)} aria-label={t('quiet.monthBefore')}>
          ‹
        </Button>
        <b className="month-name">{month.format('YYYY-MM')}</b>
        <Button onClick={() => go(1)} aria-label={t('quiet.monthAfter')}>
          ›
        </Button>
        <Button onClick={() => change({ month: undefined })}>{t('quiet.thisMonth')}</Button>
        {(['maintenance', 'security', 'drill'] as const).map((kind) => (
          <Mark key={kind} tone={SIGN[kind][0]} shape={SIGN[kind][1]} label={tCode('quietKind', kind)} />
        ))}
      </div>
      <Loaded query={calendar}>
        {({ items }) =>
          items.length === 0 ? (
            <Nothing title={t('quiet.calendarNone')} />
          ) : (
            <ol className="month">
              {days.map((day) => {
                const date = day.format('YYYY-MM-DD');
                const here = items.filter(
                  ({ from, to }) =>
                    from.slice(0, 10) <= date &&
                    (to.slice(0, 10) > date || (to.slice(0, 10) === date && to.slice(11, 16) > '00:00')),
                );
                const classes = [
                  'month-day',
                  ...(day.month() === month.month() ? [] : ['beyond']),
                  ...(date === today ? ['today'] : []),
                  ...(here.length === 0 ? ['free'] : []),
                ];
                return (
                  <li key={date} className={classes.join(' ')}>
                    <span className="month-date">
                      {day.format('M-D')}{' '}
                      <span className="quiet">{tCode('weekday', String(day.day() === 0 ? 7 : day.day()))}</span>
                    </span>
                    {here.map(({ id, kind, name, state, from, to }) => (
                      <Link
                        key={`${id}${from}`}
                        to="/system/quiet"
                        search={{ tab: kind, id }}
                        title={`${name} ${from.slice(0, 16).replace('T', ' ')} – ${to.slice(0, 16).replace('T', ' ')}`}
                      >
                        <Mark tone={SIGN[kind][0]} shape={SIGN[kind][1]} label={tCode('quietKind', kind)} bare />
                        <span className="month-time">{from.slice(0, 10) === date ? from.slice(11, 16) : '→'}</span>{' '}
                        {name}
                        {state === 'proposed' && <span className="quiet"> {t('quiet.proposed')}</span>}
                      </Link>
                    ))}
                  </li>
                );
              })}
            </ol>
          )
        }
      </Loaded>
    </div>
  );
}
