import { describe, expect, it } from 'vitest';
import { classOf } from '../domain/retention.ts';
import { readMigrations } from './migrate.ts';

/** Released before there were rules. */
const BEFORE_RULES = 34;
const EXCUSE = /^-- online: \S/;

/** Why a statement stalls a table in use, or does not fit the release before; undefined = it does neither. */
function objection(statement: string, grows: (table: string) => boolean, isNew: (table: string) => boolean) {
  const text = statement.replaceAll(/\s+/g, ' ').trim().toLowerCase();
  const index = /^create (?:unique )?index (concurrently )?(?:if not exists )?\w+ on (?:only )?(\w+)/.exec(text);
  if (index) return grows(index[2] ?? '') && !index[1] ? 'an index that stops its writers' : undefined;
  const rows = /^(?:update|delete from|truncate(?: table)?|lock(?: table)?|cluster|vacuum full) (?:only )?(\w+)/.exec(
    text,
  );
  if (rows) return grows(rows[1] ?? '') ? 'all rows of a table that grows at once' : undefined;
  const dropped = /^drop table (?:if exists )?(\w+)/.exec(text);
  if (dropped) return isNew(dropped[1] ?? '') ? undefined : 'a table the release before uses';
  const altered = /^alter table (?:if exists )?(?:only )?(\w+) (.*)$/.exec(text);
  const [, table = '', action = ''] = altered ?? [];
  return altered && !isNew(table) ? objectionToAction(action, grows(table)) : undefined;
}

/** The same of what an `alter table` does. */
function objectionToAction(action: string, big: boolean): string | undefined {
  if (/\b(drop column|rename)\b/.test(action)) return 'a column the release before uses';
  if (/add (column )?.*\bnot null\b/.test(action) && !/\bdefault\b/.test(action))
    return 'a column the release before does not fill';
  if (!big) return undefined;
  if (/\btype\b/.test(action) && /alter (column )?/.test(action)) return 'a rewrite of a table that grows';
  if (/default [^,]*(\(|current_)/.test(action) && /\badd\b/.test(action)) return 'a default computed for each row';
  const constraint =
    /add (constraint|check|foreign|primary|unique)/.test(action) && !/not valid|using index/.test(action);
  if (constraint || /\bset not null\b/.test(action)) return 'a look at every row';
  return undefined;
}

/** Statements with the comment right above them; bodies of functions are left out. */
function statementsOf(text: string): { statement: string; above: string }[] {
  const plain = text.replaceAll(/\$(\w*)\$[\s\S]*?\$\1\$/g, "''");
  return plain.split(/;\s*$/m).flatMap((part) => {
    const lines = part.split('\n').filter((line) => line.trim() !== '');
    const comments = lines.filter((line) => line.startsWith('--'));
    const statement = lines
      .map((line) => line.replace(/--.*$/, ''))
      .join('\n')
      .trim();
    return statement === '' ? [] : [{ statement, above: comments.at(-1) ?? '' }];
  });
}

function objectionsTo(text: string): string[] {
  const made = new Set([...text.matchAll(/create table (?:if not exists )?(\w+)/gi)].map(([, name]) => name ?? ''));
  const isNew = (table: string) => made.has(table);
  const grows = (table: string) => !isNew(table) && (classOf(table) !== undefined || table === 'device');
  return statementsOf(text).flatMap(({ statement, above }) => {
    const why = objection(statement, grows, isNew);
    return why === undefined || EXCUSE.test(above) ? [] : [`${why}: ${statement.slice(0, 80)}`];
  });
}

describe('migrations beside a running gateway', () => {
  it('neither stall a table that grows nor break the release before', async () => {
    const files = (await readMigrations()).filter(({ version }) => version > BEFORE_RULES);
    expect(files.length).toBeGreaterThan(0);
    expect(files.flatMap(({ name, text }) => objectionsTo(text).map((why) => `${name}: ${why}`))).toEqual([]);
  });

  it.each([
    ['create index late on ticket (no);', /an index that stops its writers/],
    ['create unique index late on device_event (id);', /an index that stops/],
    ['alter table health_history alter column reason type jsonb using reason::jsonb;', /a rewrite/],
    ['alter table device_event add column at timestamptz default clock_timestamp();', /computed for each row/],
    ['alter table ticket alter column title set not null;', /every row/],
    ['alter table ticket add constraint c check (no <> $$$$);', /every row/],
    ['alter table setting rename column name to title;', /the release before uses/],
    ['alter table app_user drop column email;', /the release before uses/],
    ['alter table app_user add column age integer not null;', /does not fill/],
    ['drop table site;', /the release before uses/],
    ['update ticket set title = no;', /all rows/],
  ])('would be refused for %s', (text, why) => {
    expect(objectionsTo(text).join()).toMatch(why);
    expect(objectionsTo(`-- online: nobody has to wait\n${text}`)).toEqual([]);
  });

  it.each([
    'create index concurrently late on ticket (no);',
    'create table fresh (id int);\ncreate index at_once on fresh (id);\nalter table fresh alter column id set not null;',
    "alter table ticket add column hint text not null default '';",
    'alter table ticket add constraint c check (id <> no) not valid;',
  ])('are free to %s', (text) => {
    expect(objectionsTo(text)).toEqual([]);
  });
});
