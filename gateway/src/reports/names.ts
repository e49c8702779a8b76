import type { TicketFiguresBy } from '../domain/report-rows.ts';
import { codeText, type Language, text, textOr } from '../messages/index.ts';
import type { ReportsContext } from './context.ts';

const KINDS = { module: 'module', org: 'org', unit: 'org', vendor: 'vendor', site: 'site' } as const;

/** What the keys of these rows are called. */
export async function namer(
  { store, transactor }: Pick<ReportsContext, 'store' | 'transactor'>,
  by: TicketFiguresBy,
  rows: readonly { readonly key: string | null }[],
  language: Language,
): Promise<(key: string | null) => string> {
  const none = text(language, 'report.none');
  const keys = rows.map((row) => row.key).filter((key) => key !== null);
  if (!isKind(by)) return (key) => (key === null ? none : wordOf(by, key, language));
  const names = await store.names(transactor.autocommit, KINDS[by], keys);
  return (key) => {
    if (key === null) return none;
    const name = names.get(key);
    return name === undefined ? key : language === 'en' ? name.en : name.zh;
  };
}

function isKind(by: TicketFiguresBy): by is keyof typeof KINDS {
  return by in KINDS;
}

function wordOf(by: TicketFiguresBy, key: string, language: Language): string {
  if (by === 'fault') return codeText(language, key);
  return by === 'project' ? key : textOr(language, `ticket.${by}.${key}`, key);
}
