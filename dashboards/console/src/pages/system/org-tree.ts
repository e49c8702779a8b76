import type { Answer } from '../../api/client.ts';

type Org = Answer<'Org'>;
export interface Branch extends Org {
  readonly children?: Branch[];
}

/** Organisations under those they belong to, areas first; one whose parent may not be seen stands at the top. With words only what matches, and what leads there. */
export function branchesOf(orgs: readonly Org[], q = ''): Branch[] {
  const known = new Set(orgs.map(({ id }) => id));
  const below = new Map<string | null, Org[]>();
  for (const org of orgs) {
    const parent = org.parentId !== null && known.has(org.parentId) ? org.parentId : null;
    const list = below.get(parent);
    if (list) list.push(org);
    else below.set(parent, [org]);
  }
  const wanted = q.trim().toLowerCase();
  const fits = ({ name, id, code }: Org) => [name, id, code ?? ''].some((text) => text.toLowerCase().includes(wanted));
  const grow = (parent: string | null, taken: boolean): Branch[] =>
    (below.get(parent) ?? [])
      .sort((a, b) => (a.level ?? 9) - (b.level ?? 9) || a.name.localeCompare(b.name, 'zh'))
      .flatMap((org) => {
        const here = taken || wanted === '' || fits(org);
        const children = grow(org.id, here);
        if (!here && children.length === 0) return [];
        return [children.length > 0 ? { ...org, children } : org];
      });
  return grow(null, false);
}

/** An organisation and all below it. */
export function withBelow(orgs: readonly Org[], id: string): ReadonlySet<string> {
  const found = new Set([id]);
  for (let before = 0; before !== found.size; ) {
    before = found.size;
    for (const org of orgs) if (org.parentId !== null && found.has(org.parentId)) found.add(org.id);
  }
  return found;
}
