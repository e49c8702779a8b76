import Type from 'typebox';
import type { RouteContext } from '../deps.ts';
import { exportQuery, sendFile } from '../files.ts';
import { listQuery, page } from '../lists.ts';
import { route } from '../route.ts';
import { Strict, TimeIn } from '../schema.ts';
import { AuditIntegrityView, AuditRecordView } from '../schemas/audit.ts';
import type { Times } from '../times.ts';

const filter = {
  actor: Type.Optional(Type.String({ maxLength: 200, description: 'As in the record, e.g. `user:u1`' })),
  action: Type.Optional(Type.String({ maxLength: 64 })),
  resource: Type.Optional(Type.String({ maxLength: 64 })),
  resourceId: Type.Optional(Type.String({ maxLength: 200 })),
  from: Type.Optional(TimeIn),
  to: Type.Optional(TimeIn),
  q: listQuery.q,
};

function readFilter<T extends { from?: string | number; to?: string | number }>(
  { from, to, ...rest }: T,
  times: Times,
) {
  return {
    ...rest,
    ...(from === undefined ? {} : { from: times.parse(from, '/from') }),
    ...(to === undefined ? {} : { to: times.parse(to, '/to') }),
  };
}

export const auditRoutes = ({ services: { audit }, times }: RouteContext) => [
  route({
    method: 'GET',
    url: '/audit',
    access: 'audit:read',
    operationId: 'listAudit',
    tag: 'audit',
    summary: 'Audit records, newest first',
    description: '`q` looks through 50,000 records a page: a page may hold few or none and still have a `nextCursor`.',
    query: Strict({ limit: listQuery.limit, cursor: listQuery.cursor, ...filter }),
    ok: page(AuditRecordView),
    handler: ({ caller, query: { limit, cursor, ...wanted } }) =>
      audit.list(caller, {
        limit: limit ?? 50,
        ...(cursor === undefined ? {} : { cursor }),
        ...readFilter(wanted, times),
      }),
  }),
  route({
    method: 'GET',
    url: '/audit/integrity',
    access: 'audit:read',
    operationId: 'getAuditIntegrity',
    tag: 'audit',
    summary: 'Head of the hash chain, its newest anchor, and the last check',
    ok: AuditIntegrityView,
    handler: ({ caller }) => audit.integrity(caller),
  }),
  route({
    method: 'POST',
    url: '/audit/verify',
    access: 'audit:read',
    operationId: 'verifyAudit',
    tag: 'audit',
    summary: 'Check chain, head, anchors and reports now',
    description: 'Runs beside everything else; ask `GET /audit/integrity` until `running` is null.',
    status: 202,
    ok: AuditIntegrityView,
    handler: ({ caller }) => audit.verify(caller),
  }),
  route({
    method: 'GET',
    url: '/audit/export',
    access: 'audit:export',
    operationId: 'exportAudit',
    tag: 'audit',
    summary: 'Audit records as a file that says who took it, when and what for',
    query: Strict({ ...exportQuery, ...filter }),
    ok: Type.Unsafe<Uint8Array>({ type: 'string', format: 'binary' }),
    produces: 'application/octet-stream',
    problems: ['UNPROCESSABLE'],
    async handler({ caller, query: { purpose, format, ...wanted }, reply }) {
      const file = await audit.export(caller, { purpose, format }, readFilter(wanted, times));
      return sendFile(reply, 'audit', format, file);
    },
  }),
  route({
    method: 'GET',
    url: '/audit/:seq',
    access: 'audit:read',
    operationId: 'getAuditRecord',
    tag: 'audit',
    summary: 'One audit record',
    params: Type.Object({ seq: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) }),
    unfittingPathIsUnknown: true,
    ok: AuditRecordView,
    problems: ['NOT_FOUND'],
    handler: ({ caller, params }) => audit.get(caller, params.seq),
  }),
];
