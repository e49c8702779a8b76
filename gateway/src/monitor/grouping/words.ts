import { causeWords } from '../../domain/group-cause.ts';
import type { GroupKey } from '../../domain/grouping.ts';

/** A found cause with its figures. */
export interface Cause extends GroupKey {
  readonly silent: number;
  readonly expected: number;
}

/** The cause in the language of those who get the ticket. */
export function causeText(cause: Cause, names: ReadonlyMap<string, string>): string {
  const { kind, silent, expected } = cause;
  return causeWords('zh-CN', { kind, silent, expected, ...causeNames(cause, names) });
}

/** What evidence keeps of the names, so that whoever reads it later is told in his own language. */
export function causeNames({ kind, id }: GroupKey, names: ReadonlyMap<string, string>) {
  return { name: nameOf({ kind, id }, names), site: siteOf(kind, id, names) };
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
