import { useQuery } from '@tanstack/react-query';
import { Button, Select, Table } from 'antd';
import { useState } from 'react';
import { type Answer, api, body } from '../../api/client.ts';
import { language, t, tCode } from '../../language.ts';
import { useFilters } from '../../parts/filters.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { useNames } from '../../parts/names.ts';
import { Nothing } from '../../parts/nothing.tsx';
import { useToday } from '../../parts/today.ts';
import { useRosterPeople } from './lists.ts';
import { OnDuty } from './on-duty.tsx';
import { beginsOn, clockOf, type Day, weekOf } from './roster-week.ts';
import { useParties, useShiftThing } from './shift-thing.tsx';
import { Opens } from './thing.tsx';

type Shift = Answer<'Shift'>;
const WORKING = [1, 2, 3, 4, 5];

/** A week of duty: who, for which module, from when until when. */
export function Roster() {
  const [{ orgId }, change] = useFilters();
  const [after, setAfter] = useState(0);
  const parties = useParties();
  const modules = useNames('modules');
  const people = useRosterPeople();
  const today = useToday();
  const days = weekOf(today, after);
  const calendar = useCalendarOf(days);
  const shifts = useQuery({
    queryKey: ['lists', 'rosters', orgId ?? ''],
    queryFn: () => body(api.GET('/api/v1/rosters', { params: { query: orgId ? { orgId } : {} } })),
  });
  const { open, mayCreate, drawer } = useShiftThing(orgId);
  const spans = ({ fromMinute, toMinute }: Shift) =>
    toMinute > fromMinute
      ? `${clockOf(fromMinute)}–${clockOf(toMinute)}`
      : t('rosters.overnight', { from: clockOf(fromMinute), to: clockOf(toMinute) });
  return (
    <>
      <div className="filters">
        <Select
          allowClear
          showSearch={{ optionFilterProp: 'label' }}
          className="filter-select"
          popupMatchSelectWidth={false}
          placeholder={t('rosters.allOrgs')}
          aria-label={t('rosters.org')}
          {...(orgId && { value: orgId })}
          onChange={(next?: string) => change({ orgId: next })}
          options={parties.map(({ id, name }) => ({ value: id, label: name }))}
        />
        <Button onClick={() => setAfter(after - 1)}>{t('rosters.weekBefore')}</Button>
        <Button onClick={() => setAfter(0)} disabled={after === 0}>
          {t('rosters.thisWeek')}
        </Button>
        <Button onClick={() => setAfter(after + 1)}>{t('rosters.weekAfter')}</Button>
        {mayCreate && (
          <Button type="primary" onClick={() => open(null)}>
            {t('rosters.add')}
          </Button>
        )}
      </div>
      <Loaded query={shifts}>
        {({ items }) => (
          <>
            <OnDuty orgIds={orgId ? [orgId] : [...new Set(items.map((one) => one.orgId))]} />
            <Table<Shift>
              size="small"
              rowKey="id"
              className="roster-week"
              pagination={false}
              scroll={{ x: 'max-content' }}
              dataSource={[...items].sort((a, b) => a.orgId.localeCompare(b.orgId) || a.position - b.position)}
              locale={{ emptyText: <Nothing title={t('rosters.none')} next={t('rosters.none.next')} /> }}
              onRow={(row) => ({ onClick: () => open(row), className: 'opens' })}
              columns={[
                {
                  title: t('rosters.org'),
                  render: (_, row) => parties.find(({ id }) => id === row.orgId)?.name ?? row.orgId,
                },
                {
                  title: t('rosters.person'),
                  render: (_, row) => <Opens name={people.name(row.userId)} onOpen={() => open(row)} />,
                },
                {
                  title: t('rosters.module'),
                  render: (_, { module }) => (module ? modules.name(module) : t('rosters.allModules')),
                },
                { title: t('rosters.on'), render: (_, { on = 'always' }) => tCode('shiftDays', on) },
                ...days.map((date, i) => {
                  const entered = calendar.get(date);
                  return {
                    key: date,
                    title: <DayHead date={date} weekday={i + 1} entered={entered} />,
                    className:
                      date === today ? 'today' : entered?.kind === 'holiday' || (!entered && i > 4) ? 'rest' : '',
                    render: (_: unknown, row: Shift) =>
                      beginsOn(row, date, entered, WORKING) ? <span className="span">{spans(row)}</span> : null,
                  };
                }),
              ]}
            />
          </>
        )}
      </Loaded>
      {drawer}
    </>
  );
}

function DayHead({ date, weekday, entered }: { date: string; weekday: number; entered: Day | undefined }) {
  return (
    <>
      {tCode('weekday', String(weekday))} {date.slice(5)}
      {entered && (
        <span className={entered.kind === 'holiday' ? 'day-off' : 'day-on'} title={entered.name ?? ''}>
          {tCode('calendarKind', entered.kind)}
          {language() === 'zh-CN' && entered.name && <span className="heard">{entered.name}</span>}
        </span>
      )}
    </>
  );
}

/** What the calendar says of some days. */
function useCalendarOf(days: readonly string[]): ReadonlyMap<string, Day> {
  const years = [...new Set(days.map((date) => Number(date.slice(0, 4))))];
  const query = useQuery({
    queryKey: ['lists', 'calendar', ...years],
    queryFn: () => Promise.all(years.map((year) => body(api.GET('/api/v1/calendar', { params: { query: { year } } })))),
  });
  return new Map((query.data ?? []).flatMap((one) => one.days.map((day): [string, Day] => [day.date, day])));
}
