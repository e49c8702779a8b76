import { Button, Input } from 'antd';
import { useState } from 'react';
import { t } from '../../language.ts';
import { newId } from '../../parts/new-id.ts';

interface PairsInputProps {
  readonly value?: Readonly<Record<string, string>>;
  readonly onChange?: (value: Readonly<Record<string, string>>) => void;
  readonly label: string;
  readonly first: string;
  readonly second: string;
  readonly most: number;
}

interface Row {
  readonly id: string;
  readonly name: string;
  readonly of: string;
}

/** What the gateway answers for a value that it does not show; sent back, it stays as it is. */
const HIDDEN = '***';

/** Names with a value each. A row without a name is not sent. */
export function PairsInput({ value, onChange, label, first, second, most }: PairsInputProps) {
  const [rows, setRows] = useState<readonly Row[]>(() =>
    Object.entries(value ?? {}).map(([name, of]) => ({ id: newId(), name, of })),
  );
  const put = (next: readonly Row[]) => {
    setRows(next);
    onChange?.(Object.fromEntries(next.filter(({ name }) => name !== '').map(({ name, of }) => [name, of])));
  };
  return (
    <fieldset className="pairs" aria-label={label}>
      {rows.map(({ id, name, of }, place) => (
        <div key={id} className="pair">
          <Input
            aria-label={`${label} ${place + 1} ${first}`}
            placeholder={first}
            maxLength={64}
            value={name}
            onChange={(event) => put(rows.with(place, { id, of, name: event.target.value.trim() }))}
          />
          <Input
            aria-label={`${label} ${place + 1} ${second}`}
            placeholder={of === HIDDEN ? t('notify.pairKept') : second}
            maxLength={500}
            value={of === HIDDEN ? '' : of}
            onChange={(event) => put(rows.with(place, { id, name, of: event.target.value }))}
          />
          <Button onClick={() => put(rows.filter((row) => row.id !== id))}>{t('notify.pairRemove')}</Button>
        </div>
      ))}
      {rows.length < most && (
        <Button size="small" onClick={() => setRows([...rows, { id: newId(), name: '', of: '' }])}>
          {t('notify.pairAdd')}
        </Button>
      )}
    </fieldset>
  );
}
