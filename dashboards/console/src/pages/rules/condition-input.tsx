import { DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { Button, Input, Segmented, Select } from 'antd';
import { useState } from 'react';
import { t, tCode } from '../../language.ts';
import {
  type Condition,
  conditionOf,
  conditionText,
  MEASURES,
  needsValue,
  needsWindow,
  OPERATORS,
  type Part,
} from './condition.ts';
import { DurationInput } from './duration-input.tsx';

export interface Choice {
  readonly value: string;
  readonly label: string;
}

interface ConditionInputProps {
  readonly value?: string | null;
  readonly onChange?: (value: string | null) => void;
  readonly id?: string;
  readonly label: string;
  readonly metrics: readonly Choice[];
  readonly events: readonly Choice[];
}

const FRESH: Part = { measure: 'value', name: '', operator: '>', value: '' };

/** A condition as rows, or as the text they make. */
export function ConditionInput({ value, onChange, id, label, metrics, events }: ConditionInputProps) {
  const read = value ? conditionOf(value) : { join: 'and' as const, parts: [FRESH] };
  const [asText, setAsText] = useState(read === null);
  const [draft, setDraft] = useState<Condition>(read ?? { join: 'and', parts: [FRESH] });
  const put = (next: Condition) => {
    setDraft(next);
    onChange?.(conditionText(next));
  };
  const set = (place: number, part: Part) => put({ ...draft, parts: draft.parts.with(place, part) });
  return (
    <div>
      <Segmented
        size="small"
        aria-label={t('alarmRules.mode')}
        value={asText ? 'text' : 'rows'}
        onChange={(mode) => {
          if (mode === 'rows') setDraft(read ?? { join: 'and', parts: [FRESH] });
          setAsText(mode === 'text');
        }}
        options={[
          { value: 'rows', label: t('alarmRules.rows'), disabled: read === null },
          { value: 'text', label: t('alarmRules.text') },
        ]}
      />
      {asText ? (
        <Input.TextArea
          {...(id && { id })}
          aria-label={label}
          rows={2}
          maxLength={1_000}
          value={value ?? ''}
          onChange={(event) => onChange?.(event.target.value === '' ? null : event.target.value)}
        />
      ) : (
        <>
          {draft.parts.map((part, place) => (
            <div className="condition-row" key={`row${String(place)}`}>
              {place > 0 && (
                <Select
                  aria-label={t('alarmRules.join')}
                  value={draft.join}
                  onChange={(join) => put({ ...draft, join })}
                  options={(['and', 'or'] as const).map((one) => ({ value: one, label: tCode('join', one) }))}
                />
              )}
              <Select
                aria-label={t('alarmRules.measure')}
                value={part.measure}
                popupMatchSelectWidth={false}
                onChange={(measure) => set(place, { ...part, measure })}
                options={MEASURES.map((one) => ({ value: one, label: tCode('measure', one) }))}
              />
              <Select
                aria-label={t('alarmRules.metric')}
                placeholder={t('alarmRules.metric')}
                className="setting-wide"
                showSearch={{ optionFilterProp: 'label' }}
                popupMatchSelectWidth={false}
                {...(part.name && { value: part.name })}
                onChange={(name) => set(place, { ...part, name })}
                options={
                  part.measure === 'count'
                    ? [...events]
                    : part.measure === 'absent'
                      ? [...metrics, ...events]
                      : [...metrics]
                }
              />
              {needsWindow(part.measure) && (
                <DurationInput
                  label={t('alarmRules.window')}
                  value={part.window ?? null}
                  onChange={(window) => set(place, { ...part, window: window ?? '' })}
                />
              )}
              {needsValue(part.measure) && (
                <>
                  <Select
                    aria-label={t('alarmRules.operator')}
                    value={part.operator ?? '>'}
                    onChange={(operator) => set(place, { ...part, operator })}
                    options={OPERATORS.map((one) => ({ value: one, label: tCode('operator', one) }))}
                  />
                  <Input
                    aria-label={t('alarmRules.value')}
                    className="setting-short"
                    value={part.value ?? ''}
                    onChange={(event) => set(place, { ...part, value: event.target.value })}
                  />
                </>
              )}
              <Button
                type="text"
                icon={<DeleteOutlined />}
                aria-label={t('settings.removeRow', { n: place + 1 })}
                onClick={() => put({ ...draft, parts: draft.parts.toSpliced(place, 1) })}
              />
            </div>
          ))}
          <Button
            size="small"
            icon={<PlusOutlined />}
            onClick={() => put({ ...draft, parts: [...draft.parts, FRESH] })}
          >
            {t('alarmRules.addPart')}
          </Button>
          {value && <code className="quiet"> {value}</code>}
        </>
      )}
    </div>
  );
}
