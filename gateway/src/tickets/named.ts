import type { TicketDetails } from './read.ts';

/** Whoever and whatever a ticket mentions by id; people who read it need not hold the right to the list of users. */
export function mentioned(tickets: readonly TicketDetails[]): { people: string[]; orgs: string[]; devices: string[] } {
  const people = new Set<string | null>();
  const orgs = new Set<string | null>();
  const devices = new Set<string>();
  for (const t of tickets) {
    for (const id of t.deviceIds) devices.add(id);
    for (const id of [t.assigneeId, t.openedBy]) people.add(id);
    for (const { by } of [...t.history, ...t.comments, ...t.evidence, ...t.supervisions, ...t.attachments])
      people.add(by);
    for (const { by, decidedBy } of [...t.extensions, ...t.suspensions]) people.add(by).add(decidedBy);
    for (const { decidedBy, orgIds } of t.escalations) {
      people.add(decidedBy);
      for (const id of orgIds) orgs.add(id);
    }
    for (const { orgId, acknowledgedBy } of t.parties) {
      orgs.add(orgId);
      people.add(acknowledgedBy);
    }
    for (const id of [t.handlerOrgId, t.orgId]) orgs.add(id);
  }
  const known = (ids: ReadonlySet<string | null>) =>
    [...ids].flatMap((id) => (id === null || id === 'system' ? [] : [id]));
  return { people: known(people), orgs: known(orgs), devices: [...devices] };
}

/** Each ticket with the names it mentions. */
export function withNames(
  tickets: readonly TicketDetails[],
  names: ReadonlyMap<string, string>,
): readonly TicketDetails[] {
  return tickets.map((ticket) => {
    const { people, orgs, devices } = mentioned([ticket]);
    const own = [...people, ...orgs, ...devices].flatMap((id) => {
      const name = names.get(id);
      return name === undefined ? [] : [[id, name] as const];
    });
    return { ...ticket, names: Object.fromEntries(own) };
  });
}
