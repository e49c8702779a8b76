import { CaretRightOutlined, ExpandOutlined, LeftOutlined, PauseOutlined, RightOutlined } from '@ant-design/icons';
import { Button, Segmented, Select } from 'antd';
import { t } from '../../language.ts';
import { pagesOf, SIZES, type Size } from './slots.ts';
import { PATROLS, type WallState } from './use-wall.ts';

interface ToolbarProps {
  readonly wall: WallState;
  readonly change: (change: Partial<WallState>) => void;
  readonly plays: boolean;
  /** Absent = one may not look. */
  readonly play?: (on: boolean) => void;
  readonly purpose: string | null;
  readonly newPurpose: () => void;
  readonly fill: () => void;
  readonly fullscreen: () => void;
}

/** How many places, which page, whether it is patrolled, and what for one looks. */
export function Toolbar({ wall, change, plays, play, purpose, newPurpose, fill, fullscreen }: ToolbarProps) {
  const { slots, size, page, patrol } = wall;
  const pages = pagesOf(slots, size);
  const go = (to: number) => change({ page: (to + pages) % pages });
  return (
    <div className="wall-bar" role="toolbar" aria-label={t('video.bar')}>
      <Segmented<Size>
        aria-label={t('video.size')}
        value={size}
        onChange={(next) => change({ size: next, page: Math.floor((page * size) / next) })}
        options={SIZES.map((value) => ({ value, label: t('video.places', { n: value }) }))}
      />
      {pages > 1 && (
        <span className="wall-pages">
          <Button icon={<LeftOutlined />} aria-label={t('list.before')} onClick={() => go(page - 1)} />
          {t('video.page', { n: page + 1, of: pages })}
          <Button icon={<RightOutlined />} aria-label={t('list.after')} onClick={() => go(page + 1)} />
        </span>
      )}
      <Select<number>
        aria-label={t('video.patrol')}
        value={patrol}
        disabled={pages < 2}
        title={pages < 2 ? t('video.patrol.needs') : t('video.patrol')}
        onChange={(seconds) => change({ patrol: seconds })}
        popupMatchSelectWidth={false}
        options={PATROLS.map((seconds) => ({
          value: seconds,
          label: seconds === 0 ? t('video.patrol.off') : t('video.patrol.every', { n: seconds }),
        }))}
      />
      {play && slots.length > 0 && (
        <Button
          type={plays ? 'default' : 'primary'}
          icon={plays ? <PauseOutlined /> : <CaretRightOutlined />}
          onClick={() => play(!plays)}
        >
          {plays ? t('video.stopAll') : t('video.playAll')}
        </Button>
      )}
      {play && purpose !== null && (
        <Button type="text" onClick={newPurpose}>
          {t('video.purpose', { purpose })}
        </Button>
      )}
      <span className="wall-bar-end">
        <Button onClick={fill}>{t('video.fill')}</Button>
        <Button disabled={slots.length === 0} onClick={() => change({ slots: [], page: 0, patrol: 0 })}>
          {t('video.clear')}
        </Button>
        <Button icon={<ExpandOutlined />} onClick={fullscreen}>
          {t('live.fullscreen')}
        </Button>
      </span>
    </div>
  );
}
