import {
  CaretRightOutlined,
  CloseOutlined,
  ExpandOutlined,
  ReloadOutlined,
  SaveOutlined,
  VideoCameraOutlined,
} from '@ant-design/icons';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Modal } from 'antd';
import { useRef, useState } from 'react';
import { api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { useMe } from '../../app/session.tsx';
import { language, t, tCode } from '../../language.ts';
import { inThePage } from '../../look/in-the-page.ts';
import { StateMark } from '../marks.tsx';
import { Overlay } from './overlay.tsx';
import { PurposeForm, useSharedPurpose } from './purpose.tsx';
import { SaveStill } from './save-still.tsx';
import { nowOf, readStill, useAddress, useStill } from './still.ts';
import { Tool } from './tool.tsx';
import { useView } from './use-view.ts';
import { Watermark } from './watermark.tsx';
import './live.css';

interface LivePictureProps {
  readonly camera: string;
  /** Starts without a click; the purpose is asked for all the same where nobody gave one yet. */
  readonly start?: boolean;
  /** `tile`: one of many, words and tools are few. */
  readonly size?: 'tile' | 'large';
  /** Hears when a live view begins and ends. */
  readonly onLive?: (live: boolean) => void;
}

const WIDTH = { tile: 640, large: 1_280 } as const;

/** The record of one camera; asked for again by the clock, since on a wall every change of the street would ask for all of them. */
export const useCamera = (id: string) =>
  useQuery({
    queryKey: ['camera', id],
    queryFn: () => body(api.GET('/api/v1/cameras/{id}', { params: { path: { id } } })),
    refetchInterval: 10_000,
    retry: false,
  });

/** A camera: its last picture with its age, live on click with purpose and watermark; faults with their remedy. */
export function LivePicture({ camera, start = false, size = 'large', onLive }: LivePictureProps) {
  const may = useMay();
  const { timeZone } = useMe();
  const queries = useQueryClient();
  const shared = useSharedPurpose();
  const [own, setOwn] = useState<string | null>(null);
  const [wanted, setWanted] = useState(start);
  const frame = useRef<HTMLDivElement>(null);
  const screen = useRef<HTMLDivElement>(null);
  const record = useCamera(camera);
  const looks = may('cameras', 'operate');
  const purpose = shared ? shared.purpose : own;
  const { view, again } = useView(camera, wanted && looks ? purpose : null, screen);
  const { health, picture, name, nickname } = record.data ?? {};
  const reached = health?.state !== 'offline' && health?.state !== 'unknown';
  const still = useStill(camera, {
    enabled: looks && record.data !== undefined && (reached || picture !== null),
    last: reached ? null : (picture?.id ?? null),
    width: WIDTH[size],
  });
  const address = useAddress(still.data?.jpeg);
  const live = view.at === 'loading' || view.at === 'playing' || view.at === 'trouble' ? view.live : null;
  const title = nickname ?? name ?? camera;
  const ask = wanted && looks && purpose === null;

  const turn = (on: boolean) => {
    setWanted(on);
    onLive?.(on);
  };
  const give = (words: string) => {
    if (shared) shared.give(words);
    else setOwn(words);
  };
  const stop = () => {
    turn(false);
    setOwn(null);
  };
  const refresh = async () => {
    const key = ['still', camera, reached ? 'now' : (picture?.id ?? 'now'), WIDTH[size]];
    await queries
      .fetchQuery({ queryKey: key, queryFn: () => readStill(nowOf(camera, WIDTH[size])), staleTime: 0, retry: false })
      .catch(() => undefined);
  };

  return (
    <figure className={`live live-${size}`} ref={frame} data-state={view.at} data-camera={camera} aria-label={title}>
      {address && view.at !== 'playing' && (
        <img
          className={reached ? 'live-still' : 'live-still old'}
          src={address}
          alt={t('live.stillOf', { name: title })}
        />
      )}
      <div className="live-screen" ref={screen} data-mode={live?.mode} />
      {live && <Watermark who={live.watermark} zone={timeZone} />}
      <figcaption className="live-head">
        {health && <StateMark of="health" code={health.state} suspect={health.suspect} bare={size === 'tile'} />}
        <b title={title}>{title}</b>
        {health && health.state !== 'online' && (
          <span title={tCode('reason', health.reason)}>{tCode('reason', health.reason)}</span>
        )}
      </figcaption>
      <Overlay view={view} still={still} looks={looks} record={record} again={again} wanted={wanted} />
      {looks && !wanted && record.data && (
        <button type="button" className="live-play" onClick={() => turn(true)}>
          <CaretRightOutlined aria-hidden="true" />
          <span className="heard">{t('live.play', { name: title })}</span>
        </button>
      )}
      <div className="live-tools">
        {live && size === 'large' && <span className="live-why">{wordsOf(live.why)}</span>}
        {view.at === 'playing' && (
          <span className="live-now" title={wordsOf(view.live.why)}>
            <VideoCameraOutlined aria-hidden="true" /> {tCode('live.mode', view.live.mode)}
          </span>
        )}
        {looks && reached && (
          <StillTools
            camera={camera}
            fetching={still.isFetching}
            refresh={wanted ? null : refresh}
            saves={size === 'large'}
          />
        )}
        <Tool label={t('live.fullscreen')} icon={<ExpandOutlined />} act={() => void toggleFullscreen(frame.current)} />
        {wanted && <Tool label={t('live.stop')} icon={<CloseOutlined />} act={stop} />}
      </div>
      <Modal
        open={ask}
        getContainer={inThePage}
        title={t('live.purposeTitle', { name: title })}
        footer={null}
        onCancel={stop}
        destroyOnHidden
        width={420}
      >
        <PurposeForm go={give} cancel={stop} label={t('live.open')} />
      </Modal>
    </figure>
  );
}

const wordsOf = ({ zh, en }: { zh: string; en: string }) => (language() === 'en' ? en : zh);

interface StillToolsProps {
  readonly camera: string;
  readonly fetching: boolean;
  /** null = it plays; a picture of now is no news. */
  readonly refresh: (() => void) | null;
  readonly saves: boolean;
}

/** What one can do with a single picture. */
function StillTools({ camera, fetching, refresh, saves }: StillToolsProps) {
  const may = useMay();
  const [saving, setSaving] = useState(false);
  return (
    <>
      {refresh && <Tool label={t('live.refresh')} icon={<ReloadOutlined spin={fetching} />} act={refresh} />}
      {saves && may('cameras', 'export') && (
        <Tool label={t('live.save')} icon={<SaveOutlined />} act={() => setSaving(true)} />
      )}
      <SaveStill camera={camera} open={saving} close={() => setSaving(false)} />
    </>
  );
}

async function toggleFullscreen(place: HTMLElement | null): Promise<void> {
  if (document.fullscreenElement) await document.exitFullscreen();
  else await place?.requestFullscreen();
}
