import { Button } from 'antd';
import { useState } from 'react';
import { t } from '../../language.ts';
import { whereAmI } from '../../parts/photo-file.ts';

export interface Spot {
  /** Degrees WGS-84. */
  readonly lat: number;
  readonly lon: number;
}

interface HereProps {
  readonly value?: Spot;
  readonly onChange?: (spot: Spot | undefined) => void;
  readonly id?: string;
}

/** Where the phone is, when one wants to say so; a form's field. */
export function Here({ value, onChange, id }: HereProps) {
  const [state, setState] = useState<'idle' | 'asking' | 'refused'>('idle');
  const ask = async () => {
    setState('asking');
    const place = await whereAmI();
    setState(place ? 'idle' : 'refused');
    if (place) onChange?.({ lat: place.lat, lon: place.lon });
  };
  return (
    <span className="filters">
      <Button {...(id && { id })} loading={state === 'asking'} onClick={ask}>
        {t('campaigns.here.take')}
      </Button>
      {value && <span>{`${value.lat.toFixed(6)}, ${value.lon.toFixed(6)}`}</span>}
      {state === 'refused' && <span className="quiet">{t('campaigns.here.refused')}</span>}
    </span>
  );
}
