import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { DatePicker } from 'antd';
import dayjs from 'dayjs';
import { type Answer, api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { t, tCode } from '../../language.ts';
import { ChoiceSelect } from '../../parts/choice-select.tsx';
import { Figure } from '../../parts/figure.tsx';
import { useFilters } from '../../parts/filters.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { Mark } from '../../parts/mark.tsx';
import { NamedSelect } from '../../parts/named-select.tsx';
import { Nothing } from '../../parts/nothing.tsx';
import { Page } from '../../parts/page.tsx';
import { ServerTable } from '../../parts/server-table.tsx';
import { exactTime } from '../../parts/time.tsx';
import { SIGNS, STATES } from './inspection-words.ts';
import { Matrix } from './matrix.tsx';
import './inspections.css';

export type Task = Answer<'InspectionTask'>;

/** The round of the day, department by department, and the days before it. */
export default function Inspections() {
  const recent = useQuery({
    queryKey: ['reports', 'inspections', 'recent'],
    queryFn: () => body(api.GET('/api/v1/inspections', { params: { query: { limit: 200 } } })),
  });
  return (
    <Page title={t('inspections.title')} guide="inspections">
      <Loaded query={recent}>{({ items }) => <Recent tasks={items} />}</Loaded>
      <History />
    </Page>
  );
}

function Recent({ tasks }: { tasks: readonly Task[] }) {
  const may = useMay();
  const day = tasks[0]?.date;
  if (day === undefined) {
    return (
      <section className="sheet">
        <Nothing
          title={t('inspections.none')}
          next={
            may('settings', 'update') ? (
              <Link to="/system/settings">{t('inspections.none.settings')}</Link>
            ) : (
              t('inspections.none.next')
            )
          }
        />
      </section>
    );
  }
  const latest = tasks.filter(({ date }) => date === day);
  const count = (...states: readonly Task['state'][]) => latest.filter(({ state }) => states.includes(state)).length;
  const sum = (of: 'items' | 'answered' | 'abnormal') => latest.reduce((total, task) => total + task[of], 0);
  return (
    <>
      <div className="figures">
        <Figure
          label={t('inspections.done')}
          value={t('inspections.ofAll', { n: count('submitted', 'late'), of: latest.length })}
          tone={count('submitted', 'late') === latest.length ? 'good' : 'none'}
          rule={t('inspections.done.rule')}
          note={day}
        />
        <Figure label={t('inspections.open')} value={count('open')} note={dueNote(latest)} />
        <Figure
          label={t('inspections.overdue')}
          value={count('overdue')}
          tone={count('overdue') > 0 ? 'bad' : 'none'}
        />
        <Figure label={t('inspections.findings')} value={sum('items')} rule={t('inspections.findings.rule')} />
        <Figure
          label={t('inspections.abnormal')}
          value={sum('abnormal')}
          note={t('inspections.answered', { n: sum('answered') })}
        />
      </div>
      <Matrix tasks={tasks} />
    </>
  );
}

const dueNote = (tasks: readonly Task[]) => {
  const due = tasks.find(({ state }) => state === 'open')?.dueAt;
  return due ? t('inspections.dueAt', { at: exactTime(due).slice(11, 16) }) : undefined;
};

function History() {
  const [{ state, date, orgId }, change] = useFilters();
  const known = STATES.find((one) => one === state);
  const query = { ...(known && { state: known }), ...(date && { date }), ...(orgId && { orgId }) };
  return (
    <section className="sheet">
      <h2>{t('inspections.history')}</h2>
      <div className="filters inspections-bar">
        <DatePicker
          className="inspections-date"
          aria-label={t('inspections.date')}
          value={date ? dayjs(date) : null}
          onChange={(day) => change({ date: day?.format('YYYY-MM-DD') })}
        />
        <ChoiceSelect
          label={t('inspections.state')}
          family="inspectionState"
          codes={STATES}
          value={state}
          onChange={(next) => change({ state: next })}
        />
        <NamedSelect
          of="orgs"
          className="filter-select"
          placeholder={t('inspections.org')}
          aria-label={t('inspections.org')}
          value={orgId}
          onChange={(next) => change({ orgId: next })}
        />
      </div>
      <ServerTable<Task>
        of={['reports', 'inspections', 'history', query]}
        read={(page) => body(api.GET('/api/v1/inspections', { params: { query: { ...query, ...page } } }))}
        limit={20}
        rowKey="id"
        empty={{ title: t('list.empty') }}
        columns={[
          {
            title: t('inspections.date'),
            render: (_, { id, date: day }) => (
              <Link to="/inspections/$id" params={{ id }}>
                {day}
              </Link>
            ),
          },
          { title: t('inspections.org'), dataIndex: 'orgName' },
          {
            title: t('inspections.state'),
            render: (_, task) => (
              <Mark
                tone={SIGNS[task.state][0]}
                shape={SIGNS[task.state][1]}
                label={tCode('inspectionState', task.state)}
              />
            ),
          },
          { title: t('inspections.devices'), dataIndex: 'devices', align: 'end' },
          { title: t('inspections.findings'), dataIndex: 'items', align: 'end' },
          { title: t('inspections.abnormal'), dataIndex: 'abnormal', align: 'end' },
          {
            title: t('inspections.submitted'),
            render: (_, { submittedAt, submittedName }) =>
              submittedAt ? `${exactTime(submittedAt).slice(0, 16)} ${submittedName ?? ''}` : '—',
          },
        ]}
      />
    </section>
  );
}
