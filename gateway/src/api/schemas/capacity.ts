import Type from 'typebox';
import { DISK_LEVELS, STOPPED_AT } from '../../domain/capacity.ts';
import { RETENTION } from '../../domain/retention.ts';
import { Enum, List, Named, Nullable, Strict, TimeOut } from '../schema.ts';

const Bytes = Type.Number({ description: 'Bytes' });
const ClassName = Enum(RETENTION.map(({ name }) => name));

export const DiskView = Named(
  'Disk',
  Type.Object({
    node: Type.String({ description: 'Process whose data directory it is; `database` for the database' }),
    area: Enum(['data', 'database']),
    usedBytes: Bytes,
    totalBytes: Nullable(Type.Number({ description: 'Null = the database runs elsewhere and nobody named a budget' })),
    level: Enum(DISK_LEVELS),
    since: TimeOut,
    measuredAt: TimeOut,
    growthPerDay: Nullable(Type.Number({ description: 'Bytes a day over the last week; null before a whole day' })),
    fullInDays: Nullable(Type.Number()),
  }),
);

export const RetentionView = Named(
  'Retention',
  Type.Object({
    name: ClassName,
    how: Enum(['setting', 'days', 'amount', 'kept'], { description: '`kept` = for good' }),
    setting: Nullable(Type.String()),
    unit: Nullable(Enum(['days', 'rows', 'files'])),
    limit: Nullable(Type.Number()),
    rows: Nullable(Type.Number({ description: 'Estimate of the database' })),
    bytes: Bytes,
    oldestAt: Nullable(TimeOut),
    overdue: Type.Boolean({ description: 'Older than it may be: the retention does not run' }),
    growthPerDay: Nullable(Type.Number()),
  }),
);

const Cost = Nullable(Type.Number({ description: 'Bytes a row; null = too few rows to say' }));

export const CapacityView = Named(
  'Capacity',
  Type.Object({
    measuredAt: TimeOut,
    measuredDays: Type.Number({ description: 'Days between the first and the last sample of the last four weeks' }),
    enough: Type.Boolean({ description: 'False = too little was measured to look ahead' }),
    embedded: Type.Boolean({ description: 'The database lies in the data directory' }),
    databaseBytes: Bytes,
    stopped: List(Enum(STOPPED_AT.map(({ what }) => what))),
    disks: List(DiskView),
    messagesPerDay: Nullable(Type.Number()),
    costs: Type.Object({
      perDay: Nullable(Type.Number({ description: 'Readings a day, mean of the newest whole days' })),
      rawBytes: Cost,
      compressedBytes: Cost,
      hourlyBytes: Cost,
      dailyBytes: Cost,
      hourlyRowsPerDay: Nullable(Type.Number()),
      dailyRowsPerDay: Nullable(Type.Number()),
    }),
    kept: Type.Object({
      raw: Type.Integer(),
      compressAfter: Type.Integer(),
      hourly: Type.Integer(),
      daily: Type.Integer(),
    }),
    modules: List(
      Type.Object({
        module: Nullable(Type.String()),
        devices: Type.Integer(),
        readings: Type.Number(),
        hourlyRows: Type.Number(),
        dailyRows: Type.Number(),
        bytesPerDay: Nullable(Type.Number()),
      }),
    ),
    retention: List(RetentionView),
    roomBytes: Nullable(Type.Number({ description: 'What there may be of all classes together; null = not known' })),
    whatIf: Type.Object({
      devices: Type.Number(),
      interval: Type.Number(),
      rawDays: Type.Optional(Type.Integer()),
      hourlyDays: Type.Optional(Type.Integer()),
    }),
    forecast: Nullable(
      List(
        Type.Object({
          year: Type.Integer(),
          bytes: Bytes,
          areas: List(Type.Object({ name: ClassName, bytes: Bytes })),
        }),
      ),
    ),
  }),
);

export const WhatIfQuery = Strict({
  devices: Type.Optional(Type.Number({ minimum: 0.01, maximum: 1_000, description: 'So many times today’s devices' })),
  interval: Type.Optional(
    Type.Number({ minimum: 0.01, maximum: 1_000, description: 'Readings come so many times as far apart' }),
  ),
  rawDays: Type.Optional(Type.Integer({ minimum: 1, maximum: 3_650 })),
  hourlyDays: Type.Optional(Type.Integer({ minimum: 1, maximum: 36_500 })),
});
