import type { Clock } from '../../../adapters/adapter.ts';
import type { User, UserFilter } from '../domain/access-input.ts';
import type { Actor } from '../domain/actor.ts';
import type { AuditPort } from '../domain/audit.ts';
import { ExportInput, exportEntry, exporterName, exportMark } from '../domain/export-mark.ts';
import { parseInput } from '../domain/input.ts';
import { requireRight } from '../domain/permission.ts';
import type { Transactor } from '../domain/tx.ts';
import { createZonedTime } from '../domain/zoned-time.ts';
import { text } from '../messages/index.ts';
import { CONTENT_TYPES, type OutSheet, sheetBytes } from '../sheets/write.ts';
import type { ExportFile, ExportQuery, UserStore } from './ports.ts';
import { discreet } from './user-rules.ts';

const HEADERS = [
  '用户名',
  '姓名',
  '角色',
  '所属组织',
  '限定组织',
  '限定模块',
  '厂商',
  '电话',
  '邮箱',
  '负责组织',
  '停用',
  '最近登录',
  '建立时间',
] as const;
const PAGE = 500;

/** People as a file that says who took it; who may be in it is what the asker's list shows. */
export function createUserExport(deps: {
  readonly db: Transactor;
  readonly users: Pick<UserStore, 'list'>;
  readonly audit: AuditPort;
  readonly clock: Clock;
  readonly timeZone: string;
}): (actor: Actor, query: ExportQuery, filter: UserFilter) => Promise<ExportFile> {
  const time = createZonedTime(deps.timeZone);
  const rowOf = (user: User): string[] => [
    user.username,
    user.name,
    text('zh-CN', `role.${user.role}`),
    user.orgId ?? '',
    (user.scopeOrgIds ?? []).join(' '),
    (user.moduleIds ?? []).join(' '),
    user.vendorId ?? '',
    user.phone ?? '',
    user.email ?? '',
    (user.responsibleFor ?? []).join(' '),
    user.disabled ? '是' : '',
    user.lastLoginAt ? time(user.lastLoginAt) : '',
    time(user.createdAt),
  ];

  return async (actor, { purpose, format }, filter) => {
    requireRight(actor, 'users', 'read');
    requireRight(actor, 'users', 'export');
    parseInput(ExportInput, { purpose });
    const rows: string[][] = [];
    for (let after: string | null | undefined = null; after !== undefined; ) {
      const { items } = await deps.users.list(deps.db.autocommit, actor.scope, { ...filter, limit: PAGE, after });
      rows.push(...items.map((user) => rowOf(discreet(actor, user))));
      after = items.length < PAGE ? undefined : items.at(-1)?.username;
    }
    const at = deps.clock.now();
    const facts = { at, resource: 'users', purpose, filter, rows: rows.length, format };
    await deps.audit.append(deps.db.autocommit, [exportEntry(actor, facts)]);
    const notes = exportMark({ user: exporterName(actor), at, purpose, rows: rows.length }, deps.timeZone);
    const sheet: OutSheet = { name: '用户', notes, columns: HEADERS.map((header) => ({ header })), rows };
    return { bytes: await sheetBytes([sheet], { format }), contentType: CONTENT_TYPES[format] };
  };
}
