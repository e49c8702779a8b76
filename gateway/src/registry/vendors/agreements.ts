import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Actor } from '../../domain/actor.ts';
import { ExportInput, exportEntry } from '../../domain/export-mark.ts';
import { fieldError, parseInput, refuseIf } from '../../domain/input.ts';
import { requireRight } from '../../domain/permission.ts';
import type { Vendor, VendorShown } from '../../domain/vendor-input.ts';
import { GatewayError } from '../../errors.ts';
import { bilingual } from '../../messages/index.ts';
import type { VendorContext } from './context.ts';
import { showVendor } from './standing.ts';

/** Bytes of a scan; the route's own limit is the same. */
export const AGREEMENT_BYTES = 5 * 1024 * 1024;

/** How a file begins that is what it says; nobody's word is taken for it. */
const MAGIC: readonly { readonly mediaType: string; readonly extension: string; readonly bytes: readonly number[] }[] =
  [
    { mediaType: 'application/pdf', extension: 'pdf', bytes: [0x25, 0x50, 0x44, 0x46, 0x2d] },
    { mediaType: 'image/jpeg', extension: 'jpg', bytes: [0xff, 0xd8, 0xff] },
    { mediaType: 'image/png', extension: 'png', bytes: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] },
  ];

export interface AgreementFile {
  readonly name: string;
  readonly mediaType: string;
  readonly content: Uint8Array;
}

/** The scans of confidentiality agreements (保密协议), kept in the data directory under their SHA-256. */
export interface VendorAgreements {
  /** Needs an agreement on record. `name` is what the file was called where it came from. */
  upload(actor: Actor, vendorId: string, file: { name: string; content: Uint8Array }): Promise<VendorShown>;
  /** A file that leaves: right `export`, with a purpose, audited. NOT_FOUND when there is none or it was changed on disk. */
  download(actor: Actor, vendorId: string, input: { purpose: string }): Promise<AgreementFile>;
}

export function createVendorAgreements(deps: VendorContext & { readonly dir: string }): VendorAgreements {
  const { db, store, clock } = deps;
  const pathOf = (sha256: string) => join(deps.dir, sha256);

  return {
    async upload(actor, vendorId, { name, content }) {
      requireRight(actor, 'vendors', 'update');
      const kind = MAGIC.find(({ bytes }) => bytes.every((byte, index) => content[index] === byte));
      if (!kind) refuseIf([fieldError('/', 'fileKind', 'vendor.fileKind')]);
      if (content.byteLength > AGREEMENT_BYTES) throw new GatewayError('PAYLOAD_TOO_LARGE');
      const sha256 = createHash('sha256').update(content).digest('hex');
      const file = {
        name: plainName(name, kind?.extension ?? ''),
        sha256,
        bytes: content.byteLength,
        mediaType: kind?.mediaType ?? '',
        at: clock.now(),
      };
      const found = await store.get(db.autocommit, vendorId, actor.scope);
      if (!found) throw new GatewayError('NOT_FOUND');
      if (!found.agreement) throw new GatewayError('UNPROCESSABLE', bilingual('vendor.agreementDatesFirst'));
      // Before the row that names it: a crash in between leaves a file nobody asks for.
      await keep(deps.dir, pathOf(sha256), content);
      const vendor = await db.transaction(async (tx) => {
        const before = await store.get(tx, vendorId, actor.scope, { lock: true });
        if (!before?.agreement) throw new GatewayError('CONFLICT');
        const after: Vendor = { ...before, agreement: { ...before.agreement, file } };
        await store.update(tx, after);
        await deps.audit.append(tx, [
          {
            at: clock.now(),
            actor,
            action: 'uploadAgreement',
            resource: 'vendors',
            resourceId: vendorId,
            before: { file: before.agreement.file },
            after: { file },
          },
        ]);
        return after;
      });
      return showVendor(vendor, deps);
    },

    async download(actor, vendorId, raw) {
      requireRight(actor, 'vendors', 'export');
      const { purpose } = parseInput(ExportInput, raw);
      const vendor = await store.get(db.autocommit, vendorId, actor.scope);
      const file = vendor?.agreement?.file;
      if (!file) throw new GatewayError('NOT_FOUND');
      const content = await readFile(pathOf(file.sha256)).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined;
        throw error;
      });
      if (!content || createHash('sha256').update(content).digest('hex') !== file.sha256) {
        throw new GatewayError('NOT_FOUND', bilingual('vendor.fileDamaged'));
      }
      await deps.audit.append(db.autocommit, [
        exportEntry(actor, {
          at: clock.now(),
          resource: 'vendors',
          resourceId: vendorId,
          purpose,
          filter: { file: file.name, sha256: file.sha256 },
          rows: 1,
          format: file.mediaType,
        }),
      ]);
      return { name: file.name, mediaType: file.mediaType, content };
    },
  };
}

/** The last part of a path, without anything a header or a file system could stumble over. */
function plainName(name: string, extension: string): string {
  const last = name.split(/[\\/]/).at(-1) ?? '';
  const plain = last.replace(/[^\p{L}\p{N}._ ()-]/gu, '_').slice(-100);
  return plain === '' || /^[. ]+$/.test(plain) ? `agreement.${extension}` : plain;
}

/** Written beside and renamed, so that a name never shows half a file. */
async function keep(dir: string, path: string, content: Uint8Array): Promise<void> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const file = await open(temporary, 'w', 0o600);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
