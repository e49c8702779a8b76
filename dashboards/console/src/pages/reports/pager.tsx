import { Button } from 'antd';
import { useState } from 'react';
import { t } from '../../language.ts';

export interface Pages {
  readonly cursor: string | undefined;
  readonly number: number;
  readonly go: (next: string | null) => void;
}

/** Where in a paged report one is; another question begins at its first page. */
export function useCursor(question: unknown): Pages {
  const name = JSON.stringify(question);
  const [place, setPlace] = useState<{ name: string; cursors: readonly string[] }>({ name, cursors: [] });
  const cursors = place.name === name ? place.cursors : [];
  return {
    cursor: cursors.at(-1),
    number: cursors.length + 1,
    go: (next) => setPlace({ name, cursors: next === null ? cursors.slice(0, -1) : [...cursors, next] }),
  };
}

/** For tables with totals below them; says nothing when everything is on one page. */
export function Pager({ pages: { number, go }, next }: { pages: Pages; next: string | null }) {
  if (next === null && number === 1) return null;
  return (
    <footer className="pager">
      <Button size="small" disabled={number === 1} onClick={() => go(null)}>
        {t('list.before')}
      </Button>
      <span>{t('list.page', { n: number })}</span>
      <Button size="small" disabled={next === null} onClick={() => next !== null && go(next)}>
        {t('list.after')}
      </Button>
    </footer>
  );
}
