import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Button, Select } from 'antd';
import { useState } from 'react';
import { type Answer, api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { t, tCode } from '../../language.ts';
import { SaveStill } from '../../parts/live/save-still.tsx';
import { readStill, stored, useAddress } from '../../parts/live/still.ts';
import { Nothing } from '../../parts/nothing.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { exactTime } from '../../parts/time.tsx';

type Picture = Answer<'Picture'>;
const PURPOSES = ['check', 'snapshot', 'evidence', 'reference'] as const;

/** Stored pictures of a camera by time; one is shown on click, since each look stands in 调阅登记. */
export function Pictures({ camera }: { camera: string }) {
  const may = useMay();
  const [purpose, setPurpose] = useState<Picture['purpose'] | undefined>();
  const [shown, setShown] = useState<Picture | null>(null);
  const list = useInfiniteQuery({
    queryKey: ['pictures', camera, purpose],
    queryFn: ({ pageParam }) =>
      body(
        api.GET('/api/v1/cameras/{id}/pictures', {
          params: {
            path: { id: camera },
            query: { limit: 30, ...(purpose && { purpose }), ...(pageParam && { cursor: pageParam }) },
          },
        }),
      ),
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
  });
  const items = list.data?.pages.flatMap((page) => page.items) ?? [];
  const looks = may('cameras', 'operate');
  return (
    <>
      {shown && <Shown key={shown.id} camera={camera} picture={shown} />}
      <Select<Picture['purpose']>
        size="small"
        allowClear
        placeholder={t('video.pictures.all')}
        aria-label={t('video.pictures.of')}
        {...(purpose && { value: purpose })}
        onChange={setPurpose}
        options={PURPOSES.map((value) => ({ value, label: tCode('picture', value) }))}
        popupMatchSelectWidth={false}
      />
      {list.isError && <ProblemNotice error={list.error} again={() => list.refetch()} />}
      {list.isSuccess && items.length === 0 && <Nothing title={t('video.pictures.none')} />}
      <ul className="picture-list">
        {items.map((picture) => (
          <li key={picture.id}>
            <button
              type="button"
              disabled={!looks}
              aria-pressed={shown?.id === picture.id}
              onClick={() => setShown(picture)}
            >
              <time dateTime={picture.takenAt}>{exactTime(picture.takenAt)}</time>
              <span className="quiet">{tCode('picture', picture.purpose)}</span>
              <span className="quiet">
                {picture.width}×{picture.height}
              </span>
            </button>
          </li>
        ))}
      </ul>
      {list.hasNextPage && (
        <Button size="small" loading={list.isFetchingNextPage} onClick={() => list.fetchNextPage()}>
          {t('video.pictures.more')}
        </Button>
      )}
    </>
  );
}

function Shown({ camera, picture }: { camera: string; picture: Picture }) {
  const may = useMay();
  const [saving, setSaving] = useState(false);
  const still = useQuery({
    queryKey: ['still', camera, picture.id, 'whole'],
    queryFn: () => readStill(stored(camera, picture.id)),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  const address = useAddress(still.data?.jpeg);
  if (still.isError) return <ProblemNotice error={still.error} />;
  return (
    <figure className="picture-shown">
      {address && <img src={address} alt={exactTime(picture.takenAt)} />}
      <figcaption>
        {exactTime(picture.takenAt)}
        {still.data?.masked && ` · ${t('live.masked')}`}
        {may('cameras', 'export') && (
          <Button size="small" onClick={() => setSaving(true)}>
            {t('live.save')}
          </Button>
        )}
      </figcaption>
      <SaveStill camera={camera} picture={picture.id} open={saving} close={() => setSaving(false)} />
    </figure>
  );
}
