import Type, { type Static } from 'typebox';
import { parseInput } from '../../domain/input.ts';
import { GatewayError } from '../../errors.ts';
import { bilingual } from '../../messages/index.ts';
import type { RouteContext } from '../deps.ts';
import { type Form, readForm } from '../multipart.ts';
import { route } from '../route.ts';
import { Strict } from '../schema.ts';
import { TicketParams, TicketView } from '../schemas/ticket.ts';
import { AttachmentParams, attachmentFields, ReportFields } from '../schemas/ticket-work.ts';
import type { Times } from '../times.ts';

const tag = 'tickets';
const FORM = 'multipart/form-data';
const MEDIA = ['image/jpeg', 'image/png', 'image/webp', 'image/heic', 'image/heif', 'application/pdf'];
const MIB = 1024 * 1024;
const MOST_PICTURES = 5;
const KEPT =
  'JPEG, PNG, WebP, HEIC or PDF by its first bytes, 15 MiB at most, kept under its SHA-256. Time and place come from the EXIF of the file, ' +
  'else from `takenAt`, `lat`, `lon`, `crs`; the distance to the device is shown.';

const AttachmentFields = Strict(attachmentFields);
type Said = Static<typeof AttachmentFields>;

/** Pictures and documents of tickets, and reports from a phone. */
export const ticketFileRoutes = ({ services: { tickets }, times }: RouteContext) => [
  route({
    method: 'POST',
    url: '/tickets/:id/attachments',
    access: 'tickets:update',
    operationId: 'attachToTicket',
    tag,
    summary: 'Add a picture or document; as it is, or as the part `file` of a form',
    description: KEPT,
    params: TicketParams,
    query: AttachmentFields,
    upload: { types: [...MEDIA, FORM], maxBytes: 15 * MIB + 64 * 1024 },
    status: 201,
    ok: TicketView,
    problems: ['NOT_FOUND', 'TRANSITION_NOT_ALLOWED', 'UNPROCESSABLE'],
    async handler({ caller, params, query, request, language }) {
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      const type = request.headers['content-type'] ?? '';
      if (!isForm(type)) return tickets.attach(caller, params.id, { ...said(query, times), content: body }, language);
      const form = await readForm(body, type);
      const [file, second] = form.files;
      if (!file || second) throw fileCount('file', 1);
      const fields = { ...query, ...parseInput(AttachmentFields, values(form)) };
      const whole = { name: file.name, ...said(fields, times), content: file.content };
      return tickets.attach(caller, params.id, whole, language);
    },
  }),
  route({
    method: 'GET',
    url: '/tickets/:id/attachments/:n',
    access: 'tickets:read',
    operationId: 'getTicketAttachment',
    tag,
    summary: 'One picture or document of a ticket, proved by its hash',
    params: AttachmentParams,
    ok: Type.Unsafe<Buffer>({ type: 'string', format: 'binary' }),
    produces: 'application/octet-stream',
    problems: ['NOT_FOUND'],
    async handler({ caller, params, reply }) {
      const file = await tickets.attachment(caller, params.id, Number(params.n));
      // A document opens outside of the page; a picture is shown in it and can do nothing else.
      const place = file.mediaType.startsWith('image/') ? 'inline' : 'attachment';
      reply
        .type(file.mediaType)
        .header('cache-control', 'private, no-store')
        .header('content-security-policy', "default-src 'none'; sandbox")
        .header('x-content-type-options', 'nosniff')
        .header('x-content-sha256', file.sha256)
        .header('content-disposition', `${place}; filename*=UTF-8''${encodeURIComponent(file.name)}`);
      return Buffer.from(file.content);
    },
  }),
  route({
    method: 'POST',
    url: '/tickets/reports',
    access: 'tickets:create',
    operationId: 'reportTicket',
    tag,
    summary: 'Report something from a phone: fields and up to five pictures in one form',
    description:
      `The kind is \`fault\`, one of \`manualKinds\` of GET /ticket-codes, which says what it needs. Pictures are parts named \`photo\`, 20 MiB together. ${KEPT} ` +
      'On a bad line send it again with the same `Idempotency-Key`: it is filed once.',
    upload: { types: [FORM], maxBytes: 20 * MIB },
    status: 201,
    ok: TicketView,
    problems: ['CONFLICT', 'UNPROCESSABLE'],
    async handler({ caller, request, language }) {
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      const form = await readForm(body, request.headers['content-type'] ?? '');
      if (form.files.length > MOST_PICTURES) throw fileCount('photo', MOST_PICTURES);
      const given = values(form);
      const { deviceIds } = given;
      const fields = parseInput(ReportFields, {
        ...given,
        ...(deviceIds === undefined ? {} : { deviceIds: [deviceIds].flat() }),
      });
      const { takenAt, lat, lon, crs, ...input } = fields;
      const of = said(defined({ takenAt, lat, lon, crs }), times);
      const files = form.files.map(({ name, content }) => ({ ...of, name, content, phase: 'before' as const }));
      return tickets.create(caller, { ...input, kind: 'manual' }, language, files);
    },
  }),
];

function isForm(contentType: string): boolean {
  return contentType.toLowerCase().startsWith(FORM);
}

/** A form knows only text: what reads as a number where one belongs is one. */
function values({ fields }: Form): Record<string, unknown> {
  const read: Record<string, unknown> = { ...fields };
  for (const field of ['lat', 'lon']) {
    const value = read[field];
    if (typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value))) read[field] = Number(value);
  }
  return read;
}

/** What a person says of a picture; a place needs both its numbers. */
function said({ takenAt, lat, lon, crs, name, phase, note }: Said, times: Times) {
  if ((lat === undefined) !== (lon === undefined)) {
    const field = lat === undefined ? 'lat' : 'lon';
    const message = bilingual('input.required', { field });
    throw new GatewayError('INVALID_INPUT', message, { errors: [{ path: `/${field}`, code: 'required', message }] });
  }
  return {
    ...defined({ name, phase, note }),
    ...(takenAt === undefined ? {} : { takenAt: times.parse(takenAt, '/takenAt') }),
    ...(lat === undefined || lon === undefined
      ? {}
      : { location: { lat, lon, ...(crs === undefined ? {} : { crs }) } }),
  };
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };
function defined<T extends object>(fields: T): Defined<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>;
}

function fileCount(field: string, most: number): GatewayError {
  const message = bilingual('ticket.refused.fileCount', { field, most });
  return new GatewayError('INVALID_INPUT', message, { errors: [{ path: `/${field}`, code: 'fileCount', message }] });
}
