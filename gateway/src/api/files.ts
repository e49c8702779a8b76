import type { FastifyReply } from 'fastify';
import { ExportPurpose } from '../domain/export-mark.ts';
import { GatewayError } from '../errors.ts';
import { bilingual } from '../messages/index.ts';
import { Enum } from './schema.ts';

/** What every file that leaves is asked with. */
export const exportQuery = {
  purpose: ExportPurpose,
  format: Enum(['csv', 'xlsx'], { default: 'csv' }),
};

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
/** A table as the body of a request. Browsers name a CSV file after the spreadsheet program that is installed. */
export const TABLE_UPLOAD = {
  types: ['text/csv', 'application/csv', 'application/vnd.ms-excel', XLSX, 'application/octet-stream'],
  maxBytes: 16 * 1_048_576,
};
export const TableFormat = Enum(['csv', 'xlsx'], { default: 'xlsx' });
export const TableEncoding = Enum(['utf-8', 'gb18030'], {
  description: 'Of CSV; default UTF-8 with byte order mark',
});

/** The bytes of an upload; a body that was read as something else is no file. */
export function fileBody(body: unknown): Buffer {
  if (Buffer.isBuffer(body)) return body;
  throw new GatewayError('UNSUPPORTED_MEDIA_TYPE', bilingual('registry.import.contentType'));
}

/** Hands a file over as a download; its names are ours, never the asker's. `title` is the one in any script. */
export function sendFile(
  reply: FastifyReply,
  name: string,
  format: 'csv' | 'xlsx',
  file: { readonly bytes: Uint8Array; readonly contentType: string; readonly title?: string },
) {
  // RFC 5987: programs that know it show the second name, the others the first.
  const local = file.title === undefined ? '' : `; filename*=UTF-8''${encodeURIComponent(`${file.title}.${format}`)}`;
  reply
    .type(file.contentType)
    .header('cache-control', 'no-store')
    .header('content-disposition', `attachment; filename="${name}.${format}"${local}`);
  const { bytes } = file;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A file that is made while it is sent: a download of this name. */
export function attach(
  reply: FastifyReply,
  { name, contentType }: { readonly name: string; readonly contentType: string },
): FastifyReply {
  return reply
    .type(contentType)
    .header('content-disposition', `attachment; filename="${name}"`)
    .header('cache-control', 'no-store');
}
