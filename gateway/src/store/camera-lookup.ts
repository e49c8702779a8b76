import type { Scope } from '../domain/scope.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { createParams, deviceInScope } from './scope.ts';

/** Host part of the address a device is reached at: ONVIF names it, RTSP has it in its URL. */
const HOST = `coalesce(d.connection->>'host',
  substring(d.connection->>'url' from '^[a-zA-Z]+://(?:[^@/]*@)?\\[?([^]/:?#]+|[0-9a-fA-F:]+)'))`;

export interface RegisteredCamera {
  readonly host: string | null;
  readonly serial: string | null;
  /** null = registered, but not for these eyes. */
  readonly deviceId: string | null;
}

/** Which of these addresses and serials belong to a registered device. */
export async function registeredCameras(
  tx: Tx,
  scope: Scope,
  wanted: { readonly hosts: readonly string[]; readonly serials: readonly string[] },
): Promise<RegisteredCamera[]> {
  const params = createParams(wanted.hosts, wanted.serials);
  const { rows } = await sql(tx).query<RegisteredCamera>(
    `select ${HOST} as host, d.serial, case when ${deviceInScope(scope, params)} then d.id end as "deviceId"
     from device d
     where d.lifecycle not in ('retired', 'rejected') and
       (d.connection is not null and ${HOST} = any ($1::text[]) or d.serial = any ($2::text[]))
     order by d.key limit 100`,
    params.values,
  );
  return rows;
}
