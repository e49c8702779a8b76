import { Segmented } from 'antd';
import { useState } from 'react';
import { t } from '../../language.ts';
import { hexDump, pretty } from './bytes.ts';

interface PayloadProps {
  readonly text: string;
  readonly encoding: 'text' | 'base64';
}
const WAYS = ['pretty', 'raw', 'hex'] as const;

/** What was sent, byte for byte: set out, as it came, or in hex. */
export function Payload({ text, encoding }: PayloadProps) {
  const [way, setWay] = useState<(typeof WAYS)[number]>(encoding === 'text' ? 'pretty' : 'hex');
  const ways = encoding === 'text' ? WAYS : (['hex'] as const);
  return (
    <div className="payload">
      <div className="payload-head">
        <span className="quiet">{t('payload.title')}</span>
        <Segmented
          size="small"
          value={way}
          onChange={setWay}
          options={ways.map((value) => ({ value, label: t(`payload.${value}`) }))}
        />
      </div>
      <pre>{way === 'hex' ? hexDump(text, encoding) : way === 'raw' ? text : pretty(text)}</pre>
    </div>
  );
}
