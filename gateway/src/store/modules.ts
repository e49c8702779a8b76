import type { Module } from '../domain/catalogue-input.ts';
import type { Tx } from '../domain/tx.ts';
import { guarded } from './catalogue-table.ts';
import { sql } from './database.ts';

/** Modules with one lead and several cooperating departments. */
export function createModuleStore() {
  const MODULES = `select m.id, m.name_zh, m.name_en,
      (select o.org_id from module_org o where o.module_id = m.id and o.duty = 'lead') as lead,
      array(select o.org_id from module_org o where o.module_id = m.id and o.duty = 'cooperate' order by o.org_id) as cooperating
    from module m`;
  interface Row {
    id: string;
    name_zh: string;
    name_en: string;
    lead: string | null;
    cooperating: string[];
  }
  const read = (row: Row): Module => ({
    id: row.id,
    name: { zh: row.name_zh, en: row.name_en },
    leadOrgId: row.lead,
    cooperatingOrgIds: row.cooperating,
  });

  return {
    async list(tx: Tx): Promise<Module[]> {
      const { rows } = await sql(tx).query<Row>(`${MODULES} order by m.position, m.id`);
      return rows.map(read);
    },
    async get(tx: Tx, id: string): Promise<Module | undefined> {
      const { rows } = await sql(tx).query<Row>(`${MODULES} where m.id = $1 for update of m`, [id]);
      return rows[0] && read(rows[0]);
    },
    async insert(tx: Tx, module: Module): Promise<void> {
      await guarded(
        module.id,
        sql(tx).query(
          `insert into module (id, name_zh, name_en, position)
           select $1, $2, $3, coalesce(max(position), 0) + 1 from module`,
          [module.id, module.name.zh, module.name.en],
        ),
      );
      await this.assign(tx, module);
    },
    async update(tx: Tx, module: Module): Promise<void> {
      await sql(tx).query('update module set name_zh = $2, name_en = $3 where id = $1', [
        module.id,
        module.name.zh,
        module.name.en,
      ]);
      await this.assign(tx, module);
    },
    async assign(tx: Tx, module: Module): Promise<void> {
      await sql(tx).query('delete from module_org where module_id = $1', [module.id]);
      await guarded(
        module.id,
        sql(tx).query(
          `insert into module_org (module_id, org_id, duty)
           select $1, org_id, duty from unnest($2::text[], $3::text[]) as a (org_id, duty)`,
          [
            module.id,
            [...(module.leadOrgId === null ? [] : [module.leadOrgId]), ...module.cooperatingOrgIds],
            [...(module.leadOrgId === null ? [] : ['lead']), ...module.cooperatingOrgIds.map(() => 'cooperate')],
          ],
        ),
      );
    },
    async remove(tx: Tx, id: string): Promise<void> {
      await guarded(id, sql(tx).query('delete from module where id = $1', [id]));
    },
  };
}
