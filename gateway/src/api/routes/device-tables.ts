import { Readable } from 'node:stream';
import Type from 'typebox';
import { ExportPurpose } from '../../domain/export-mark.ts';
import { halfOf, type Language } from '../../messages/index.ts';
import type { RouteContext } from '../deps.ts';
import { deviceFilterOf, deviceFilters } from '../device-filters.ts';
import { attach, fileBody, TABLE_UPLOAD, TableEncoding, TableFormat } from '../files.ts';
import type { FileLink, ImportOutcome, RowRemark } from '../ports/device-tables.ts';
import { BASE, route } from '../route.ts';
import { Enum, Strict } from '../schema.ts';
import { ImportAnswer, ImportJobView } from '../schemas/device-table.ts';

const words = (description: string) => Type.Optional(Type.String({ minLength: 1, maxLength: 1_000, description }));

const fileOf = (link: FileLink | null) => link && `${BASE}/devices/import/files/${link.token}`;

function view(result: ImportOutcome, language: Language) {
  const { credentialsFile, errorsFile } = result;
  const link = credentialsFile ?? errorsFile;
  const told = (remark: RowRemark) => ({
    ...remark,
    row: remark.row ?? 0,
    message: halfOf(remark.message, language),
  });
  return {
    ...result,
    errors: result.errors.map(told),
    warnings: result.warnings.map(told),
    credentialsFile: fileOf(credentialsFile),
    errorsFile: fileOf(errorsFile),
    ...(link ? { filesExpireAt: link.expiresAt } : {}),
  };
}

/** Devices in and out as CSV and XLSX. */
export const deviceTableRoutes = ({ services, times }: RouteContext) => {
  const { deviceTables } = services;
  return [
    route({
      method: 'GET',
      url: '/devices/import/template',
      access: 'devices:create',
      operationId: 'getImportTemplate',
      tag: 'devices',
      summary: 'An empty import file with Chinese headers, an example row and instructions',
      query: Strict({
        format: Type.Optional(TableFormat),
        encoding: Type.Optional(TableEncoding),
        type: words('Id of a device type: only its columns'),
      }),
      produces: 'application/octet-stream',
      ok: Type.Unsafe<Buffer>({ type: 'string', format: 'binary' }),
      async handler({ caller, query: { format = 'xlsx', encoding = 'utf-8', type }, reply }) {
        const file = await deviceTables.template(caller, { format, encoding, ...(type === undefined ? {} : { type }) });
        attach(reply, file);
        return file.bytes;
      },
    }),
    route({
      method: 'POST',
      url: '/devices/import',
      access: 'devices:create',
      operationId: 'importDevices',
      tag: 'devices',
      summary: 'Register and change devices from a CSV or XLSX file, all or nothing',
      description:
        'The body is the file itself (at most 16 MiB, 20,000 rows): `curl -H "Authorization: Bearer $KEY" -H "Content-Type: text/csv" ' +
        '--data-binary @devices.csv $URL/api/v1/devices/import`. A row names a device by id or by serial number; the same file again ' +
        'changes nothing. Secrets of devices that exist are never touched. With `async=true` or `Prefer: respond-async` the ' +
        'answer is 202 with a `jobId`.',
      query: Strict({
        dryRun: Type.Optional(Type.Boolean({ description: 'Only check' })),
        async: Type.Optional(Type.Boolean({ description: 'Answer at once with the id of a job' })),
        encoding: Type.Optional(Enum(['utf-8', 'gb18030'], { description: 'Of CSV; absent = found out' })),
      }),
      upload: TABLE_UPLOAD,
      ok: ImportAnswer,
      alternative: 202,
      problems: ['CONFLICT', 'TOO_MANY_REQUESTS', 'UNAVAILABLE'],
      async handler({ caller, query, request, reply, language }) {
        const bytes = fileBody(request.body);
        const options = { dryRun: query.dryRun ?? false, ...(query.encoding ? { encoding: query.encoding } : {}) };
        const prefers = /(^|,)\s*respond-async\s*(,|;|$)/i.test(String(request.headers.prefer ?? ''));
        if (!query.async && !prefers) {
          return view(await deviceTables.import(caller, bytes, options), language);
        }
        const jobId = await deviceTables.beginImport(caller, bytes, options);
        reply.code(202).header('location', `${BASE}/devices/import/jobs/${jobId}`);
        return { jobId };
      },
    }),
    route({
      method: 'GET',
      url: '/devices/import/jobs/:id',
      access: 'devices:create',
      operationId: 'getImportJob',
      tag: 'devices',
      summary: 'How far an own import is, and what came of it; kept for a week',
      params: Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) }),
      ok: ImportJobView,
      problems: ['NOT_FOUND'],
      async handler({ caller, params, language }) {
        const { problem, result, ...job } = await deviceTables.job(caller, params.id);
        return {
          ...job,
          result: result && view(result, language),
          problem: problem && { ...problem, detail: halfOf(problem.detail, language) },
        };
      },
    }),
    route({
      method: 'GET',
      url: '/devices/import/files/:token',
      access: 'devices:create',
      operationId: 'getImportFile',
      tag: 'devices',
      summary: 'A file of an own import; one with secrets is handed out a single time',
      params: Type.Object({ token: Type.String({ minLength: 1, maxLength: 64 }) }),
      produces: 'application/octet-stream',
      ok: Type.Unsafe<Buffer>({ type: 'string', format: 'binary' }),
      problems: ['NOT_FOUND'],
      async handler({ caller, params, reply }) {
        const file = await deviceTables.takeFile(caller, params.token);
        attach(reply, file);
        return file.bytes;
      },
    }),
    route({
      method: 'GET',
      url: '/devices/export',
      access: 'devices:export',
      operationId: 'exportDevices',
      tag: 'devices',
      summary: 'The devices in reach as a table that import takes back; without secrets, marked and audited',
      query: Strict({
        purpose: ExportPurpose,
        format: Type.Optional(TableFormat),
        encoding: Type.Optional(TableEncoding),
        ...deviceFilters,
      }),
      produces: 'application/octet-stream',
      ok: Type.Unsafe<Readable>({ type: 'string', format: 'binary' }),
      problems: ['PAYLOAD_TOO_LARGE'],
      async handler({ caller, query, reply }) {
        const { purpose, format = 'xlsx', encoding = 'utf-8', ...narrowed } = query;
        const filter = deviceFilterOf(narrowed, caller, { services, times });
        const file = await deviceTables.export(caller, { filter, purpose, format, encoding });
        attach(reply, file);
        return Readable.from(file.chunks);
      },
    }),
  ];
};
