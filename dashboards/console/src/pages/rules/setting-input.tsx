import { DatePicker, Input, InputNumber, Select, Space, Switch } from 'antd';
import dayjs from 'dayjs';
import type { ReactNode } from 'react';
import { t, tCode } from '../../language.ts';
import { NamedSelects } from '../../parts/named-selects.tsx';
import { DurationInput } from './duration-input.tsx';
import { EscalationInput, LimitsInput } from './setting-lists.tsx';
import { BandsInput, DeskInput, NumbersInput, TilesInput, WeekInput } from './setting-objects.tsx';
import { QUOTAS, type Spec, THRESHOLDS } from './settings-spec.ts';
import { TimeOfDay, type TimeOfDayProps } from './time-of-day.tsx';

interface SettingInputProps {
  readonly spec: Spec;
  readonly value: unknown;
  readonly label: string;
  readonly onChange: (value: unknown) => void;
}

const INSPECTING = ['lead', 'cooperate', 'both'] as const;
const text = (value: unknown) => (typeof value === 'string' ? value : '');
const texts = (value: unknown) => (Array.isArray(value) ? value.map(String) : []);

/** What a setting is entered with. */
export function SettingInput({ spec, value, label, onChange }: SettingInputProps) {
  const said = { 'aria-label': label };
  switch (spec.kind) {
    case 'duration':
      return <DurationInput label={label} value={text(value)} onChange={(next) => next !== null && onChange(next)} />;
    case 'number':
      return (
        <InputNumber
          {...said}
          value={Number(value)}
          step={spec.step ?? 1}
          suffix={spec.unit === '%' ? '%' : tCode('settingUnit', spec.unit)}
          onChange={(next) => next !== null && onChange(next)}
        />
      );
    case 'switch':
      return (
        <Switch
          {...said}
          checked={value === true}
          checkedChildren={t('settings.on')}
          unCheckedChildren={t('settings.off')}
          onChange={onChange}
        />
      );
    case 'time':
      return <TimeOfDay label={label} value={text(value)} onChange={onChange} />;
    case 'timeOrOff':
      return (
        <OrOff label={label} value={text(value)} standard={text(spec.fallback)} onChange={onChange}>
          <TimeOfDay label={label} value={text(value)} onChange={onChange} />
        </OrOff>
      );
    case 'dateOrOff':
      return (
        <OrOff label={label} value={text(value)} standard={text(spec.fallback)} onChange={onChange}>
          <DatePicker
            {...said}
            allowClear={false}
            value={dayjs(text(value))}
            onChange={(day) => day && onChange(day.format('YYYY-MM-DD'))}
          />
        </OrOff>
      );
    case 'hours': {
      const [from = '', to = ''] = text(value).split('-');
      return (
        <Space>
          <TimeOfDay
            label={`${label} ${t('rules.from')}`}
            value={from}
            onChange={(next) => onChange(`${next}-${to}`)}
          />
          –
          <TimeOfDay label={`${label} ${t('rules.to')}`} value={to} onChange={(next) => onChange(`${from}-${next}`)} />
        </Space>
      );
    }
    case 'levels':
      return (
        <Space wrap>
          {texts(value).map((one, place, all) => (
            <Input
              // Five places that stay five.
              key={tCode('level', String(place + 1))}
              aria-label={`${label} ${place + 1}`}
              className="setting-short"
              maxLength={20}
              value={one}
              onChange={(event) => onChange(all.with(place, event.target.value))}
            />
          ))}
        </Space>
      );
    case 'networks':
    case 'metrics':
      return (
        <Select
          {...said}
          mode="tags"
          className="setting-wide"
          placeholder={spec.kind === 'metrics' ? 'vibration.*=14/365/3650' : '10.0.0.0/8'}
          open={false}
          suffixIcon={null}
          tokenSeparators={[',', ' ', '，']}
          value={texts(value)}
          onChange={onChange}
        />
      );
    case 'address':
      return (
        <Input
          {...said}
          className="setting-wide"
          placeholder="https://"
          maxLength={200}
          value={text(value)}
          onChange={(event) => onChange(event.target.value.trim())}
        />
      );
    case 'inspecting':
      return (
        <Select
          {...said}
          value={text(value)}
          popupMatchSelectWidth={false}
          options={INSPECTING.map((one) => ({ value: one, label: tCode('inspecting', one) }))}
          onChange={onChange}
        />
      );
    case 'weekday':
      return (
        <Select
          {...said}
          value={Number(value)}
          popupMatchSelectWidth={false}
          options={[0, 1, 2, 3, 4, 5, 6, 7].map((one) => ({
            value: one,
            label: one === 0 ? t('settings.never') : tCode('weekday', String(one)),
          }))}
          onChange={onChange}
        />
      );
    case 'modules':
      return <NamedSelects {...said} of="modules" className="setting-wide" value={texts(value)} onChange={onChange} />;
    case 'bands':
      return <BandsInput value={value} label={label} onChange={onChange} />;
    case 'thresholds':
      return <NumbersInput family="threshold" standard={THRESHOLDS} value={value} label={label} onChange={onChange} />;
    case 'quotas':
      return <NumbersInput family="quota" standard={QUOTA_DEFAULTS} value={value} label={label} onChange={onChange} />;
    case 'tiles':
      return <TilesInput value={value} label={label} onChange={onChange} />;
    case 'week':
      return <WeekInput value={value} label={label} onChange={onChange} />;
    case 'desk':
      return <DeskInput value={value} label={label} onChange={onChange} />;
    case 'limits':
      return <LimitsInput value={value} label={label} onChange={onChange} />;
    case 'escalation':
      return <EscalationInput value={value} label={label} onChange={onChange} />;
  }
}

const QUOTA_DEFAULTS = Object.fromEntries(Object.entries(QUOTAS).map(([name, [standard]]) => [name, standard]));

interface OrOffProps extends TimeOfDayProps {
  readonly standard: string;
  readonly children: ReactNode;
}

function OrOff({ label, value, standard, onChange, children }: OrOffProps) {
  return (
    <Space>
      <Switch
        aria-label={`${label} ${t('settings.on')}`}
        checked={value !== 'off'}
        checkedChildren={t('settings.on')}
        unCheckedChildren={t('settings.off')}
        onChange={(yes) => onChange(yes ? standard : 'off')}
      />
      {value !== 'off' && children}
    </Space>
  );
}
