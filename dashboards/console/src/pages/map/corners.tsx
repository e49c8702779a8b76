import { DeleteOutlined } from '@ant-design/icons';
import { Button, Input } from 'antd';
import { useState } from 'react';
import { t } from '../../language.ts';
import type { Position } from '../../parts/map/geometry.ts';

interface CornersProps {
  readonly ring: readonly Position[];
  readonly add: (place: Position) => void;
  readonly move: (i: number, place: Position) => void;
  readonly remove: (i: number) => void;
}

/** `121.4737, 31.2304` as people copy it; undefined when it is no place. */
export function readPlace(text: string): Position | undefined {
  const [lon, lat, ...more] = text
    .split(/[\s,，;]+/)
    .filter(Boolean)
    .map(Number);
  if (lon === undefined || lat === undefined || more.length > 0 || !Number.isFinite(lon) || !Number.isFinite(lat))
    return undefined;
  return Math.abs(lon) <= 180 && Math.abs(lat) <= 90 ? [lon, lat] : undefined;
}

/** The corners in numbers, for those who have them from a survey or do not point. */
export function Corners({ ring, add, move, remove }: CornersProps) {
  const [typed, setTyped] = useState('');
  const [unread, setUnread] = useState<number | null>(null);
  const place = readPlace(typed);
  return (
    <>
      <ol className="map-corners">
        {ring.map((corner, i) => (
          <li key={corner.join()}>
            <Input
              size="small"
              variant="borderless"
              className="map-corner"
              aria-label={t('map.draw.corner', { n: i + 1 })}
              status={unread === i ? 'error' : ''}
              defaultValue={corner.map((n) => n.toFixed(6)).join(', ')}
              onBlur={({ target }) => {
                const next = readPlace(target.value);
                setUnread(next ? null : i);
                if (next?.some((n, k) => Math.abs(n - (corner[k] ?? 0)) > 5e-7)) move(i, next);
              }}
            />
            <Button
              size="small"
              type="text"
              icon={<DeleteOutlined />}
              aria-label={t('map.draw.remove', { n: i + 1 })}
              onClick={() => remove(i)}
            />
          </li>
        ))}
      </ol>
      {(unread !== null || (typed !== '' && !place)) && (
        <span className="map-refused" role="alert">
          {t('map.unread')}
        </span>
      )}
      <Input
        size="small"
        aria-label={t('map.draw.add')}
        placeholder={t('map.draw.add')}
        value={typed}
        status={typed !== '' && !place ? 'warning' : ''}
        onChange={({ target }) => setTyped(target.value)}
        onPressEnter={() => {
          if (!place) return;
          add(place);
          setTyped('');
        }}
      />
    </>
  );
}
