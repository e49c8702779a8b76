import { CloseOutlined, MoreOutlined } from '@ant-design/icons';
import { useRef } from 'react';
import { t } from '../../language.ts';
import { LivePicture } from '../../parts/live/live-picture.tsx';
import { Tool } from '../../parts/live/tool.tsx';
import { usePlace } from './drag.ts';

export interface TileActs {
  readonly choose: (index: number) => void;
  readonly put: (index: number, id: string) => void;
  readonly swap: (from: number, to: number) => void;
  readonly clear: (index: number) => void;
  readonly more: (index: number) => void;
}

interface TileProps extends TileActs {
  /** Place on the whole wall, from 0. */
  readonly index: number;
  readonly camera: string;
  readonly chosen: boolean;
  readonly plays: boolean;
}

/** One place of the wall; empty ones say how they are filled. */
export function Tile({ index, camera, chosen, plays, choose, put, swap, clear, more }: TileProps) {
  const frame = useRef<HTMLLIElement>(null);
  const over = usePlace(frame, index, {
    onCamera: (id) => put(index, id),
    onPlace: (from) => swap(from, index),
    onChoose: () => choose(index),
  });
  const state = [chosen && 'chosen', over && 'over'].filter(Boolean).join(' ');
  return (
    <li ref={frame} draggable={camera !== ''} className={`tile ${state}`} data-place={index}>
      {camera === '' ? (
        <button type="button" className="tile-empty" aria-pressed={chosen} onClick={() => choose(index)}>
          <b>{index + 1}</b>
          {chosen ? t('video.emptyChosen') : t('video.empty')}
        </button>
      ) : (
        <>
          <LivePicture camera={camera} size="tile" start={plays} />
          <div className="tile-tools">
            <span className="tile-number">{index + 1}</span>
            <Tool label={t('video.details')} icon={<MoreOutlined />} act={() => more(index)} />
            <Tool label={t('video.remove')} icon={<CloseOutlined />} act={() => clear(index)} />
          </div>
        </>
      )}
    </li>
  );
}
