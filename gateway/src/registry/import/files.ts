import { type Actor, actorText } from '../../domain/actor.ts';
import type { Tx } from '../../domain/tx.ts';
import { GatewayError } from '../../errors.ts';
import { CONTENT_TYPES, type Encoding, type Format, type OutCell, sheetBytes } from '../../sheets/write.ts';
import type { Column } from './columns.ts';
import { ERROR_HEADER } from './columns.ts';
import type { RowError } from './header.ts';
import type { ImportDeps, ImportFile } from './ports.ts';
import type { NewCredentials } from './write.ts';

const KEEP_MS = 24 * 3_600_000;
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

/** Files that follow from an import: sealed, their owner's only, one of credentials fetched once. */
export function createImportFiles(
  deps: Pick<ImportDeps, 'db' | 'imports' | 'sealing' | 'newSecret' | 'clock' | 'audit'>,
) {
  return {
    prepare(actor: Actor, kind: ImportFile['kind'], download: Download): PreparedFile {
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
          sealed: deps.sealing.seal(download.bytes.toString('base64'), contextOf(tokenHash)),
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
      const bytes = Buffer.from(deps.sealing.open(found.sealed, contextOf(tokenHash)), 'base64');
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
      yield [wrong.join('\n'), ...shown];
    }
  };
  const bytes = await sheetBytes([{ name: '设备', columns: wanted, rows: table() }], form);
  return { name: `errors.${form.format}`, contentType: contentType(form.format, form.encoding), bytes };
}
