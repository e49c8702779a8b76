import Type from 'typebox';
import { Anything, List, Named, Nullable, TimeOut } from '../schema.ts';

export const AuditRecordView = Named(
  'AuditRecord',
  Type.Object({
    seq: Type.Integer({ description: 'Gapless place in the chain' }),
    at: TimeOut,
    actor: Type.String({ examples: ['user:u1', 'vendor:v1', 'system'] }),
    actorName: Type.String(),
    address: Nullable(Type.String()),
    action: Type.String(),
    resource: Type.String(),
    resourceId: Nullable(Type.String()),
    reason: Nullable(Type.String()),
    before: Anything,
    after: Anything,
    prevHash: Type.String(),
    hash: Type.String(),
  }),
);

const Finding = Type.Object({
  kind: Type.String(),
  seq: Type.Optional(Type.Integer()),
  toSeq: Type.Optional(Type.Integer()),
  file: Type.Optional(Type.String()),
  line: Type.Optional(Type.Integer()),
  text: Type.String(),
});

export const AuditIntegrityView = Named(
  'AuditIntegrity',
  Type.Object({
    head: Nullable(Type.Object({ seq: Type.Integer(), hash: Type.String() })),
    anchors: Type.Object({
      lastAt: Nullable(TimeOut),
      lastSeq: Nullable(Type.Integer()),
      fault: Nullable(Type.String({ description: 'Why the newest anchor could not be written' })),
    }),
    running: Nullable(Type.Object({ startedAt: TimeOut, checked: Type.Integer(), of: Type.Integer() })),
    last: Nullable(
      Type.Object({
        startedAt: TimeOut,
        finishedAt: TimeOut,
        intact: Type.Boolean(),
        records: Type.Integer(),
        firstSeq: Nullable(Type.Integer()),
        lastSeq: Type.Integer(),
        purgedThrough: Type.Integer({ description: 'Records up to here were removed by the retention' }),
        anchors: Type.Integer(),
        reports: Type.Integer(),
        findingCount: Type.Integer(),
        findings: List(Finding),
      }),
    ),
  }),
);
