import type { FastifyReply } from 'fastify';
import { ExportPurpose } from '../domain/export-mark.ts';
import { Enum } from './schema.ts';

/** What every file that leaves is asked with. */
export const exportQuery = {
  purpose: ExportPurpose,
  format: Enum(['csv', 'xlsx'], { default: 'csv' }),
};

/** Hands a file over as a download; its name is ours, never the asker's. */
export function sendFile(
  reply: FastifyReply,
  name: string,
  format: 'csv' | 'xlsx',
  file: { readonly bytes: Uint8Array; readonly contentType: string },
) {
  reply
    .type(file.contentType)
    .header('cache-control', 'no-store')
    .header('content-disposition', `attachment; filename="${name}.${format}"`);
  const { bytes } = file;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
