import { Button } from 'antd';
import type { PropsWithChildren } from 'react';
import { t } from '../language.ts';
import './print.css';

interface PaperProps {
  readonly title: string;
  /** Number and date below the title. */
  readonly subtitle?: string;
}

/** A sheet of A4 as it will be printed, and the button that prints it, which is not. */
export function Paper({ title, subtitle, children }: PropsWithChildren<PaperProps>) {
  return (
    <main className="desk">
      <div className="desk-bar">
        <Button type="primary" onClick={() => window.print()}>
          {t('paper.print')}
        </Button>
        <Button onClick={() => window.history.back()}>{t('paper.back')}</Button>
      </div>
      <article className="paper">
        <h1>{title}</h1>
        {subtitle && <p className="paper-subtitle">{subtitle}</p>}
        {children}
      </article>
    </main>
  );
}

/** Lines to sign on. */
export function Signatures({ of }: { of: readonly string[] }) {
  return (
    <div className="signatures">
      {of.map((who) => (
        <div key={who}>
          <span>{who}</span>
          <span className="signature-line" />
          <span>{t('paper.date')}</span>
        </div>
      ))}
    </div>
  );
}
