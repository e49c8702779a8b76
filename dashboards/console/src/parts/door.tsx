import type { PropsWithChildren } from 'react';
import { language, speak, t } from '../language.ts';
import './door.css';

/** Frame of what a stranger may see: the name of the house, one card, the other language. */
export function Door({ wide = false, children }: PropsWithChildren<{ wide?: boolean }>) {
  return (
    <main className="door">
      <header className="door-head">
        <img src="/icon.svg" alt="" width={40} height={40} />
        <h1>{t('app.name')}</h1>
        <p>{t('login.hint')}</p>
      </header>
      <section className={wide ? 'door-card door-wide' : 'door-card'}>{children}</section>
      <button type="button" className="plain" onClick={() => speak(language() === 'en' ? 'zh-CN' : 'en')}>
        {t('app.otherLanguage')}
      </button>
    </main>
  );
}
