import Type from 'typebox';
import type { RouteContext } from '../deps.ts';
import { listQuery, page } from '../lists.ts';
import { route } from '../route.ts';
import { Strict } from '../schema.ts';
import { BackupRunView, BackupStandingView } from '../schemas/backup.ts';

export const backupRoutes = ({ services: { backups } }: RouteContext) => [
  route({
    method: 'GET',
    url: '/system/backups',
    access: 'settings:read',
    operationId: 'listBackups',
    tag: 'system',
    summary: 'How the backups stand, and every one that was begun, newest first',
    query: Strict({ limit: listQuery.limit, cursor: listQuery.cursor }),
    ok: Type.Object({ ...page(BackupRunView).properties, standing: BackupStandingView }),
    handler: ({ caller, query: { limit, cursor } }) =>
      backups.list(caller, { limit: limit ?? 50, ...(cursor === undefined ? {} : { cursor }) }),
  }),
  route({
    method: 'POST',
    url: '/system/backups',
    access: 'settings:update',
    operationId: 'makeBackup',
    tag: 'system',
    summary: 'Make a backup now',
    description: 'One at a time; ask `GET /system/backups` until `standing.running` is null.',
    status: 202,
    ok: Type.Object({ id: Type.String() }),
    problems: ['BACKUP_NO_KEY', 'BACKUP_RUNNING'],
    handler: ({ caller }) => backups.make(caller),
  }),
];
