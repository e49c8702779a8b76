import Type from 'typebox';
import { BACKUP_STATES } from '../../domain/backup-rows.ts';
import { Dict, Enum, List, Named, Nullable, TimeOut } from '../schema.ts';

export const BackupRunView = Named(
  'BackupRun',
  Type.Object({
    id: Type.String(),
    trigger: Enum(['daily', 'manual']),
    startedBy: Type.String({ examples: ['user:u1', 'system'] }),
    startedAt: TimeOut,
    endedAt: Nullable(TimeOut),
    state: Enum(['running', 'done', 'failed']),
    file: Nullable(Type.String({ description: 'Null = never made, or removed to make room for newer ones' })),
    bytes: Nullable(Type.Integer()),
    rows: Nullable(Type.Integer()),
    tables: Nullable(Dict(Type.Integer())),
    files: Nullable(Type.Integer()),
    checkedAt: Nullable(TimeOut),
    error: Nullable(Type.String()),
  }),
);

export const BackupStandingView = Named(
  'BackupStanding',
  Type.Object({
    state: Enum(BACKUP_STATES),
    keySet: Type.Boolean({ description: 'Without CGW_BACKUP_KEY nothing is backed up' }),
    dailyAt: Type.String({ description: '`HH:MM` or `off`' }),
    keep: Type.Integer(),
    folder: Type.String({ description: 'On the machine of the gateway' }),
    secretKeyId: Type.String({ description: 'Fingerprint of the master key a restore needs too' }),
    lastGood: Nullable(BackupRunView),
    lastError: Nullable(Type.String()),
    running: Nullable(
      Type.Object({
        id: Type.String(),
        startedAt: TimeOut,
        at: Type.String({ description: 'Table or file at work' }),
        rows: Type.Integer(),
        files: Type.Integer(),
        checking: Type.Boolean({ description: 'Written; being read back' }),
      }),
    ),
    withReadings: Type.Boolean({
      description: 'False when readings live in InfluxDB (CGW_TIMESERIES_URL): back them up there',
    }),
    snapshots: List(TimeOut),
  }),
);
