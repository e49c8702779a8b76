import { TimePicker } from 'antd';
import dayjs from 'dayjs';

export interface TimeOfDayProps {
  readonly label: string;
  /** `HH:MM`. */
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** A time of day in the gateway's zone, as `HH:MM`. */
export function TimeOfDay({ label, value, onChange }: TimeOfDayProps) {
  return (
    <TimePicker
      aria-label={label}
      format="HH:mm"
      allowClear={false}
      needConfirm={false}
      className="setting-short"
      value={/^\d\d:\d\d$/.test(value) ? dayjs(`2026-01-01T${value}`) : null}
      onChange={(time) => time && onChange(time.format('HH:mm'))}
    />
  );
}
