import type { TicketFilter, TicketReader } from '../domain/ticket-rows.ts';

/**
 * Scope as SQL; a ticket also shows to who handles it, and to a department named in the scope by itself when it leads the
 * ticket's module. A street in the scope is a place: what its departments lead elsewhere is not in it.
 */
export function visibility(reader: TicketReader, params: unknown[]): string {
  const { scope } = reader;
  if (scope.kind === 'all') return 'true';
  params.push(reader.userId);
  const mine = `t.assignee_id = $${params.length}`;
  if (scope.kind === 'vendor') {
    params.push(scope.vendorId);
    // Asked once, not for every ticket: what is rare is else so dear to the planner that it compiles the statement first.
    return `(${mine} or t.id in (select m.ticket_id from ticket_device m join device d on d.key = m.device
      where d.vendor_id = $${params.length}))`;
  }
  params.push(scope.orgIds);
  const scoped = `$${params.length}`;
  const orgs = `(with recursive sub (id) as (
      select o.id from org o where o.id = any(${scoped}::text[])
      union select o.id from org o join sub on o.parent_id = sub.id) select id from sub)`;
  const led = `(select m.module_id from module_org m where m.duty = 'lead' and m.org_id = any(${scoped}::text[]))`;
  const place = `(t.org_id in ${orgs} or t.handler_org_id in ${orgs} or t.module in ${led})`;
  // 协办 and 关注 see what they were asked about, whatever its module.
  const asked = `t.id in (select p.ticket_id from ticket_party p where p.org_id in ${orgs})`;
  if (!scope.moduleIds) return `(${mine} or ${asked} or ${place})`;
  params.push(scope.moduleIds);
  return `(${mine} or ${asked} or (${place} and t.module = any($${params.length}::text[])))`;
}

const EQUALS = {
  priority: 't.priority',
  cause: 't.cause',
  faultType: 't.fault_type',
  kind: 't.kind',
  fault: 't.fault',
  orgId: 't.org_id',
  siteId: 't.site_id',
  module: 't.module',
  assigneeId: 't.assignee_id',
  incidentId: 't.incident_id',
} as const satisfies Partial<Record<keyof TicketFilter, string>>;

export function conditions(filter: TicketFilter, reader: TicketReader, now: number, params: unknown[]): string[] {
  const where: string[] = [];
  const bind = (value: unknown) => `$${params.push(value)}`;
  for (const [field, column] of Object.entries(EQUALS)) {
    const value = filter[field as keyof typeof EQUALS];
    const asked = field === 'assigneeId' && value === 'me' ? reader.userId : value;
    if (asked !== undefined) where.push(`${column} = ${bind(asked)}`);
  }
  if (filter.stage !== undefined) where.push(`t.stage = any(${bind(filter.stage)}::text[])`);
  if (filter.deviceId !== undefined)
    where.push(`exists (select 1 from ticket_device m join device d on d.key = m.device
      where m.ticket_id = t.id and d.id = ${bind(filter.deviceId)})`);
  // Written out, not bound: what is rare has an index of its own.
  if (filter.drill !== undefined) where.push(filter.drill ? 't.drill' : 'not t.drill');
  if (filter.supervised !== undefined) where.push(`t.supervise_count ${filter.supervised ? '> 0' : '= 0'}`);
  if (filter.returned !== undefined) where.push(`t.return_count ${filter.returned ? '> 0' : '= 0'}`);
  if (filter.mine) {
    const me = bind(reader.userId);
    where.push(`(t.assignee_id = ${me} or t.opened_by = ${me})`);
  }
  if (filter.pending === 'escalation')
    where.push("t.id in (select e.ticket_id from ticket_escalation e where e.state = 'pending')");
  else if (filter.pending !== undefined)
    where.push(`t.id in (select r.ticket_id from ticket_request r
      where r.state = 'pending' and r.kind = ${bind(filter.pending)})`);
  if (filter.dueWithin !== undefined)
    where.push(`t.due_at >= to_timestamp(${bind(now)}::float8 / 1000.0)
      and t.due_at <= to_timestamp(${bind(now + filter.dueWithin)}::float8 / 1000.0)`);
  if (filter.overdue !== undefined)
    where.push(
      `(coalesce(t.due_at < to_timestamp(${bind(now)}::float8 / 1000.0), false)) = ${bind(filter.overdue)}::boolean`,
    );
  if (filter.q !== undefined && filter.q !== '') {
    const word = bind(filter.q);
    where.push(
      `(strpos(lower(t.no), lower(${word}::text)) > 0 or strpos(lower(coalesce(t.title, '')), lower(${word}::text)) > 0)`,
    );
  }
  return where;
}
