import { QuestionCircleOutlined } from '@ant-design/icons';
import { Link } from '@tanstack/react-router';
import { type PropsWithChildren, type ReactNode, useEffect } from 'react';
import { t } from '../language.ts';

interface PageProps {
  readonly title: string;
  /** What can be done here. */
  readonly actions?: ReactNode;
  /** File of the guide that explains this page, without folder and ending. */
  readonly guide?: string;
}

/** The window's title says which page it shows: many are open at a duty desk. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · ${t('app.name')}`;
  }, [title]);
}

/** Frame of a page: its name, what can be done, where it is explained. */
export function Page({ title, actions, guide, children }: PropsWithChildren<PageProps>) {
  useTitle(title);
  return (
    <section className="page">
      <header className="page-head">
        <h1>{title}</h1>
        {guide && (
          <Link
            className="page-help"
            to="/help/$guide"
            params={{ guide }}
            aria-label={t('page.help')}
            title={t('page.help')}
          >
            <QuestionCircleOutlined />
          </Link>
        )}
        <div className="page-actions">{actions}</div>
      </header>
      {children}
    </section>
  );
}
