import { useQuery } from '@tanstack/react-query';
import { api, body } from '../../api/client.ts';
import type { Sign } from '../../parts/marks.tsx';
import { whole } from '../../parts/whole.ts';

export const STATES = ['draft', 'handed', 'accepted', 'refused', 'withdrawn'] as const;
export type HandoverState = (typeof STATES)[number];
export const SIGNS: Readonly<Record<HandoverState, Sign>> = {
  draft: ['none', 'ring'],
  handed: ['warning', 'triangle'],
  accepted: ['good', 'disc'],
  refused: ['bad', 'cross'],
  withdrawn: ['none', 'bar'],
};

const useOrgTree = () =>
  useQuery({
    queryKey: ['orgs', 'tree', 'whole'],
    queryFn: () => whole((query) => body(api.GET('/api/v1/orgs', { params: { query } }))),
    staleTime: 5 * 60_000,
  });
export const useOrgs = () => useOrgTree().data ?? [];

/** Whether an organisation is one of another's or that other itself. */
export function useBelongs(): (org: string | null, to: string) => boolean {
  const orgs = useOrgs();
  const parents = new Map(orgs.map(({ id, parentId }) => [id, parentId]));
  return (org, to) => {
    // As deep as any administration goes; a tree that bites its tail ends too.
    for (let at = org, depth = 0; at && depth < 20; at = parents.get(at) ?? null, depth += 1)
      if (at === to) return true;
    return false;
  };
}
