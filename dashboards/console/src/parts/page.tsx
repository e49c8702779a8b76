import { QuestionCircleOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import type { PropsWithChildren, ReactNode } from 'react';
import { t } from '../language.ts';

interface PageProps {
  readonly title: string;
  /** What can be done here. */
  readonly actions?: ReactNode;
  /** File of the guide that explains this page, without folder and ending. */
  readonly guide?: string;
}

/** Frame of a page: its name, what can be done, where it is explained. */
export function Page({ title, actions, guide, children }: PropsWithChildren<PageProps>) {
  return (
    <section className="page">
      <header className="page-head">
        <h1>{title}</h1>
        {guide && (
          <Button type="text" icon={<QuestionCircleOutlined />} aria-label={t('page.help')} href={`/help/${guide}`} />
        )}
        <div className="page-actions">{actions}</div>
      </header>
      {children}
    </section>
  );
}
