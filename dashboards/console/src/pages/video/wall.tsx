import { useQuery } from '@tanstack/react-query';
import { App, Modal } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { t } from '../../language.ts';
import { inThePage } from '../../look/in-the-page.ts';
import { OnePurpose, PurposeForm, useSharedPurpose } from '../../parts/live/purpose.tsx';
import { Page } from '../../parts/page.tsx';
import { Beside } from './beside.tsx';
import { clear, fill, nextPlace, onPage, pagesOf, put, swap } from './slots.ts';
import { Tile, type TileActs } from './tile.tsx';
import { Toolbar } from './toolbar.tsx';
import { CameraTree } from './tree.tsx';
import { useWall } from './use-wall.ts';
import './video.css';

/** 视频: cameras side by side, snapshots until somebody plays. One purpose is asked for the whole wall. */
export default function Video() {
  return (
    <OnePurpose>
      <Wall />
    </OnePurpose>
  );
}

function Wall() {
  const may = useMay();
  const { message } = App.useApp();
  const [wall, change] = useWall();
  const [chosen, setChosen] = useState(0);
  const [beside, setBeside] = useState(false);
  const [plays, setPlays] = useState(false);
  const [round, setRound] = useState(0);
  const [asks, setAsks] = useState(false);
  const frame = useRef<HTMLUListElement>(null);
  const shared = useSharedPurpose();
  const { slots, size, patrol } = wall;
  const pages = pagesOf(slots, size);
  const page = Math.min(wall.page, pages - 1);
  usePatrol(patrol, pages, () => change({ page: (page + 1) % pages }));
  const first = page * size;
  const shown = onPage(slots, page, size).map((camera, n) => ({ camera, index: first + n }));
  const here = chosen >= first && chosen < first + size ? chosen : first;

  const playAll = (on: boolean) => {
    if (on && shared?.purpose === null) return setAsks(true);
    setPlays(on);
    setRound(round + 1);
  };
  const acts: TileActs = {
    choose: setChosen,
    put: (index, id) => change({ slots: put(slots, index, id) }),
    swap: (from, to) => change({ slots: swap(slots, from, to) }),
    clear: (index) => change({ slots: clear(slots, index) }),
    more(index) {
      setChosen(index);
      setBeside(true);
    },
  };
  const place = (id: string) => {
    const known = slots.indexOf(id);
    if (known >= 0) {
      setChosen(known);
      return change({ page: Math.floor(known / size) });
    }
    const next = put(slots, here, id);
    change({ slots: next });
    setChosen(nextPlace(next, here, size));
  };
  const cameras = useQuery({
    queryKey: ['camera-branch', 'first'],
    queryFn: () => body(api.GET('/api/v1/cameras', { params: { query: { limit: 64, lifecycle: 'trial,active' } } })),
    enabled: false,
  });
  const fillUp = async () => {
    const { data } = await cameras.refetch();
    const ids = data?.items.map(({ id }) => id) ?? [];
    if (ids.length === 0) return void message.info(t('video.noCameras'));
    change({ slots: fill(slots, ids, size) });
  };
  const camera = slots[here] ?? '';
  return (
    <Page title={t('video.title')} guide="video">
      <Toolbar
        wall={{ ...wall, page }}
        change={change}
        plays={plays}
        {...(may('cameras', 'operate') && { play: playAll })}
        purpose={shared?.purpose ?? null}
        newPurpose={() => setAsks(true)}
        fill={fillUp}
        fullscreen={() => void frame.current?.requestFullscreen()}
      />
      <div className={beside && camera ? 'video with-beside' : 'video'}>
        <CameraTree place={place} onWall={slots} />
        <ul className={`live-wall places-${size}`} ref={frame} aria-label={t('video.wall')}>
          {shown.map(({ camera: id, index }) => (
            <Tile
              key={`${index} ${id} ${round}`}
              index={index}
              camera={id}
              chosen={index === here}
              plays={plays}
              {...acts}
            />
          ))}
        </ul>
        {beside && camera && (
          <Beside
            key={camera}
            camera={camera}
            close={() => setBeside(false)}
            place={here}
            places={Math.max(slots.length, first + size)}
            move={(to) => {
              acts.swap(here, to);
              setChosen(to);
            }}
          />
        )}
      </div>
      <Modal
        open={asks}
        title={t('video.purposeTitle')}
        footer={null}
        onCancel={() => setAsks(false)}
        destroyOnHidden
        width={420}
        getContainer={inThePage}
      >
        <PurposeForm
          label={t('live.open')}
          cancel={() => setAsks(false)}
          go={(purpose) => {
            shared?.give(purpose);
            setAsks(false);
            setPlays(true);
            setRound(round + 1);
          }}
        />
      </Modal>
    </Page>
  );
}

/** 轮巡: the next page every so many seconds, while somebody can see it. */
function usePatrol(seconds: number, pages: number, next: () => void): void {
  const latest = useRef(next);
  latest.current = next;
  useEffect(() => {
    if (seconds === 0 || pages < 2) return;
    const timer = setInterval(() => !document.hidden && latest.current(), seconds * 1_000);
    return () => clearInterval(timer);
  }, [seconds, pages]);
}
