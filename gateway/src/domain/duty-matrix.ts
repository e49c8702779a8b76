import type { Role } from './permission.ts';
import type { Scope } from './scope.ts';

/** The organisation tree and who leads or helps with which module (模块责任分工). */
export interface Matrix {
  readonly orgs: readonly {
    readonly id: string;
    readonly parentId: string | null;
    readonly kind: string;
    readonly level: number | null;
  }[];
  readonly duties: readonly {
    readonly moduleId: string;
    readonly orgId: string;
    readonly duty: 'lead' | 'cooperate';
  }[];
}

/** What of a person decides what they reach. */
export interface Person {
  readonly role: Role;
  readonly orgId: string | null;
  readonly vendorId: string | null;
  /** null = what follows from role and organisation. */
  readonly scopeOrgIds: readonly string[] | null;
  readonly moduleIds: readonly string[] | null;
}

/**
 * The matrix names some parties by a word for many: 各居民区, 各部门（单位）. Their duty is the duty of every residents'
 * committee, or department, below the area on which the placeholder hangs.
 */
export const COMMITTEES = 'residents-committees';
export const DEPARTMENTS = 'all-departments';

export type Reach = (person: Person) => Scope;

/** Who reaches what under this tree and matrix. Whoever has no place in them reaches nothing. */
export function createReach(matrix: Matrix): Reach {
  const orgs = new Map(matrix.orgs.map((org) => [org.id, org]));
  const roots = matrix.orgs.filter(({ parentId }) => parentId === null).map(({ id }) => id);

  /** The organisation and all above it, nearest first. */
  const pathOf = (id: string | null) => {
    const path: Matrix['orgs'][number][] = [];
    for (
      let org = id === null ? undefined : orgs.get(id);
      org && path.length < 64;
      org = orgs.get(org.parentId ?? '')
    ) {
      path.push(org);
    }
    return path;
  };
  const areaOf = (orgId: string | null) => pathOf(orgId).find(({ kind }) => kind === 'area')?.id;

  const isPlaceholder = (id: string, word: string) => id === word || id.startsWith(`${word}-`);
  /** Parties whose duties are this organisation's too. */
  const partiesOf = (orgId: string | null, role: Role): ReadonlySet<string> => {
    const path = pathOf(orgId);
    const areas = new Set(path.filter(({ kind }) => kind === 'area').map(({ id }) => id));
    const word = role === 'committee' ? COMMITTEES : DEPARTMENTS;
    const placeholders = matrix.orgs.filter(
      ({ id, parentId }) => isPlaceholder(id, word) && parentId !== null && areas.has(parentId),
    );
    // A team has the duties of its department; a department has none of its street's.
    const firstArea = path.findIndex(({ kind }) => kind === 'area');
    const departments = firstArea < 0 ? path : path.slice(0, firstArea);
    const own = role === 'committee' ? path.filter(({ kind }) => kind === 'area') : departments;
    return new Set([...own, ...placeholders].map(({ id }) => id));
  };
  const modulesOf = (parties: ReadonlySet<string>, duties: readonly string[]) =>
    [
      ...new Set(
        matrix.duties.filter(({ orgId, duty }) => parties.has(orgId) && duties.includes(duty)).map((d) => d.moduleId),
      ),
    ].sort();

  const narrowed = (modules: readonly string[], { moduleIds }: Person) =>
    moduleIds === null ? modules : modules.filter((id) => moduleIds.includes(id));
  const byMatrix = (person: Person, place: string | null | undefined, duties: readonly string[]): Scope => ({
    kind: 'orgs',
    orgIds: person.scopeOrgIds ?? (place ? [place] : []),
    moduleIds: narrowed(modulesOf(partiesOf(person.orgId, person.role), duties), person),
  });

  return (person) => {
    const { role, orgId, scopeOrgIds, moduleIds, vendorId } = person;
    const modules = moduleIds === null ? {} : { moduleIds };
    switch (role) {
      case 'admin':
      case 'auditor':
      case 'system':
        return { kind: 'all' };
      case 'vendor':
        return vendorId === null ? { kind: 'orgs', orgIds: [] } : { kind: 'vendor', vendorId };
      case 'lead':
        return byMatrix(person, areaOf(orgId) ?? orgId, ['lead']);
      case 'cooperating':
        return byMatrix(person, areaOf(orgId) ?? orgId, ['lead', 'cooperate']);
      case 'committee':
        return byMatrix(person, orgId, ['lead', 'cooperate']);
      case 'maintainer':
        return { kind: 'orgs', orgIds: scopeOrgIds ?? (orgId === null ? [] : [orgId]), ...modules };
      case 'dispatcher':
      case 'viewer':
        if (scopeOrgIds === null && moduleIds === null) return { kind: 'all' };
        // Narrowed to modules only: everything that has a place in the tree.
        return { kind: 'orgs', orgIds: scopeOrgIds ?? roots, ...modules };
    }
  };
}
