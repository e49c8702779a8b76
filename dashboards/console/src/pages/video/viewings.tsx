import { useInfiniteQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { type Answer, api, body } from '../../api/client.ts';
import { t, tCode } from '../../language.ts';
import { Mark } from '../../parts/mark.tsx';
import { Nothing } from '../../parts/nothing.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { exactTime, lengthOf } from '../../parts/time.tsx';

type Viewing = Answer<'Viewing'>;

/** 调阅登记 of one camera: who looks just now first, then who looked. */
export function Viewings({ camera }: { camera: string }) {
  const list = useInfiniteQuery({
    queryKey: ['viewings', camera],
    queryFn: ({ pageParam }) =>
      body(
        api.GET('/api/v1/cameras/{id}/viewings', {
          params: { path: { id: camera }, query: { limit: 30, ...(pageParam && { cursor: pageParam }) } },
        }),
      ),
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    refetchInterval: 15_000,
  });
  if (list.isError) return <ProblemNotice error={list.error} again={() => list.refetch()} />;
  const items = list.data?.pages.flatMap((page) => page.items) ?? [];
  const now = items.filter(({ endedAt }) => endedAt === null);
  return (
    <>
      <p>{now.length === 0 ? t('video.viewings.nobody') : t('video.viewings.now', { n: now.length })}</p>
      {list.isSuccess && items.length === 0 && <Nothing title={t('video.viewings.none')} />}
      <ul className="viewings">
        {items.map((viewing) => (
          <One key={viewing.id} viewing={viewing} />
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

function One({ viewing }: { viewing: Viewing }) {
  const { userName, mode, purpose, startedAt, endedAt, endReason, address } = viewing;
  return (
    <li>
      <div>
        {endedAt === null && <Mark tone="bad" shape="disc" label={t('video.viewings.on')} />} <b>{userName}</b>{' '}
        {tCode('viewing', mode)} {address && <span className="quiet">{address}</span>}
      </div>
      <div>{purpose}</div>
      <div className="quiet">
        {exactTime(startedAt)}
        {endedAt !== null && mode !== 'snapshot' && ` · ${lengthOf(Date.parse(endedAt) - Date.parse(startedAt))}`}
        {endReason !== null && mode !== 'snapshot' && ` · ${tCode('viewing.end', endReason)}`}
      </div>
    </li>
  );
}
