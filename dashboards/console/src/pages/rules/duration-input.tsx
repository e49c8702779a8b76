import { InputNumber, Select, Space } from 'antd';
import { useState } from 'react';
import { t, tCode } from '../../language.ts';
import { lengthFrom, lengthText, type Unit } from './duration.ts';

interface DurationInputProps {
  /** As the gateway writes it, e.g. `90s`. */
  readonly value?: string | null;
  readonly onChange?: (value: string | null) => void;
  readonly id?: string;
  readonly label?: string;
  readonly units?: readonly Unit[];
  readonly disabled?: boolean;
}

/** A length of time: a number and its unit. Usable as a form's field. */
export function DurationInput(props: DurationInputProps) {
  const { value, onChange, id, label, units = ['s', 'm', 'h', 'd'], disabled = false } = props;
  const length = lengthFrom(value);
  const [chosen, setChosen] = useState<Unit>(units.includes('m') ? 'm' : (units[0] ?? 's'));
  const unit = length?.unit ?? chosen;
  return (
    <Space.Compact className="duration">
      <InputNumber
        {...(id && { id })}
        {...(label && { 'aria-label': label })}
        min={0}
        max={999_999_999}
        precision={0}
        value={length?.n ?? null}
        disabled={disabled}
        onChange={(n) => onChange?.(n === null ? null : lengthText({ n: Number(n), unit }))}
      />
      <Select<Unit>
        aria-label={t('rules.unit')}
        value={unit}
        disabled={disabled}
        popupMatchSelectWidth={false}
        onChange={(next) => {
          setChosen(next);
          if (length) onChange?.(lengthText({ n: length.n, unit: next }));
        }}
        options={[...new Set([...units, unit])].map((one) => ({ value: one, label: tCode('unit', one) }))}
      />
    </Space.Compact>
  );
}
