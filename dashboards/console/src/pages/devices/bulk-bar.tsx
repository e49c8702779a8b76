import { Link } from '@tanstack/react-router';
import { Button } from 'antd';
import { useState } from 'react';
import { useMay } from '../../app/rights.ts';
import { t } from '../../language.ts';
import { Bulk } from './bulk.tsx';

interface BulkBarProps {
  readonly chosen: readonly string[];
  readonly clear: () => void;
  readonly filters: Readonly<Record<string, string>>;
}

/** What can be done with many devices at once. */
export function BulkBar({ chosen, clear, filters }: BulkBarProps) {
  const may = useMay();
  const [open, setOpen] = useState(false);
  const decides = may('devices', 'decide');
  return (
    <div className="devices-tools">
      {chosen.length > 0 && <span>{t('devices.chosen', { n: chosen.length })}</span>}
      {decides && (
        <Button size="small" onClick={() => setOpen(true)}>
          {t(chosen.length > 0 ? 'devices.bulk.chosen' : 'devices.bulk.all')}
        </Button>
      )}
      {chosen.length > 0 && (
        <>
          <Link to="/devices/labels" search={{ ids: chosen.join(',') }}>
            <Button size="small">{t('devices.labels')}</Button>
          </Link>
          <Button size="small" type="text" onClick={clear}>
            {t('devices.chosen.clear')}
          </Button>
        </>
      )}
      {open && <Bulk chosen={chosen} filters={filters} close={() => setOpen(false)} />}
    </div>
  );
}
