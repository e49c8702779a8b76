import { AutoComplete, Checkbox, Form, Input, Select } from 'antd';
import { type Answer, api } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { t, tCode } from '../../language.ts';
import { DeviceSelect } from '../../parts/device-select.tsx';
import { FormDrawer } from '../../parts/form-drawer.tsx';
import { NamedSelect } from '../../parts/named-select.tsx';
import { AlarmRulePreview } from './alarm-rule-preview.tsx';
import { ConditionInput } from './condition-input.tsx';
import { DurationInput } from './duration-input.tsx';
import { SEVERITIES } from './notice-rule-form.tsx';
import { useDeviceTypes } from './scope-fields.tsx';
import { useTypeFacts } from './type-facts.ts';

type Rule = Answer<'AlarmRule'>;
const SCOPES = ['type', 'module', 'org', 'site', 'device'] as const;
const OF = { module: 'modules', org: 'orgs', site: 'sites' } as const;

export interface RuleDraft {
  readonly deviceType: string;
  readonly code: string;
  readonly scopeKind: (typeof SCOPES)[number];
  readonly scopeId?: string;
  readonly when?: string | null;
  readonly clear?: string | null;
  readonly for?: string | null;
  readonly severity?: (typeof SEVERITIES)[number] | null;
  readonly titleZh?: string;
  readonly titleEn?: string;
  readonly adviceZh?: string;
  readonly adviceEn?: string;
  readonly lifeSafety?: boolean;
  readonly reason: string;
}

const words = (zh?: string, en?: string) => (zh?.trim() ? { zh: zh.trim(), en: en?.trim() || zh.trim() } : null);

/** Fields a rule may override, as the gateway takes them; null = as the wider rule says. */
export function overridesOf(draft: RuleDraft) {
  return {
    when: draft.when ?? null,
    clear: draft.clear ?? null,
    for: draft.for ?? null,
    severity: draft.severity ?? null,
    title: words(draft.titleZh, draft.titleEn),
    advice: words(draft.adviceZh, draft.adviceEn),
  };
}

/** Whose rule, and which; undefined while that is not said. */
export function placeOf({ deviceType, code, scopeKind, scopeId }: Partial<RuleDraft>) {
  const id = scopeKind === 'type' ? deviceType : scopeId;
  if (!deviceType || !code || !scopeKind || !id) return undefined;
  return { deviceType, code, scope: { kind: scopeKind, id } };
}

interface AlarmRuleFormProps {
  readonly rule: Rule | null;
  readonly close: () => void;
  readonly again: () => Promise<unknown>;
}

/** A rule: whose, where, when it is up; beside it what it would have done. */
export function AlarmRuleForm({ rule, close, again }: AlarmRuleFormProps) {
  const may = useMay();
  const [form] = Form.useForm<RuleDraft>();
  const draft = Form.useWatch([], form) as RuleDraft | undefined;
  const types = useDeviceTypes();
  const deviceType = draft?.deviceType ?? rule?.deviceType;
  const facts = useTypeFacts(deviceType);
  const kind = draft?.scopeKind ?? rule?.scope ?? 'org';
  const code = draft?.code || undefined;
  const isNew = code !== undefined && !facts.codes.some(({ value }) => value === code);
  const save = async (input: RuleDraft) => {
    const said = overridesOf(input);
    if (rule)
      await api.PATCH('/api/v1/alarm-rules/{id}', {
        params: { path: { id: rule.id } },
        body: { ...said, reason: input.reason },
      });
    else {
      const place = placeOf(input);
      if (!place) return;
      await api.POST('/api/v1/alarm-rules', {
        body: { ...place, ...said, ...(input.lifeSafety && { lifeSafety: true }), reason: input.reason },
      });
    }
    await again();
  };
  return (
    <FormDrawer<RuleDraft>
      title={rule ? t('alarmRules.change') : t('alarmRules.add')}
      width={1_040}
      open
      close={close}
      form={form}
      initial={{
        scopeKind: rule?.scope ?? 'org',
        ...(rule && {
          deviceType: rule.deviceType,
          code: rule.code,
          scopeId: rule.scopeId,
          when: rule.when,
          clear: rule.clear,
          for: rule.forMs,
          severity: rule.severity,
          titleZh: rule.title?.zh ?? '',
          titleEn: rule.title?.en ?? '',
          adviceZh: rule.advice?.zh ?? '',
          adviceEn: rule.advice?.en ?? '',
        }),
      }}
      {...(may('alarmRules', rule ? 'update' : 'create') && { save })}
      aside={<AlarmRulePreview draft={draft} pair={rule?.pair !== null && rule !== null} fresh={isNew} />}
    >
      <Form.Item name="deviceType" label={t('alarmRules.type')} rules={[{ required: true }]}>
        <Select showSearch={{ optionFilterProp: 'label' }} disabled={rule !== null} options={types.options} />
      </Form.Item>
      <Form.Item
        name="code"
        label={t('alarmRules.code')}
        rules={[{ required: true }]}
        extra={t('alarmRules.code.hint')}
      >
        <AutoComplete
          disabled={rule !== null || !deviceType}
          maxLength={64}
          popupMatchSelectWidth={false}
          showSearch={{
            filterOption: (typed, option) => String(option?.label).toLowerCase().includes(typed.toLowerCase()),
          }}
          options={facts.codes}
        />
      </Form.Item>
      {code && facts.alarms[code]?.when && (
        <p className="quiet">
          {t('alarmRules.ofType')} <code>{facts.alarms[code]?.when}</code>
        </p>
      )}
      <Form.Item name="scopeKind" label={t('alarmRules.scope')}>
        <Select
          disabled={rule !== null}
          options={SCOPES.map((one) => ({ value: one, label: tCode('ruleScope', one) }))}
          onChange={() => form.setFieldValue('scopeId', undefined)}
        />
      </Form.Item>
      {kind !== 'type' && (
        <Form.Item name="scopeId" label={tCode('ruleScope', kind)} rules={[{ required: true }]}>
          {kind === 'device' ? <DeviceSelect /> : <NamedSelect of={OF[kind]} disabled={rule !== null} />}
        </Form.Item>
      )}
      <Form.Item
        name="when"
        label={t('alarmRules.when')}
        extra={t('alarmRules.when.hint')}
        rules={[{ required: isNew }]}
      >
        <ConditionInput
          key={`when${deviceType}`}
          label={t('alarmRules.when')}
          metrics={facts.metrics}
          events={facts.events}
        />
      </Form.Item>
      <Form.Item name="clear" label={t('alarmRules.clear')} extra={t('alarmRules.clear.hint')}>
        <ConditionInput
          key={`clear${deviceType}`}
          label={t('alarmRules.clear')}
          metrics={facts.metrics}
          events={facts.events}
        />
      </Form.Item>
      <Form.Item name="for" label={t('alarmRules.for')} extra={t('alarmRules.for.hint')}>
        <DurationInput label={t('alarmRules.for')} units={['s', 'm', 'h']} />
      </Form.Item>
      <Form.Item name="severity" label={t('incidents.severity')} rules={[{ required: isNew }]}>
        <Select
          allowClear
          placeholder={t('alarmRules.asWider')}
          options={SEVERITIES.map((one) => ({ value: one, label: tCode('severity', one) }))}
        />
      </Form.Item>
      <Form.Item name="titleZh" label={t('alarmRules.titleZh')} rules={[{ required: isNew }]}>
        <Input maxLength={200} />
      </Form.Item>
      <Form.Item name="titleEn" label={t('alarmRules.titleEn')}>
        <Input maxLength={200} />
      </Form.Item>
      <Form.Item name="adviceZh" label={t('alarmRules.adviceZh')}>
        <Input.TextArea rows={2} maxLength={500} />
      </Form.Item>
      <Form.Item name="adviceEn" label={t('alarmRules.adviceEn')}>
        <Input.TextArea rows={2} maxLength={500} />
      </Form.Item>
      {rule === null && isNew && (
        <Form.Item name="lifeSafety" valuePropName="checked">
          <Checkbox>{t('alarmRules.lifeSafety')}</Checkbox>
        </Form.Item>
      )}
      <Form.Item name="reason" label={t('confirm.reason')} rules={[{ required: true, whitespace: true }]}>
        <Input.TextArea rows={2} maxLength={500} />
      </Form.Item>
    </FormDrawer>
  );
}
