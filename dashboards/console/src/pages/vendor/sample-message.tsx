import { Input, Select } from 'antd';
import { useId } from 'react';
import { t } from '../../language.ts';

export interface SampleMessage {
  readonly topic: string;
  readonly payload: string;
  readonly encoding: 'text' | 'hex' | 'base64';
}

/** A message as it would be sent: topic, payload, and how binary ones are written down. */
export function SampleFields({ value, onChange }: { value: SampleMessage; onChange: (next: SampleMessage) => void }) {
  const id = useId();
  return (
    <div className="sample-fields">
      <label htmlFor={`${id}topic`}>
        <span>{t('sample.topic')}</span>
        <Input
          id={`${id}topic`}
          value={value.topic}
          spellCheck={false}
          onChange={({ target }) => onChange({ ...value, topic: target.value })}
        />
      </label>
      <label htmlFor={`${id}encoding`}>
        <span>{t('sample.encoding')}</span>
        <Select
          id={`${id}encoding`}
          value={value.encoding}
          onChange={(encoding) => onChange({ ...value, encoding })}
          options={(['text', 'hex', 'base64'] as const).map((one) => ({ value: one, label: t(`sample.${one}`) }))}
        />
      </label>
      <label htmlFor={`${id}payload`}>
        <span>{t('sample.payload')}</span>
        <Input.TextArea
          id={`${id}payload`}
          value={value.payload}
          spellCheck={false}
          className="grows"
          rows={5}
          onChange={({ target }) => onChange({ ...value, payload: target.value })}
        />
      </label>
    </div>
  );
}
