import type { DeviceBrief } from '../../src/domain/device.ts';
import { type Database, sql } from '../../src/store/database.ts';
import { addDevices, CHARGER } from './monitor.ts';

/** What new devices hang on; what is absent they hang on nothing of. */
export interface Place {
  readonly site?: string;
  readonly org?: string;
  readonly vendor?: string;
  readonly feed?: string;
  readonly uplink?: string;
  readonly parent?: DeviceBrief;
}

/** Devices of one place, with the site, organisation and vendor they name. */
export async function addPlacedDevices(
  db: Database,
  count: number,
  place: Place,
  type = CHARGER.id,
): Promise<DeviceBrief[]> {
  const { site = null, org = null, vendor = null, feed, uplink, parent } = place;
  const devices = await addDevices(db, count, type);
  const query = sql(db.autocommit).query;
  await query(
    `insert into org (id, kind, name) select $1, 'department', $1 where $1::text is not null on conflict do nothing`,
    [org],
  );
  await query('insert into site (id, name) select $1, $1 where $1::text is not null on conflict do nothing', [site]);
  await query('insert into vendor (id, name) select $1, $1 where $1::text is not null on conflict do nothing', [
    vendor,
  ]);
  const labels = { ...(feed === undefined ? {} : { powerFeed: feed }), ...(uplink === undefined ? {} : { uplink }) };
  await query(
    `update device set site_id = $2, org_id = $3, vendor_id = $4, labels = $5::jsonb, parent_key = $6 where key = any($1::int[])`,
    [devices.map(({ key }) => key), site, org, vendor, JSON.stringify(labels), parent?.key ?? null],
  );
  return devices.map((brief) => ({
    ...brief,
    siteId: site,
    orgId: org,
    vendorId: vendor,
    parentKey: parent?.key ?? null,
  }));
}
