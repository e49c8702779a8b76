import { SearchOutlined } from '@ant-design/icons';
import { useQueries, useQuery } from '@tanstack/react-query';
import { Checkbox, Input, Tree, type TreeDataNode } from 'antd';
import { useDeferredValue, useEffect, useRef, useState } from 'react';
import { type Answer, api, body } from '../../api/client.ts';
import { t } from '../../language.ts';
import { ProblemNotice } from '../../parts/problem.tsx';
import { whole } from '../../parts/whole.ts';
import { branchesOf, camerasKey, firstOpen, placeOfKey } from './branches.ts';
import { CameraRow } from './camera-row.tsx';

type Camera = Answer<'Camera'>;
interface TreeProps {
  /** Puts a camera on the wall. */
  readonly place: (id: string) => void;
  readonly onWall: readonly string[];
}
const PAGE = 50;
const FAULTY = 'offline,flapping,stale,degraded,unknown';
const MORE = 'more:';
const LONG = 5 * 60_000;

/** Organisations, their sites and cameras; what nobody has opened is not asked for, and long lists come page by page. */
export function CameraTree({ place, onWall }: TreeProps) {
  const [typed, setTyped] = useState('');
  const [faulty, setFaulty] = useState(false);
  const [opened, setOpen] = useState<readonly string[] | null>(null);
  /** How many pages of a branch are wanted. */
  const [pages, setPages] = useState<Readonly<Record<string, number>>>({});
  const q = useDeferredValue(typed.trim());
  const orgs = useQuery({
    queryKey: ['names', 'orgs', 'whole'],
    queryFn: () => whole((query) => body(api.GET('/api/v1/orgs', { params: { query } }))),
    staleTime: LONG,
  });
  const sites = useQuery({
    queryKey: ['names', 'sites', 'whole'],
    queryFn: () => whole((query) => body(api.GET('/api/v1/sites', { params: { query } }))),
    staleTime: LONG,
  });
  const open = opened ?? firstOpen(orgs.data ?? []);
  const wanted = q === '' ? open.map(placeOfKey).filter((key) => key !== null) : [`q:${q}`];
  const lists = useQueries({
    queries: wanted.map((key) => ({
      queryKey: ['camera-branch', key, faulty, pages[key] ?? 1],
      queryFn: () => readBranch(key, faulty, pages[key] ?? 1),
      refetchInterval: 30_000,
      placeholderData: (before: Branch | undefined) => before,
    })),
  });
  const cameras = new Map(wanted.map((key, n) => [key, lists[n]?.data]));
  const row = (camera: Camera) => ({
    key: `cam:${camera.id}`,
    title: <CameraRow camera={camera} shown={onWall.includes(camera.id)} />,
    isLeaf: true,
  });
  const leaves = (key: string): TreeDataNode[] => {
    const branch = cameras.get(key);
    if (branch === undefined) return [{ key: `wait:${key}`, title: t('video.loading'), isLeaf: true, disabled: true }];
    if (branch.items.length === 0)
      return [{ key: `none:${key}`, title: t('video.none'), isLeaf: true, disabled: true }];
    const more = { key: `${MORE}${key}`, title: <b>{t('video.more', { n: branch.items.length })}</b>, isLeaf: true };
    return [...branch.items.map(row), ...(branch.more ? [more] : [])];
  };
  const data = q === '' ? branchesOf(orgs.data ?? [], sites.data ?? [], t('video.all'), leaves) : leaves(`q:${q}`);
  const [frame, height] = useHeight();
  return (
    <aside className="wall-tree" aria-label={t('video.tree')}>
      <Input
        allowClear
        prefix={<SearchOutlined />}
        placeholder={t('video.search')}
        aria-label={t('video.search')}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
      <Checkbox checked={faulty} onChange={(event) => setFaulty(event.target.checked)}>
        {t('video.faulty')}
      </Checkbox>
      {[orgs, sites].map(
        ({ isError, error, refetch }, n) =>
          isError && <ProblemNotice key={n === 0 ? 'orgs' : 'sites'} error={error} again={() => refetch()} />,
      )}
      <div className="wall-tree-list" ref={frame}>
        <Tree
          key={q === '' ? 'tree' : 'found'}
          treeData={data}
          height={height}
          blockNode
          selectedKeys={[]}
          expandedKeys={[...open]}
          onExpand={(keys) => setOpen(keys.map(String))}
          onSelect={(_, { node }) => {
            const key = String(node.key);
            if (key.startsWith('cam:')) place(key.slice(4));
            else if (key.startsWith(MORE)) {
              const branch = key.slice(MORE.length);
              setPages({ ...pages, [branch]: (pages[branch] ?? 1) + 1 });
            } else if (!node.isLeaf) setOpen(open.includes(key) ? open.filter((one) => one !== key) : [...open, key]);
          }}
        />
      </div>
      <p className="quiet">{t('video.tree.hint')}</p>
    </aside>
  );
}

interface Branch {
  readonly items: readonly Camera[];
  readonly more: boolean;
}

/** The first pages of a branch, one after the other: the gateway sends a page at a time. */
async function readBranch(key: string, faulty: boolean, pages: number): Promise<Branch> {
  const items: Camera[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < pages; page += 1) {
    const answer: { items: Camera[]; nextCursor: string | null } = await body(
      api.GET('/api/v1/cameras', {
        params: {
          query: {
            ...camerasKey(key),
            limit: PAGE,
            lifecycle: 'trial,active',
            ...(faulty && { healthState: FAULTY }),
            ...(cursor !== null && { cursor }),
          },
        },
      }),
    );
    items.push(...answer.items);
    cursor = answer.nextCursor;
    if (cursor === null) break;
  }
  return { items, more: cursor !== null };
}

/** Height of a place in pixels, for lists that draw only what is seen. */
function useHeight() {
  const frame = useRef<HTMLDivElement>(null);
  const [height, setHeight] = useState(400);
  useEffect(() => {
    const place = frame.current;
    if (!place) return;
    const watch = new ResizeObserver(() => setHeight(place.clientHeight));
    watch.observe(place);
    return () => watch.disconnect();
  }, []);
  return [frame, height] as const;
}
