import { setImmediate as turn } from 'node:timers/promises';
import { type Actor, actorText } from '../../domain/actor.ts';
import type { Tx } from '../../domain/tx.ts';
import { GatewayError } from '../../errors.ts';
import { DEFAULT_LIMITS } from '../../sheets/table.ts';
import { CONTENT_TYPES, type Encoding, type Format, type OutCell, sheetBytes } from '../../sheets/write.ts';
import type { Column } from './columns.ts';
import { ERROR_HEADER } from './columns.ts';
import type { RowError } from './header.ts';
import type { ImportDeps, ImportFile } from './ports.ts';
import type { NewCredentials } from './write.ts';

const KEEP_MS = 24 * 3_600_000;
/** Characters of one row's errors: the file is mended and comes again, and a longer cell would be refused. */
const MOST_TOLD = DEFAULT_LIMITS.maxCell - 96;
/** Error files of one owner; each may be as large as an upload. */
const KEEP_ERRORS = 5;

/** A file as it is handed out. */
export interface Download {
  readonly name: string;
  readonly contentType: string;
  readonly bytes: Buffer;
}

/** Where a file can be fetched. */
export interface FileLink {
  readonly token: string;
  readonly expiresAt: number;
}

/** A file sealed before the transaction, so that it holds nobody up. */
export interface PreparedFile {
  readonly link: FileLink;
  readonly row: ImportFile;
}

const contextOf = (tokenHash: string) => `import-file:${tokenHash}`;

/** Bytes that are sealed at once, in a few milliseconds; a multiple of three, so that their base64 ends even. */
const PART = 3 * 1_048_576;
/** No part can be left out, moved or taken from another file: its context says which of how many it is. */
const partContext = (context: string, index: number, count: number) =>
  count === 1 ? context : `${context}:${index}/${count}`;

async function sealParts(sealing: ImportDeps['sealing'], bytes: Buffer, context: string): Promise<string> {
  const count = Math.max(1, Math.ceil(bytes.length / PART));
  const parts: string[] = [];
  for (let index = 0; index < count; index++) {
    const part = bytes.toString('base64', index * PART, (index + 1) * PART);
    parts.push(sealing.seal(part, partContext(context, index, count)));
    await turn();
  }
  return parts.join(',');
}

async function openParts(sealing: ImportDeps['sealing'], sealed: string, context: string): Promise<Buffer> {
  const parts = sealed.split(',');
  const opened: Buffer[] = [];
  for (const [index, part] of parts.entries()) {
    opened.push(Buffer.from(sealing.open(part, partContext(context, index, parts.length)), 'base64'));
    await turn();
  }
  return Buffer.concat(opened);
}

/** Files that follow from an import: sealed, their owner's only, one of credentials fetched once. */
export function createImportFiles(
  deps: Pick<ImportDeps, 'db' | 'imports' | 'sealing' | 'newSecret' | 'clock' | 'audit'>,
) {
  return {
    async prepare(actor: Actor, kind: ImportFile['kind'], download: Download): Promise<PreparedFile> {
      const token = deps.newSecret();
      const tokenHash = deps.sealing.hash(token);
      const createdAt = deps.clock.now();
      const expiresAt = createdAt + KEEP_MS;
      return {
        link: { token, expiresAt },
        row: {
          tokenHash,
          owner: actorText(actor),
          kind,
          name: download.name,
          contentType: download.contentType,
          sealed: await sealParts(deps.sealing, download.bytes, contextOf(tokenHash)),
          createdAt,
          expiresAt,
        },
      };
    },

    async keep(tx: Tx, { row }: PreparedFile): Promise<void> {
      await deps.imports.addFile(tx, row);
      await deps.imports.purgeFiles(tx, deps.clock.now(), KEEP_ERRORS);
    },

    /** Foreign, unknown, expired and taken ones answer the same NOT_FOUND. */
    async take(actor: Actor, token: string): Promise<Download> {
      const tokenHash = deps.sealing.hash(token);
      const now = deps.clock.now();
      const found = await deps.db.transaction(async (tx) => {
        const file = await deps.imports.takeFile(tx, { tokenHash, owner: actorText(actor), now });
        if (!file) throw new GatewayError('NOT_FOUND');
        await deps.audit.append(tx, [
          {
            at: now,
            actor,
            action: 'download',
            resource: 'devices',
            resourceId: null,
            reason: 'import',
            after: { file: file.name, kind: file.kind },
          },
        ]);
        return file;
      });
      const bytes = await openParts(deps.sealing, found.sealed, contextOf(tokenHash));
      return { name: found.name, contentType: found.contentType, bytes };
    },
  };
}

const contentType = (format: Format, encoding: Encoding) =>
  format === 'csv' ? `${CONTENT_TYPES.csv}; charset=${encoding}` : CONTENT_TYPES.xlsx;

/** What a file is written like: the way the upload came. */
export interface FileForm {
  readonly format: Format;
  readonly encoding: Encoding;
}

export async function credentialsFile(credentials: readonly NewCredentials[], form: FileForm): Promise<Download> {
  const columns = ['行号', '设备名称', '序列号', '设备编号', '接入用户名', '接入密码', '来源'].map((header) => ({
    header,
    width: 24,
  }));
  const rows = credentials.map(({ row, name, serial, username, password }) => [
    row,
    name,
    serial,
    username,
    username,
    password,
    password === null ? '导入文件中的设备密码' : '网关生成',
  ]);
  const bytes = await sheetBytes([{ name: '凭据', columns, rows }], form);
  return { name: `credentials.${form.format}`, contentType: contentType(form.format, form.encoding), bytes };
}

/** The upload again with a column that says what is wrong; put right, it is imported as it is. */
export async function errorsFile(
  header: readonly string[],
  columns: readonly (Column | null)[],
  rows: readonly { readonly row: number; readonly cells: readonly string[] }[],
  errors: readonly RowError[],
  form: FileForm,
): Promise<Download> {
  const byRow = Map.groupBy(errors, ({ row }) => row ?? 0);
  const kept = header.map((_, index) => index).filter((index) => header[index]?.trim() !== ERROR_HEADER);
  const wanted = [{ header: ERROR_HEADER, width: 60 }, ...kept.map((index) => ({ header: header[index] ?? '' }))];
  const table = function* (): Generator<OutCell[]> {
    for (const { row, cells } of rows) {
      const wrong = (byRow.get(row) ?? []).map(({ header: name, message }) => {
        const [zh = message] = message.split(' / ');
        return name ? `【${name}】${zh}` : zh;
      });
      // Passwords go back to nobody: who has the file has them.
      const shown = kept.map((index) => (columns[index]?.kind === 'secret' ? '' : (cells[index] ?? '')));
      yield [wrong.join('\n').slice(0, MOST_TOLD), ...shown];
    }
  };
  const bytes = await sheetBytes([{ name: '设备', columns: wanted, rows: table() }], form);
  return { name: `errors.${form.format}`, contentType: contentType(form.format, form.encoding), bytes };
}
