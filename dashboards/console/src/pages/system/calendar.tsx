import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, App, Button, Checkbox, Form, Input, Modal, Radio } from 'antd';
import { useState } from 'react';
import { api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { t, tCode } from '../../language.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { useToday } from '../../parts/today.ts';
import { type Day, monthOf, weekdayOf } from './roster-week.ts';

const MONTHS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
const WEEK = [1, 2, 3, 4, 5, 6, 7];

/** Holidays and make-up days of a year: limits that count working time and rosters follow it. */
export function Calendar() {
  const may = useMay();
  const queries = useQueryClient();
  const today = useToday();
  const [chosen, setChosen] = useState<number | null>(null);
  const [date, setDate] = useState<string | null>(null);
  const [importing, setImporting] = useState(false);
  const year = chosen ?? Number(today.slice(0, 4));
  const query = useQuery({
    queryKey: ['lists', 'calendar', 'year', year],
    queryFn: () => body(api.GET('/api/v1/calendar', { params: { query: { year } } })),
  });
  const mayChange = may('settings', 'update');
  const again = () => queries.invalidateQueries({ queryKey: ['lists', 'calendar'] });
  return (
    <>
      <div className="filters">
        <Button onClick={() => setChosen(year - 1)}>{year - 1}</Button>
        <b className="year">{t('calendar.year', { year })}</b>
        <Button onClick={() => setChosen(year + 1)}>{year + 1}</Button>
        {mayChange && <Button onClick={() => setImporting(true)}>{t('calendar.import')}</Button>}
        <span className="quiet">{t(mayChange ? 'calendar.words.change' : 'calendar.words')}</span>
      </div>
      <Loaded query={query}>
        {({ days, known, warning }) => {
          const byDate = new Map(days.map((day) => [day.date, day]));
          const edited = date === null ? undefined : byDate.get(date);
          return (
            <>
              {(!known || warning) && <Alert type="warning" showIcon title={warning ?? t('calendar.unknown')} />}
              <div className="months">
                {MONTHS.map((month) => (
                  <Month
                    key={month}
                    year={year}
                    month={month}
                    days={byDate}
                    today={today}
                    open={mayChange ? setDate : undefined}
                  />
                ))}
              </div>
              {date !== null && (
                <EditDay key={date} date={date} day={edited} close={() => setDate(null)} again={again} />
              )}
            </>
          );
        }}
      </Loaded>
      <ImportDays open={importing} close={() => setImporting(false)} again={again} />
    </>
  );
}

interface MonthProps {
  readonly year: number;
  readonly month: number;
  readonly days: ReadonlyMap<string, Day>;
  readonly today: string;
  readonly open: ((date: string) => void) | undefined;
}

function Month({ year, month, days, today, open }: MonthProps) {
  const places = monthOf(year, month);
  return (
    <section className="sheet month">
      <h2>{t('calendar.month', { month })}</h2>
      <div className="month-days">
        {WEEK.map((day) => (
          <span key={day} className="quiet">
            {tCode('weekdayShort', String(day))}
          </span>
        ))}
        {places.map((date, i) => {
          if (date === null) return <span key={`before${WEEK[i]}`} />;
          const day = days.get(date);
          const kind = day?.kind ?? (weekdayOf(date) > 5 ? 'weekend' : 'plain');
          const words = [date, day && tCode('calendarKind', day.kind), day?.name].filter(Boolean).join(' ');
          const face = (
            <>
              {Number(date.slice(8))}
              {day && <i>{tCode('calendarKind', day.kind)}</i>}
            </>
          );
          const look = `day day-${kind}${date === today ? ' day-today' : ''}`;
          return open ? (
            <button
              key={date}
              type="button"
              className={look}
              title={words}
              aria-label={words}
              onClick={() => open(date)}
            >
              {face}
            </button>
          ) : (
            <span key={date} className={look} title={words}>
              {face}
            </span>
          );
        })}
      </div>
    </section>
  );
}

interface EditDayProps {
  readonly date: string;
  readonly day: Day | undefined;
  readonly close: () => void;
  readonly again: () => Promise<unknown>;
}

function EditDay({ date, day, close, again }: EditDayProps) {
  const [form] = Form.useForm<{ kind: 'holiday' | 'workday' | 'plain'; name?: string }>();
  const [error, setError] = useState<unknown>();
  const save = async ({ kind, name = '' }: { kind: 'holiday' | 'workday' | 'plain'; name?: string }) => {
    try {
      const change = kind === 'plain' ? { remove: [date] } : { days: [{ date, kind, name: name.trim() || null }] };
      await api.PUT('/api/v1/calendar', { body: change });
      await again();
      close();
    } catch (cause) {
      setError(cause);
    }
  };
  return (
    <Modal
      open
      title={`${date} ${tCode('weekday', String(weekdayOf(date)))}`}
      onOk={() => form.submit()}
      onCancel={close}
      okText={t('thing.save')}
    >
      <p className="quiet">{t('calendar.consequence')}</p>
      <Form
        form={form}
        layout="vertical"
        initialValues={{ kind: day?.kind ?? 'plain', name: day?.name ?? '' }}
        onFinish={(typed) => void save(typed)}
      >
        <Form.Item name="kind" label={t('calendar.kind')}>
          <Radio.Group
            options={(['holiday', 'workday', 'plain'] as const).map((kind) => ({
              value: kind,
              label: t(`calendar.kind.${kind}`),
            }))}
          />
        </Form.Item>
        <Form.Item name="name" label={t('calendar.name')}>
          <Input maxLength={40} />
        </Form.Item>
        {error !== undefined && <ProblemNotice error={error} />}
      </Form>
    </Modal>
  );
}

interface ImportDaysProps {
  readonly open: boolean;
  readonly close: () => void;
  readonly again: () => Promise<unknown>;
}

function ImportDays({ open, close, again }: ImportDaysProps) {
  const { message } = App.useApp();
  const [form] = Form.useForm<{ csv: string; replaceYears?: boolean }>();
  const [error, setError] = useState<unknown>();
  const save = async ({ csv, replaceYears = false }: { csv: string; replaceYears?: boolean }) => {
    setError(undefined);
    try {
      const { entered, years } = await body(api.PUT('/api/v1/calendar', { body: { csv, replaceYears } }));
      await again();
      void message.success(t('calendar.imported', { n: entered, years: years.join(t('list.comma')) }));
      close();
    } catch (cause) {
      setError(cause);
    }
  };
  return (
    <Modal
      open={open}
      title={t('calendar.import')}
      okText={t('calendar.import.write')}
      onOk={() => form.submit()}
      onCancel={close}
      destroyOnHidden
    >
      <p className="quiet">{t('calendar.import.words')}</p>
      <Form form={form} layout="vertical" onFinish={(typed) => void save(typed)}>
        <Form.Item name="csv" label={t('calendar.csv')} rules={[{ required: true, whitespace: true }]}>
          <Input.TextArea rows={8} placeholder={t('calendar.csv.example')} />
        </Form.Item>
        <Form.Item name="replaceYears" valuePropName="checked">
          <Checkbox>{t('calendar.replace')}</Checkbox>
        </Form.Item>
        {error !== undefined && <ProblemNotice error={error} />}
      </Form>
    </Modal>
  );
}
