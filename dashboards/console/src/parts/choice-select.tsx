import { Select } from 'antd';
import { tCode } from '../language.ts';

interface ChoiceSelectProps {
  readonly label: string;
  /** Whose words the codes are, e.g. `priority`. */
  readonly family: string;
  readonly codes: readonly string[];
  readonly value: string | undefined;
  readonly onChange: (value: string | undefined) => void;
}

export function ChoiceSelect({ label, family, codes, value, onChange }: ChoiceSelectProps) {
  return (
    <Select
      allowClear
      className="filter-select"
      placeholder={label}
      aria-label={label}
      popupMatchSelectWidth={false}
      {...(value !== undefined && { value })}
      onChange={(next: string | undefined) => onChange(next)}
      options={codes.map((code) => ({ value: code, label: tCode(family, code) }))}
    />
  );
}
