import { CloseOutlined } from '@ant-design/icons';
import { Link } from '@tanstack/react-router';
import { Button, Select, Tabs } from 'antd';
import { useMay } from '../../app/rights.ts';
import { t } from '../../language.ts';
import { useCamera } from '../../parts/live/live-picture.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Clips } from './clips.tsx';
import { Facts } from './facts.tsx';
import { Masks } from './masks.tsx';
import { Pictures } from './pictures.tsx';
import { Ptz } from './ptz.tsx';
import { Viewings } from './viewings.tsx';

interface BesideProps {
  readonly camera: string;
  readonly place: number;
  readonly places: number;
  readonly move: (to: number) => void;
  readonly close: () => void;
}

/** What can be done with the chosen camera, and what is known of it. */
export function Beside({ camera, place, places, move, close }: BesideProps) {
  const may = useMay();
  const record = useCamera(camera);
  const looks = may('cameras', 'operate');
  return (
    <aside className="beside sheet" aria-label={t('video.beside')}>
      <Loaded query={record}>
        {(data) => {
          const tabs = [
            { key: 'facts', label: t('video.tab.facts'), children: <Facts camera={data} /> },
            ...(looks && data.facts?.ptz
              ? [{ key: 'ptz', label: t('video.tab.ptz'), children: <Ptz camera={camera} /> }]
              : []),
            ...(looks ? [{ key: 'clips', label: t('video.tab.clips'), children: <Clips camera={camera} /> }] : []),
            { key: 'pictures', label: t('video.tab.pictures'), children: <Pictures camera={camera} /> },
            { key: 'masks', label: t('video.tab.masks'), children: <Masks camera={camera} /> },
            ...(may('viewings', 'read')
              ? [{ key: 'viewings', label: t('video.tab.viewings'), children: <Viewings camera={camera} /> }]
              : []),
          ];
          return (
            <>
              <header className="beside-head">
                <Link to="/devices/$id" params={{ id: camera }}>
                  <b>{data.nickname ?? data.name}</b>
                </Link>
                <Button type="text" icon={<CloseOutlined />} aria-label={t('video.close')} onClick={close} />
              </header>
              <Tabs size="small" items={tabs} destroyOnHidden />
            </>
          );
        }}
      </Loaded>
      <div className="beside-place">
        {t('video.moveTo')}
        <Select<number>
          aria-label={t('video.moveTo')}
          size="small"
          value={place}
          onChange={move}
          options={Array.from({ length: places }, (_, n) => ({ value: n, label: t('video.placeNo', { n: n + 1 }) }))}
        />
      </div>
    </aside>
  );
}
