import type { TreeDataNode } from 'antd';

interface Org {
  readonly id: string;
  readonly name: string;
  readonly parentId: string | null;
  readonly kind: string;
}
interface Site {
  readonly id: string;
  readonly name: string;
  readonly orgId: string | null;
}

/** Branches whose cameras are listed: of an organisation with all below it, of a site, of everything. */
const LISTS = ['all:', 'site:', 'everything'];
export const placeOfKey = (key: string): string | null => (LISTS.some((list) => key.startsWith(list)) ? key : null);

/** What to ask the gateway for a branch. */
export function camerasKey(key: string): { orgId?: string; siteId?: string; q?: string } {
  const id = key.slice(key.indexOf(':') + 1);
  if (key.startsWith('all:')) return { orgId: id };
  if (key.startsWith('site:')) return { siteId: id };
  return key.startsWith('q:') ? { q: id } : {};
}

/** Organisations by what they are below, with their sites; those without either lead to their cameras at once. */
export function branchesOf(
  orgs: readonly Org[],
  sites: readonly Site[],
  all: string,
  leaves: (key: string) => TreeDataNode[],
): TreeDataNode[] {
  const known = new Set(orgs.map(({ id }) => id));
  const below = new Map<string, Org[]>();
  for (const org of orgs) {
    // Whose head may not be seen stands at the top.
    const head = org.parentId !== null && known.has(org.parentId) ? org.parentId : '';
    below.set(head, [...(below.get(head) ?? []), org]);
  }
  const areasFirst = (a: Org, b: Org) => Number(b.kind === 'area') - Number(a.kind === 'area');
  const branch = (org: Org): TreeDataNode => {
    const children = [...(below.get(org.id) ?? [])].sort(areasFirst).map(branch);
    const places = sites
      .filter(({ orgId }) => orgId === org.id)
      .map(({ id, name }) => ({ key: `site:${id}`, title: name, children: leaves(`site:${id}`) }));
    if (children.length + places.length === 0)
      return { key: `all:${org.id}`, title: org.name, children: leaves(`all:${org.id}`) };
    const whole = { key: `all:${org.id}`, title: all, children: leaves(`all:${org.id}`) };
    return { key: `org:${org.id}`, title: org.name, children: [...children, ...places, whole] };
  };
  const tops = (below.get('') ?? []).filter(({ kind }) => kind !== 'maintenance').sort(areasFirst);
  return [...tops.map(branch), { key: 'everything', title: all, children: leaves('everything') }];
}

/** Branches that are open at first: down to where there is something to choose. */
export function firstOpen(orgs: readonly Org[]): readonly string[] {
  const known = new Set(orgs.map(({ id }) => id));
  const areas = orgs.filter(({ kind }) => kind === 'area');
  const open: string[] = [];
  let level = areas.filter(({ parentId }) => parentId === null || !known.has(parentId));
  while (level.length === 1) {
    const [only] = level;
    if (!only || open.includes(`org:${only.id}`)) break;
    open.push(`org:${only.id}`);
    level = areas.filter(({ parentId }) => parentId === only.id);
  }
  return open;
}
