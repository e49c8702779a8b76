import { DatePicker, Form, type FormItemProps } from 'antd';
import dayjs, { type Dayjs } from 'dayjs';

/** A day without a time; the form holds `2026-11-23`. */
export function DayField(props: FormItemProps) {
  return (
    <Form.Item
      {...props}
      getValueProps={(value: unknown) => ({ value: typeof value === 'string' ? dayjs(value) : null })}
      getValueFromEvent={(day: Dayjs | null) => day?.format('YYYY-MM-DD')}
    >
      <DatePicker className="wide" />
    </Form.Item>
  );
}
