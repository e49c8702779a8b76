import { Checkbox, Form, Select } from 'antd';
import { type Answer, api } from '../../api/client.ts';
import { t, tCode } from '../../language.ts';
import { FormDrawer } from '../../parts/form-drawer.tsx';
import { NamedSelects } from '../../parts/named-selects.tsx';
import { useChannels } from './channel-list.ts';
import { FAULTS } from './faults.ts';
import { TimeOfDay } from './time-of-day.tsx';

type Rule = Answer<'NotificationRule'>;
export const EVENTS = ['firing', 'resolved', 'overdue', 'escalated', 'report', 'stage'] as const;
export const SEVERITIES = ['info', 'minor', 'major', 'critical'] as const;
export const STAGES = [
  'discovered',
  'filed',
  'dispatched',
  'handling',
  'verifying',
  'closed',
  'returned',
  'suspended',
  'falseAlarm',
  'cancelled',
] as const;
const WHEN = ['always', 'working', 'off', 'hours'] as const;

interface Draft extends Omit<Rule, 'id' | 'times' | 'lifeSafety' | 'language'> {
  readonly when: (typeof WHEN)[number];
  readonly days: number[];
  readonly from: string;
  readonly to: string;
  readonly safety: 'all' | 'only' | 'without';
  readonly language: 'zh-CN' | 'en' | undefined;
}

interface NoticeRuleFormProps {
  readonly editing: Rule | 'new' | null;
  readonly close: () => void;
  readonly again: () => Promise<unknown>;
}

export function NoticeRuleForm({ editing, close, again }: NoticeRuleFormProps) {
  const [form] = Form.useForm<Draft>();
  const channels = useChannels();
  const rule = editing === 'new' || editing === null ? null : editing;
  const when = Form.useWatch('when', form);
  const save = async (draft: Draft) => {
    const { channelId, level, minSeverity } = draft;
    const list = <T,>(values: readonly T[] | null | undefined) => (values && values.length > 0 ? [...values] : null);
    const input = {
      channelId,
      level,
      minSeverity,
      faults: list(draft.faults),
      stages: list(draft.stages),
      modules: list(draft.modules),
      orgIds: list(draft.orgIds),
      events: list(draft.events),
      lifeSafety: draft.safety === 'all' ? null : draft.safety === 'only',
      times:
        draft.when === 'always'
          ? null
          : draft.when === 'hours'
            ? { days: draft.days, from: draft.from, to: draft.to }
            : { when: draft.when },
      language: draft.language ?? null,
    };
    if (rule) await api.PATCH('/api/v1/notification-rules/{id}', { params: { path: { id: rule.id } }, body: input });
    else await api.POST('/api/v1/notification-rules', { body: input });
    await again();
  };
  const times = rule?.times as
    | { when?: 'working' | 'off'; days?: number[]; from?: string; to?: string }
    | null
    | undefined;
  return (
    <FormDrawer<Draft>
      key={rule?.id ?? 'new'}
      title={t(rule ? 'notify.changeRule' : 'notify.addRule')}
      open={editing !== null}
      close={close}
      form={form}
      initial={
        {
          minSeverity: 'minor',
          level: 1,
          ...rule,
          when: times ? (times.when ?? 'hours') : 'always',
          days: times?.days ?? [1, 2, 3, 4, 5],
          from: times?.from ?? '08:30',
          to: times?.to ?? '17:30',
          safety: rule?.lifeSafety === true ? 'only' : rule?.lifeSafety === false ? 'without' : 'all',
          language: rule?.language ?? undefined,
        } as Partial<Draft>
      }
      save={save}
    >
      <Form.Item name="channelId" label={t('notify.toWhom')} rules={[{ required: true }]}>
        <Select options={(channels.data?.items ?? []).map(({ id, name }) => ({ value: id, label: name }))} />
      </Form.Item>
      <Form.Item name="events" label={t('notify.events')} extra={t('notify.events.hint')}>
        <Select mode="multiple" options={EVENTS.map((one) => ({ value: one, label: tCode('noticeEvent', one) }))} />
      </Form.Item>
      <Form.Item name="minSeverity" label={t('notify.minSeverity')}>
        <Select options={SEVERITIES.map((one) => ({ value: one, label: tCode('severity', one) }))} />
      </Form.Item>
      <Form.Item name="modules" label={t('notify.modules')} extra={t('notify.modules.hint')}>
        <NamedSelects of="modules" />
      </Form.Item>
      <Form.Item name="orgIds" label={t('notify.orgs')}>
        <NamedSelects of="orgs" />
      </Form.Item>
      <Form.Item name="faults" label={t('notify.faults')}>
        <Select mode="tags" options={FAULTS.map((one) => ({ value: one, label: tCode('fault', one) }))} />
      </Form.Item>
      <Form.Item name="stages" label={t('notify.stages')}>
        <Select mode="multiple" options={STAGES.map((one) => ({ value: one, label: tCode('stage', one) }))} />
      </Form.Item>
      <Form.Item name="safety" label={t('notify.safety')}>
        <Select
          options={(['all', 'only', 'without'] as const).map((one) => ({
            value: one,
            label: tCode('noticeSafety', one),
          }))}
        />
      </Form.Item>
      <Form.Item name="level" label={t('notify.level')}>
        <Select options={[1, 2, 3].map((one) => ({ value: one, label: tCode('noticeLevel', String(one)) }))} />
      </Form.Item>
      <Form.Item name="when" label={t('notify.when')}>
        <Select
          options={WHEN.map((one) => ({
            value: one,
            label: one === 'always' ? t('notify.always') : tCode('noticeWhen', one),
          }))}
        />
      </Form.Item>
      {when === 'hours' && (
        <>
          <Form.Item name="days" label={t('notify.days')} rules={[{ required: true }]}>
            <Checkbox.Group
              options={[1, 2, 3, 4, 5, 6, 7].map((one) => ({ value: one, label: tCode('weekday', String(one)) }))}
            />
          </Form.Item>
          <Form.Item name="from" label={t('rules.from')}>
            <TimeField />
          </Form.Item>
          <Form.Item name="to" label={t('rules.to')}>
            <TimeField />
          </Form.Item>
        </>
      )}
      <Form.Item name="language" label={t('notify.language')}>
        <Select
          allowClear
          options={[
            { value: 'zh-CN', label: t('account.language.zh') },
            { value: 'en', label: t('account.language.en') },
          ]}
        />
      </Form.Item>
    </FormDrawer>
  );
}

function TimeField({ value = '', onChange }: { value?: string; onChange?: (value: string) => void }) {
  return <TimeOfDay label={t('notify.when')} value={value} onChange={(next) => onChange?.(next)} />;
}
