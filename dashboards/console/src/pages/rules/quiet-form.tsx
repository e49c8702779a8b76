import { Checkbox, DatePicker, Form, Input, Select } from 'antd';
import type { Dayjs } from 'dayjs';
import { useMe } from '../../app/session.tsx';
import { t, tCode } from '../../language.ts';
import { FormDrawer } from '../../parts/form-drawer.tsx';
import { zonedIso, zonedNow } from '../../parts/zoned-day.ts';
import { FAULTS } from './faults.ts';
import { QUIET, type QuietInput, type QuietKind, type Repeats } from './quiet-kinds.ts';
import { QuietPreview } from './quiet-preview.tsx';
import { type Scope, ScopeFields, scopeOf } from './scope-fields.tsx';

export interface QuietDraft {
  readonly name?: string;
  readonly reason: string;
  readonly scope?: Scope;
  readonly times?: readonly [Dayjs, Dayjs];
  readonly endsAt?: Dayjs;
  readonly every?: 'once' | 'day' | 'week' | 'month';
  readonly days?: number[];
  readonly repeatsUntil?: Dayjs;
  readonly confirm?: boolean;
}

interface QuietFormProps {
  readonly kind: QuietKind;
  readonly open: boolean;
  readonly close: () => void;
  readonly made: () => Promise<unknown>;
  /** Of the address: `device`, `devices`, `fault`. */
  readonly filters: Readonly<Record<string, string | undefined>>;
}
const EVERY = ['once', 'day', 'week', 'month'] as const;
const NAMED: readonly QuietKind[] = ['security', 'drill'];
/** Drills begin at once, silences mostly do. */
const ENDS_ONLY: readonly QuietKind[] = ['silence', 'drill'];

/** What the gateway is asked, from what stands in the form; missing parts are left out. */
export function inputOf(kind: QuietKind, draft: QuietDraft, zone: string): Partial<QuietInput> {
  const { name, reason, times, endsAt, every = 'once', days = [], repeatsUntil, confirm } = draft;
  const repeats: Repeats | undefined =
    every === 'once' ? undefined : every === 'day' ? { every } : { every, days: [...days].sort((a, b) => a - b) };
  const [from, to] = ENDS_ONLY.includes(kind) ? [undefined, endsAt] : [times?.[0], times?.[1]];
  const whole = repeats?.every === 'day' || days.length > 0;
  return {
    ...(name?.trim() && { name: name.trim() }),
    ...(reason && { reason }),
    scope: scopeOf(draft.scope),
    ...(from && { startsAt: zonedIso(from, zone) }),
    ...(to && { endsAt: zonedIso(to, zone) }),
    ...(repeats && whole && { repeats }),
    ...(repeats && repeatsUntil && { repeatsUntil: zonedIso(repeatsUntil.endOf('day'), zone) }),
    ...(confirm && { confirm }),
  };
}

/** One to be made: for whom, when, why; beside it the devices it would be about. */
export function QuietForm({ kind, open, close, made, filters }: QuietFormProps) {
  const zone = useMe().timeZone;
  const now = zonedNow(zone);
  const [form] = Form.useForm<QuietDraft>();
  const draft = Form.useWatch([], form) as QuietDraft | undefined;
  const devices = (filters.devices ?? filters.device)?.split(',').filter(Boolean);
  const initial: Partial<QuietDraft> = {
    every: 'once',
    scope: {
      ...(devices && { devices }),
      ...(kind === 'silence' && filters.fault && { faults: [filters.fault] }),
    },
    ...(kind === 'silence' && { endsAt: now.add(4, 'hour') }),
    ...(kind === 'drill' && { endsAt: now.add(2, 'hour') }),
  };
  const every = draft?.every ?? 'once';
  return (
    <FormDrawer<QuietDraft>
      title={tCode('quietMake', kind)}
      saveLabel={tCode('quietMake', kind)}
      width={960}
      open={open}
      close={close}
      form={form}
      initial={initial}
      save={async (input) => {
        await QUIET[kind].create(inputOf(kind, input, zone) as QuietInput);
        await made();
      }}
      aside={<QuietPreview kind={kind} draft={draft} />}
    >
      <Form.Item name="name" label={t('quiet.name')} rules={[{ required: NAMED.includes(kind), whitespace: true }]}>
        <Input maxLength={100} />
      </Form.Item>
      <ScopeFields />
      {kind === 'silence' && (
        <Form.Item name={['scope', 'faults']} label={t('quiet.faults')} extra={t('quiet.faults.hint')}>
          <Select
            mode="tags"
            showSearch={{ optionFilterProp: 'label' }}
            options={FAULTS.map((one) => ({ value: one, label: tCode('fault', one) }))}
          />
        </Form.Item>
      )}
      {ENDS_ONLY.includes(kind) ? (
        <Form.Item name="endsAt" label={t('quiet.expires')} rules={[{ required: true }]}>
          <DatePicker
            showTime={{ format: 'HH:mm' }}
            showNow={false}
            format="YYYY-MM-DD HH:mm"
            disabledDate={(day) => day.isBefore(now, 'day')}
            presets={[1, 4, 24, 24 * 7].map((hours) => ({
              label: t('quiet.forHours', { n: hours }),
              value: now.add(hours, 'hour'),
            }))}
          />
        </Form.Item>
      ) : (
        <Form.Item
          name="times"
          label={t(every === 'once' ? 'quiet.period' : 'quiet.firstPeriod')}
          rules={[{ required: true }]}
        >
          <DatePicker.RangePicker showTime={{ format: 'HH:mm' }} format="YYYY-MM-DD HH:mm" />
        </Form.Item>
      )}
      {kind === 'maintenance' && (
        <>
          <Form.Item name="every" label={t('quiet.repeats')}>
            <Select options={EVERY.map((one) => ({ value: one, label: tCode('quietEvery', one) }))} />
          </Form.Item>
          {(every === 'week' || every === 'month') && (
            <Form.Item name="days" label={t('quiet.days')} rules={[{ required: true }]}>
              <Select
                mode="multiple"
                options={(every === 'week' ? range(1, 7) : [...range(1, 31), -1]).map((day) => ({
                  value: day,
                  label:
                    every === 'week'
                      ? tCode('weekday', String(day))
                      : day === -1
                        ? t('quiet.lastDay')
                        : t('quiet.day', { n: day }),
                }))}
              />
            </Form.Item>
          )}
          {every !== 'once' && (
            <Form.Item name="repeatsUntil" label={t('quiet.repeatsUntil')} rules={[{ required: true }]}>
              <DatePicker disabledDate={(day) => day.isBefore(now, 'day') || day.isAfter(now.add(1, 'year'))} />
            </Form.Item>
          )}
          <Form.Item name="confirm" valuePropName="checked">
            <Checkbox>{t('quiet.confirm')}</Checkbox>
          </Form.Item>
        </>
      )}
      <Form.Item name="reason" label={t('confirm.reason')} rules={[{ required: true, whitespace: true }]}>
        <Input.TextArea rows={2} maxLength={500} />
      </Form.Item>
    </FormDrawer>
  );
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => from + n);
