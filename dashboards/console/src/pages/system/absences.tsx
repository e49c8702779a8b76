import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, DatePicker, Form, Input, Table } from 'antd';
import type { Dayjs } from 'dayjs';
import { type Answer, api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { useMe } from '../../app/session.tsx';
import { t } from '../../language.ts';
import { ConfirmButton } from '../../parts/confirm.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Mark } from '../../parts/mark.tsx';
import { Nothing } from '../../parts/nothing.tsx';
import { exactTime, useNow } from '../../parts/time.tsx';
import { zonedMs } from '../../parts/zoned-day.ts';
import { DutySelect } from './fields.tsx';
import { forCreate } from './input.ts';
import { useRosterPeople } from './lists.ts';
import { useThing } from './thing.tsx';

type Absence = Answer<'Absence'>;
interface Input_ {
  readonly userId: string;
  readonly period: readonly [Dayjs, Dayjs];
  readonly substituteId?: string;
  readonly reason?: string;
}
const KEY = ['lists', 'absences'];

/** Who is away, and who stands in. */
export function Absences() {
  const may = useMay();
  const now = useNow();
  const zone = useMe().timeZone;
  const people = useRosterPeople();
  const queries = useQueryClient();
  const absences = useQuery({ queryKey: KEY, queryFn: () => body(api.GET('/api/v1/rosters/absences')) });
  const { open, mayCreate, drawer } = useThing<Absence, Input_>({
    resource: 'rosters',
    title: () => t('absences.add'),
    initial: () => ({}),
    fields: () => (
      <>
        <Form.Item name="userId" label={t('absences.who')} rules={[{ required: true }]}>
          <DutySelect />
        </Form.Item>
        <Form.Item name="period" label={t('absences.period')} rules={[{ required: true }]}>
          <DatePicker.RangePicker className="wide" showTime={{ format: 'HH:mm' }} format="YYYY-MM-DD HH:mm" />
        </Form.Item>
        <Form.Item name="substituteId" label={t('absences.substitute')} extra={t('absences.substitute.rule')}>
          <DutySelect />
        </Form.Item>
        <Form.Item name="reason" label={t('confirm.reason')}>
          <Input maxLength={200} />
        </Form.Item>
      </>
    ),
    create: ({ period: [from, to], ...rest }) =>
      api.POST('/api/v1/rosters/absences', {
        body: { ...forCreate<Omit<Input_, 'period'>>(rest), from: zonedMs(from, zone), to: zonedMs(to, zone) },
      }),
    stale: [KEY, ['lists', 'rosters']],
  });
  return (
    <>
      <div className="filters">
        {mayCreate && (
          <Button type="primary" onClick={() => open(null)}>
            {t('absences.add')}
          </Button>
        )}
        <span className="quiet">{t('absences.words')}</span>
      </div>
      <Loaded query={absences}>
        {({ items }) => (
          <Table<Absence>
            size="small"
            rowKey="id"
            pagination={false}
            scroll={{ x: 'max-content' }}
            dataSource={[...items]}
            locale={{ emptyText: <Nothing title={t('absences.none')} /> }}
            columns={[
              { title: t('absences.who'), render: (_, { userId }) => people.name(userId) },
              {
                title: t('absences.state'),
                render: (_, { from }) =>
                  Date.parse(from) <= now ? (
                    <Mark tone="warning" shape="triangle" label={t('absences.away')} />
                  ) : (
                    <Mark tone="none" shape="ring" label={t('absences.coming')} />
                  ),
              },
              { title: t('absences.from'), render: (_, { from }) => exactTime(from).slice(0, 16) },
              { title: t('absences.to'), render: (_, { to }) => exactTime(to).slice(0, 16) },
              {
                title: t('absences.substitute'),
                render: (_, { substituteId }) =>
                  substituteId ? people.name(substituteId) : <span className="quiet">{t('thing.none')}</span>,
              },
              { title: t('confirm.reason'), render: (_, { reason }) => <span className="wrapped">{reason}</span> },
              {
                title: t('absences.do'),
                render: (_, { id, userId }) =>
                  may('rosters', 'remove') && (
                    <ConfirmButton
                      size="small"
                      title={t('absences.remove')}
                      consequence={t('absences.remove.consequence', { name: people.name(userId) })}
                      act={async () => {
                        await api.DELETE('/api/v1/rosters/absences/{id}', { params: { path: { id } } });
                        await queries.invalidateQueries({ queryKey: ['lists'] });
                      }}
                    >
                      {t('absences.remove')}
                    </ConfirmButton>
                  ),
              },
            ]}
          />
        )}
      </Loaded>
      {drawer}
    </>
  );
}
