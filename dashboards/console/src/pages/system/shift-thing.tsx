import { Checkbox, Form, Input, InputNumber, Select } from 'antd';
import { type Answer, api } from '../../api/client.ts';
import { t, tCode } from '../../language.ts';
import { DayField } from '../../parts/day-field.tsx';
import { NamedSelect } from '../../parts/named-select.tsx';
import { useNames } from '../../parts/names.ts';
import { DutySelect } from './fields.tsx';
import { forChange, forCreate } from './input.ts';
import { useRosterPeople } from './lists.ts';
import { clockOf, minuteOf } from './roster-week.ts';
import { useThing } from './thing.tsx';

type Shift = Answer<'Shift'>;
type Input_ = Partial<Omit<Shift, 'fromMinute' | 'toMinute'>> & { fromMinute?: string; toMinute?: string };
const ON = ['always', 'workdays', 'restDays', 'holidays', 'makeUpDays'] as const;
const WEEK = [1, 2, 3, 4, 5, 6, 7];
const DAY_MINUTES = 1440;

/** Whoever can have a roster: areas, departments, maintenance units. */
export function useParties(): readonly { readonly id: string; readonly name: string }[] {
  return [...useNames('orgs').all, ...useNames('maintenanceUnits').all];
}

/** Times as typed are minutes for the gateway; week days count only where the week decides. */
function sent({ fromMinute = '', toMinute = '', days, on, position, ...rest }: Input_) {
  return {
    ...rest,
    on,
    position: position ?? 0,
    fromMinute: minuteOf(fromMinute) ?? 0,
    toMinute: minuteOf(toMinute) ?? DAY_MINUTES,
    days: on === 'always' || on === undefined ? (days ?? WEEK) : WEEK,
  };
}

/** One turn of duty. */
export function useShiftThing(orgId: string | undefined) {
  const parties = useParties();
  const people = useRosterPeople();
  const at = (id: string) => ({ params: { path: { id } } });
  const time = [
    { required: true },
    {
      validator: async (_rule: unknown, text: string) => {
        if (text && minuteOf(text) === null) throw new Error(t('rosters.time.rule'));
      },
    },
  ];
  return useThing<Shift, Input_>({
    resource: 'rosters',
    title: (row) => (row ? t('rosters.edit', { name: people.name(row.userId) }) : t('rosters.add')),
    initial: (row) =>
      row
        ? { ...row, fromMinute: clockOf(row.fromMinute), toMinute: clockOf(row.toMinute) }
        : { ...(orgId && { orgId }), on: 'always', days: WEEK, fromMinute: '00:00', toMinute: '24:00', position: 0 },
    fields: () => (
      <>
        <Form.Item name="orgId" label={t('rosters.org')} rules={[{ required: true }]}>
          <Select
            showSearch={{ optionFilterProp: 'label' }}
            options={parties.map(({ id, name }) => ({ value: id, label: name }))}
          />
        </Form.Item>
        <Form.Item name="userId" label={t('rosters.person')} rules={[{ required: true }]}>
          <DutySelect />
        </Form.Item>
        <Form.Item name="module" label={t('rosters.module')} extra={t('rosters.module.rule')}>
          <NamedSelect of="modules" placeholder={t('rosters.allModules')} />
        </Form.Item>
        <Form.Item name="on" label={t('rosters.on')} extra={t('rosters.on.rule')}>
          <Select options={ON.map((one) => ({ value: one, label: tCode('shiftDays', one) }))} />
        </Form.Item>
        <Form.Item noStyle dependencies={['on']}>
          {({ getFieldValue }) =>
            getFieldValue('on') === 'always' && (
              <Form.Item name="days" label={t('rosters.days')} rules={[{ required: true }]}>
                <Checkbox.Group options={WEEK.map((day) => ({ value: day, label: tCode('weekday', String(day)) }))} />
              </Form.Item>
            )
          }
        </Form.Item>
        <div className="fields-row">
          <Form.Item name="fromMinute" label={t('rosters.from')} rules={time}>
            <Input maxLength={5} inputMode="numeric" />
          </Form.Item>
          <Form.Item name="toMinute" label={t('rosters.to')} extra={t('rosters.to.rule')} rules={time}>
            <Input maxLength={5} inputMode="numeric" />
          </Form.Item>
        </div>
        <div className="fields-row">
          <DayField name="validFrom" label={t('rosters.validFrom')} />
          <DayField name="validTo" label={t('rosters.validTo')} />
        </div>
        <Form.Item name="position" label={t('rosters.position')} extra={t('rosters.position.rule')}>
          <InputNumber min={0} max={1000} precision={0} />
        </Form.Item>
      </>
    ),
    create: (input) => api.POST('/api/v1/rosters', { body: forCreate(sent(input)) }),
    change: ({ id }, input) => api.PATCH('/api/v1/rosters/{id}', { ...at(id), body: forChange(sent(input)) }),
    remove: {
      act: ({ id }) => api.DELETE('/api/v1/rosters/{id}', at(id)),
      consequence: ({ userId }) => t('rosters.remove.consequence', { name: people.name(userId) }),
    },
    stale: [['lists', 'rosters']],
  });
}
