import type { DeviceKey } from '../domain/device.ts';
import type { Scope } from '../domain/scope.ts';
import type { TicketAsk, TicketAttachment, TicketBelongings, TicketParty } from '../domain/ticket-rows.ts';
import type { Tx } from '../domain/tx.ts';
import type { Language } from '../messages/index.ts';
import { sql } from './database.ts';
import { createParams, orgInScope } from './scope.ts';
import { at } from './time.ts';

const ASK = `ticket_id as "ticketId", n, kind, stage, until, reason, by, at, state, decided_by as "decidedBy",
  decided_at as "decidedAt", decision_note as "decisionNote"`;
const PARTY = `ticket_id as "ticketId", org_id as "orgId", duty, added_by as "addedBy", added_at as "addedAt",
  respond_by as "respondBy", acknowledged_by as "acknowledgedBy", acknowledged_at as "acknowledgedAt", note`;
const ATTACHMENT = `ticket_id as "ticketId", n, sha256, bytes, media_type as "mediaType", name, phase, note, by, at,
  taken_at as "takenAt", lat, lon, taken_from as "takenFrom", place_from as "placeFrom", distance,
  exists (select from ticket_attachment o where o.sha256 = a.sha256
    and (o.at < a.at or o.ticket_id = a.ticket_id and o.n < a.n)) as repeated`;

/** What belongs to tickets beside their log: requests, parties, attachments, merged tickets. */
export const ticketBelongings = {
  /** Of all these tickets in four statements. */
  async belongings(tx: Tx, ids: readonly string[]): Promise<ReadonlyMap<string, TicketBelongings>> {
    const of = async <Row extends object>(text: string) => (await sql(tx).query<Row>(text, [ids])).rows;
    const asks = await of<TicketAsk>(
      `select ${ASK} from ticket_request where ticket_id = any($1::text[]) order by ticket_id, n`,
    );
    const parties = await of<TicketParty>(
      `select ${PARTY} from ticket_party where ticket_id = any($1::text[]) order by ticket_id, added_at, org_id`,
    );
    const attachments = await of<TicketAttachment>(
      `select ${ATTACHMENT} from ticket_attachment a where ticket_id = any($1::text[]) order by ticket_id, n`,
    );
    const merged = await of<{ ticketId: string; id: string; no: string }>(
      `select merged_into as "ticketId", id, no from ticket where merged_into = any($1::text[]) order by no`,
    );
    const mine = <Row extends { ticketId: string }>(rows: readonly Row[], id: string) =>
      rows.filter(({ ticketId }) => ticketId === id);
    return new Map(
      ids.map((id) => [
        id,
        {
          asks: mine(asks, id),
          parties: mine(parties, id),
          attachments: mine(attachments, id),
          merged: mine(merged, id).map(({ id: ticket, no }) => ({ id: ticket, no })),
        },
      ]),
    );
  },

  /** Of all three kinds in one statement. */
  async names(
    tx: Tx,
    of: { readonly people: readonly string[]; readonly orgs: readonly string[]; readonly devices: readonly string[] },
  ): Promise<ReadonlyMap<string, string>> {
    const { rows } = await sql(tx).query<{ id: string; name: string }>(
      `select id, display_name as name from app_user where id = any($1::text[])
       union all select id, name from org where id = any($2::text[])
       union all select id, name from device where id = any($3::text[])`,
      [of.people, of.orgs, of.devices],
    );
    return new Map(rows.map(({ id, name }) => [id, name]));
  },

  async moduleNames(tx: Tx, ids: readonly string[], language: Language): Promise<ReadonlyMap<string, string>> {
    if (ids.length === 0) return new Map();
    const { rows } = await sql(tx).query<{ id: string; name: string }>(
      "select id, case when $2 = 'en' then name_en else name_zh end as name from module where id = any($1::text[])",
      [ids, language],
    );
    return new Map(rows.map(({ id, name }) => [id, name]));
  },

  /** The ticket must be locked; answers the number it got, or null while one of its kind still waits. */
  async addAsk(tx: Tx, ask: Omit<TicketAsk, 'n' | 'decisionNote'>): Promise<number | null> {
    const { rows } = await sql(tx).query<{ n: number }>(
      `insert into ticket_request (ticket_id, n, kind, stage, until, reason, by, at, state, decided_by, decided_at)
       select $1, coalesce(max(r.n), 0) + 1, $2, $3, ${at('$4')}, $5, $6, ${at('$7')}, $8, $9, ${at('$10')}
       from ticket_request r where r.ticket_id = $1
       on conflict (ticket_id, kind) where state = 'pending' do nothing returning n`,
      [
        ask.ticketId,
        ask.kind,
        ask.stage,
        ask.until,
        ask.reason,
        ask.by,
        ask.at,
        ask.state,
        ask.decidedBy,
        ask.decidedAt,
      ],
    );
    return rows[0]?.n ?? null;
  },

  /** False when it was decided already. */
  async decideAsk(
    tx: Tx,
    ask: Pick<TicketAsk, 'ticketId' | 'n'>,
    state: 'approved' | 'refused',
    decided: { by: string; at: number; note: string | null },
  ): Promise<boolean> {
    const { rowCount } = await sql(tx).query(
      `update ticket_request set state = $3, decided_by = $4, decided_at = ${at('$5')}, decision_note = $6
       where ticket_id = $1 and n = $2::int and state = 'pending'`,
      [ask.ticketId, ask.n, state, decided.by, decided.at, decided.note],
    );
    return rowCount === 1;
  },

  /** Adds a party or changes its duty; what it answered stays. */
  async putParty(tx: Tx, party: TicketParty): Promise<void> {
    await sql(tx).query(
      `insert into ticket_party (ticket_id, org_id, duty, added_by, added_at, respond_by, note)
       values ($1, $2, $3, $4, ${at('$5')}, ${at('$6')}, $7)
       on conflict (ticket_id, org_id) do update set duty = excluded.duty, respond_by = excluded.respond_by,
         note = excluded.note`,
      [party.ticketId, party.orgId, party.duty, party.addedBy, party.addedAt, party.respondBy, party.note],
    );
  },

  /** False when it was none. */
  async removeParty(tx: Tx, ticketId: string, orgId: string): Promise<boolean> {
    const { rowCount } = await sql(tx).query('delete from ticket_party where ticket_id = $1 and org_id = $2', [
      ticketId,
      orgId,
    ]);
    return rowCount === 1;
  },

  async acknowledge(tx: Tx, ticketId: string, orgIds: readonly string[], by: string, now: number): Promise<number> {
    const { rowCount } = await sql(tx).query(
      `update ticket_party set acknowledged_by = $3, acknowledged_at = ${at('$4')}
       where ticket_id = $1 and org_id = any($2::text[]) and acknowledged_at is null`,
      [ticketId, orgIds, by, now],
    );
    return rowCount;
  },

  /** The ticket must be locked; answers the number it got. */
  async addAttachment(tx: Tx, file: Omit<TicketAttachment, 'n' | 'repeated'>): Promise<number> {
    const { rows } = await sql(tx).query<{ n: number }>(
      `insert into ticket_attachment (ticket_id, n, sha256, bytes, media_type, name, phase, note, by, at, taken_at, lat, lon,
         taken_from, place_from, distance)
       select $1, coalesce(max(a.n), 0) + 1, $2, $3::int, $4, $5, $6, $7, $8, ${at('$9')}, ${at('$10')}, $11::float8,
         $12::float8, $13, $14, $15::float8
       from ticket_attachment a where a.ticket_id = $1 returning n`,
      [
        file.ticketId,
        file.sha256,
        file.bytes,
        file.mediaType,
        file.name,
        file.phase,
        file.note,
        file.by,
        file.at,
        file.takenAt,
        file.lat,
        file.lon,
        file.takenFrom,
        file.placeFrom,
        file.distance,
      ],
    );
    return rows[0]?.n ?? 0;
  },

  /** Of these files the ones a ticket names. */
  async filesNamed(tx: Tx, sha256s: readonly string[]): Promise<ReadonlySet<string>> {
    const { rows } = await sql(tx).query<{ sha256: string }>(
      'select distinct sha256 from ticket_attachment where sha256 = any($1::text[])',
      [sha256s],
    );
    return new Set(rows.map(({ sha256 }) => sha256));
  },

  /** The files of one ticket go with it into another, behind those it has; answers by how much their numbers grew. */
  async copyAttachments(tx: Tx, from: string, to: string): Promise<number> {
    const { rows } = await sql(tx).query<{ n: number }>(
      'select coalesce(max(n), 0) as n from ticket_attachment where ticket_id = $1',
      [to],
    );
    const shift = rows[0]?.n ?? 0;
    await sql(tx).query(
      `insert into ticket_attachment (ticket_id, n, sha256, bytes, media_type, name, phase, note, by, at, taken_at, lat, lon,
         taken_from, place_from, distance)
       select $2, n + $3::int, sha256, bytes, media_type, name, phase, note, by, at, taken_at, lat, lon, taken_from,
         place_from, distance from ticket_attachment where ticket_id = $1`,
      [from, to, shift],
    );
    return shift;
  },

  async removeDevices(tx: Tx, ticketId: string, devices: readonly DeviceKey[]): Promise<void> {
    await sql(tx).query('delete from ticket_device where ticket_id = $1 and device = any($2::int[])', [
      ticketId,
      devices,
    ]);
  },

  /** Where the first device of the ticket stands that has a place, else its site; null when nobody knows. */
  async placeOf(tx: Tx, ticketId: string): Promise<{ lat: number; lon: number } | null> {
    const { rows } = await sql(tx).query<{ lat: number; lon: number }>(
      `select (p.location->>'lat')::float8 as lat, (p.location->>'lon')::float8 as lon from (
         (select d.location, 1 as rank from ticket_device m join device d on d.key = m.device
          where m.ticket_id = $1 and d.location is not null order by d.id limit 1)
         union all
         select s.location, 2 from ticket t join site s on s.id = t.site_id where t.id = $1 and s.location is not null
       ) p order by p.rank limit 1`,
      [ticketId],
    );
    return rows[0] ?? null;
  },

  /** Organisations in scope, in the matrix of the module or maintaining a device of the ticket; people of those or of the whole. */
  async known(
    tx: Tx,
    people: readonly string[],
    orgs: readonly string[],
    reach: { readonly scope: Scope; readonly ticketId: string },
  ): Promise<ReadonlySet<string>> {
    const params = createParams(people, orgs, reach.ticketId);
    const { rows } = await sql(tx).query<{ id: string }>(
      `with reach as materialized (
         select o.id from org o where ${orgInScope(reach.scope, params, 'o.id')}
         union select m.org_id from module_org m join ticket t on t.module = m.module_id where t.id = $3
         union select d.maintenance_unit_id from ticket_device m join device d on d.key = m.device
           where m.ticket_id = $3 and d.maintenance_unit_id is not null
         union select handler_org_id from ticket where id = $3 and handler_org_id is not null)
       select 'org:' || r.id as id from reach r where r.id = any($2::text[])
       union all
       select 'user:' || u.id from app_user u
       where u.id = any($1::text[]) and u.disabled_at is null and u.role <> 'vendor'
         and (u.org_id in (select id from reach) or u.scope_org_ids && array(select id from reach)
              or (u.org_id is null and u.scope_org_ids is null))`,
      params.values,
    );
    return new Set(rows.map(({ id }) => id));
  },

  /** Who may be named for a ticket: those of {@link known}, the handling party's own first. */
  async nameable(tx: Tx, reach: { readonly scope: Scope; readonly ticketId: string }, limit: number) {
    const params = createParams(reach.ticketId);
    const { rows } = await sql(tx).query<{ id: string; name: string; orgId: string | null }>(
      `with t as materialized (select * from ticket where id = $1),
       reach as materialized (
         select o.id from org o where ${orgInScope(reach.scope, params, 'o.id')}
         union select m.org_id from module_org m join t on t.module = m.module_id
         union select d.maintenance_unit_id from ticket_device m join device d on d.key = m.device
           where m.ticket_id = $1 and d.maintenance_unit_id is not null
         union select handler_org_id from t where handler_org_id is not null)
       select u.id, u.display_name as name, u.org_id as "orgId" from app_user u, t
       where u.disabled_at is null and u.role not in ('vendor', 'viewer', 'auditor')
         and (u.org_id in (select id from reach) or u.scope_org_ids && array(select id from reach))
       order by coalesce(u.org_id = t.handler_org_id or t.handler_org_id = any(u.scope_org_ids), false) desc, name
       limit ${params.add(limit)}`,
      params.values,
    );
    return rows;
  },

  /** Organisation of a person who neither belongs to this one or one above it nor works for it; null for everybody else. */
  async foreignUnit(tx: Tx, userId: string, orgId: string): Promise<string | null> {
    const { rows } = await sql(tx).query<{ id: string }>(
      `with recursive path (id) as (
         select $2::text union select o.parent_id from org o join path on path.id = o.id where o.parent_id is not null)
       select u.org_id as id from app_user u where u.id = $1 and u.org_id is not null
         and u.org_id not in (select id from path)
         and not coalesce(u.scope_org_ids && array(select id from path), false)`,
      [userId, orgId],
    );
    return rows[0]?.id ?? null;
  },

  /** Public ids of a ticket's devices behind `after`, in order. */
  async deviceIds(tx: Tx, ticketId: string, after: string, limit: number): Promise<string[]> {
    const { rows } = await sql(tx).query<{ id: string }>(
      `select d.id from ticket_device m join device d on d.key = m.device
       where m.ticket_id = $1 and d.id > $2 order by d.id limit $3::int`,
      [ticketId, after, limit],
    );
    return rows.map(({ id }) => id);
  },
};
