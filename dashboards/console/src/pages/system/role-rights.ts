/** Actions by resource; a resource without any is not named. */
export type RoleRights = Readonly<Record<string, readonly string[] | undefined>>;

interface RoleLike {
  readonly rights: object;
  /** Only resources where the role is not as it ships. */
  readonly shipped: object;
}

/** What a role may do with one thing more, and less, than as it ships. */
export function differs({ rights, shipped }: RoleLike, resource: string): { given: string[]; taken: string[] } {
  const before = (shipped as RoleRights)[resource];
  if (before === undefined) return { given: [], taken: [] };
  const now = (rights as RoleRights)[resource] ?? [];
  return {
    given: now.filter((action) => !before.includes(action)),
    taken: before.filter((action) => !now.includes(action)),
  };
}

/** Actions of `after` that `before` has not, and the other way round, as `resource.action`. */
export function changesOf(before: RoleRights, after: RoleRights): { given: string[]; taken: string[] } {
  const flat = (rights: RoleRights) =>
    Object.entries(rights).flatMap(([name, list = []]) => list.map((one) => `${name}.${one}`));
  const [old, next] = [flat(before), flat(after)];
  return { given: next.filter((one) => !old.includes(one)), taken: old.filter((one) => !next.includes(one)) };
}

export type Danger = 'nothing' | 'blind' | 'repair' | 'dispatch' | 'approve' | 'audit' | 'register';

/** What nobody could do any more, or not sensibly, with such rights. `blind` names resources. */
export function dangersOf(role: string, after: RoleRights): { danger: Danger; resources: string[] }[] {
  const may = (resource: string, action: string) => after[resource]?.includes(action) ?? false;
  const none = Object.values(after).every((list) => !list?.length);
  if (none) return [{ danger: 'nothing', resources: [] }];
  const blind = Object.entries(after).flatMap(([name, list]) => (list?.length && !list.includes('read') ? [name] : []));
  const lost: [Danger, boolean][] = [
    ['repair', role === 'maintainer' && !may('tickets', 'update')],
    ['dispatch', role === 'dispatcher' && !may('tickets', 'update')],
    ['approve', role === 'lead' && !may('tickets', 'decide')],
    ['audit', role === 'auditor' && !may('audit', 'read')],
    ['register', role === 'vendor' && !may('devices', 'create')],
  ];
  return [
    ...(blind.length > 0 ? [{ danger: 'blind' as const, resources: blind }] : []),
    ...lost.flatMap(([danger, is]) => (is ? [{ danger, resources: [] }] : [])),
  ];
}
