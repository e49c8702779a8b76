import { Tooltip } from 'antd';
import type { ReactNode } from 'react';

/** A small button over a picture. */
export function Tool({ label, icon, act }: { label: string; icon: ReactNode; act: () => void }) {
  return (
    <Tooltip title={label}>
      <button type="button" className="live-tool" aria-label={label} onClick={act}>
        {icon}
      </button>
    </Tooltip>
  );
}
