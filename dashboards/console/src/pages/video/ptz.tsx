import {
  ArrowDownOutlined,
  ArrowLeftOutlined,
  ArrowRightOutlined,
  ArrowUpOutlined,
  ZoomInOutlined,
  ZoomOutOutlined,
} from '@ant-design/icons';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Button, Slider } from 'antd';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { api, body } from '../../api/client.ts';
import { t } from '../../language.ts';
import { ProblemNotice } from '../../parts/problem.tsx';
import { type Direction, directionOfKey, speedOf } from './directions.ts';

/** A move ends by itself after this; while a button is held it is asked for again. */
const SECONDS = 1;
const AGAIN_MS = 600;
const PAD: readonly { readonly direction: Direction; readonly icon: ReactNode }[] = [
  { direction: 'up', icon: <ArrowUpOutlined /> },
  { direction: 'left', icon: <ArrowLeftOutlined /> },
  { direction: 'right', icon: <ArrowRightOutlined /> },
  { direction: 'down', icon: <ArrowDownOutlined /> },
  { direction: 'in', icon: <ZoomInOutlined /> },
  { direction: 'out', icon: <ZoomOutOutlined /> },
];

/** 云台: held buttons and keys turn, letting go stops; presets by name. */
export function Ptz({ camera }: { camera: string }) {
  const [speed, setSpeed] = useState(5);
  const path = { id: camera };
  const presets = useQuery({
    queryKey: ['presets', camera],
    queryFn: () => body(api.GET('/api/v1/cameras/{id}/ptz/presets', { params: { path } })),
    retry: false,
    staleTime: 60_000,
  });
  const act = useMutation({
    mutationFn: (order: {
      action: 'move' | 'stop' | 'preset';
      pan?: number;
      tilt?: number;
      zoom?: number;
      seconds?: number;
      preset?: string;
    }) => body(api.POST('/api/v1/cameras/{id}/ptz', { params: { path }, body: order })),
  });
  const held = useRef<ReturnType<typeof setInterval>>(undefined);
  const stop = () => {
    if (held.current === undefined) return;
    clearInterval(held.current);
    held.current = undefined;
    act.mutate({ action: 'stop' });
  };
  const hold = (direction: Direction) => {
    if (held.current !== undefined) return;
    const move = () => act.mutate({ action: 'move', seconds: SECONDS, ...speedOf(direction, speed / 10) });
    move();
    held.current = setInterval(move, AGAIN_MS);
  };
  const latest = useRef(stop);
  latest.current = stop;
  // A window that loses the keyboard or goes away hears no key let go.
  useEffect(() => {
    const end = () => latest.current();
    window.addEventListener('blur', end);
    window.addEventListener('pointerup', end);
    document.addEventListener('visibilitychange', end);
    return () => {
      window.removeEventListener('blur', end);
      window.removeEventListener('pointerup', end);
      document.removeEventListener('visibilitychange', end);
      end();
    };
  }, []);
  return (
    <div className="ptz">
      <fieldset className="ptz-pad" aria-label={t('video.ptz.pad')}>
        {PAD.map(({ direction, icon }) => (
          <Button
            key={direction}
            className={`ptz-${direction}`}
            icon={icon}
            aria-label={t(`video.ptz.${direction}`)}
            title={t(`video.ptz.${direction}`)}
            onPointerDown={() => hold(direction)}
            onKeyDown={(event) => {
              const wanted = event.key === ' ' || event.key === 'Enter' ? direction : directionOfKey(event.key);
              if (wanted === null) return;
              event.preventDefault();
              hold(wanted);
            }}
            onKeyUp={stop}
            onBlur={stop}
          />
        ))}
      </fieldset>
      <div>
        {t('video.ptz.speed', { n: speed })}
        <Slider min={1} max={10} value={speed} onChange={setSpeed} ariaLabelForHandle={t('video.ptz.speedLabel')} />
      </div>
      <p className="quiet">{t('video.ptz.hint')}</p>
      {act.isError && <ProblemNotice error={act.error} />}
      <h3>{t('video.ptz.presets')}</h3>
      {presets.isError && <ProblemNotice error={presets.error} again={() => presets.refetch()} />}
      {presets.data?.items.length === 0 && <p className="quiet">{t('video.ptz.noPresets')}</p>}
      <div className="ptz-presets">
        {presets.data?.items.map(({ token, name }) => (
          <Button key={token} size="small" onClick={() => act.mutate({ action: 'preset', preset: token })}>
            {name || token}
          </Button>
        ))}
      </div>
    </div>
  );
}
