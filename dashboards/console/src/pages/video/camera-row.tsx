import { DesktopOutlined } from '@ant-design/icons';
import { useEffect, useRef } from 'react';
import type { Answer } from '../../api/client.ts';
import { t, tCode } from '../../language.ts';
import { StateMark } from '../../parts/marks.tsx';
import { carryCamera } from './drag.ts';

interface CameraRowProps {
  readonly camera: Answer<'Camera'>;
  readonly shown: boolean;
}

/** One camera of the tree: its state, its name, and whether it is on the wall; can be carried there. */
export function CameraRow({ camera, shown }: CameraRowProps) {
  const { id, name, nickname, health } = camera;
  const row = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    const place = row.current;
    if (!place) return;
    const carry = (event: DragEvent) => event.dataTransfer && carryCamera(event.dataTransfer, id);
    place.addEventListener('dragstart', carry);
    return () => place.removeEventListener('dragstart', carry);
  }, [id]);
  const why = health.state === 'online' ? '' : ` · ${tCode('reason', health.reason)}`;
  return (
    <span ref={row} draggable className="camera-row" title={`${nickname ?? name} · ${id}${why}`}>
      <StateMark of="health" code={health.state} suspect={health.suspect} bare />
      <span className="camera-row-name">{nickname ?? name}</span>
      {shown && (
        <DesktopOutlined className="quiet" role="img" aria-label={t('video.onWall')} title={t('video.onWall')} />
      )}
    </span>
  );
}
