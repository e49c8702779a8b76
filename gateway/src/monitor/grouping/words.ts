import type { GroupKey } from '../../domain/grouping.ts';
import { type MessageKey, text } from '../../messages/index.ts';

/** A found cause with its figures. */
export interface Cause extends GroupKey {
  readonly silent: number;
  readonly expected: number;
}

/** `供电回路 3：14 台中 12 台离线`: the cause in the language of those who get the ticket. */
export function causeText({ kind, id, silent, expected }: Cause, names: ReadonlyMap<string, string>): string {
  const values = { name: nameOf({ kind, id }, names), silent, expected, site: siteOf(kind, id, names) };
  const key: MessageKey =
    kind === 'powerFeed' && values.site !== '' ? 'group.cause.powerFeedOfSite' : `group.cause.${kind}`;
  return text('zh-CN', key, values);
}

function nameOf({ kind, id }: GroupKey, names: ReadonlyMap<string, string>): string {
  if (kind === 'powerFeed') return id.slice(id.indexOf('/') + 1);
  return names.get(`${kind}:${id}`) ?? id;
}

function siteOf(kind: GroupKey['kind'], id: string, names: ReadonlyMap<string, string>): string {
  if (kind !== 'powerFeed') return '';
  const site = id.slice(0, id.indexOf('/'));
  return names.get(`site:${site}`) ?? site;
}
