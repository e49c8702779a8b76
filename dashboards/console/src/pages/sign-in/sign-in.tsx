import { language, useCatalogue as speak, t } from '../../language.ts';
import { ChangePassword } from './change-password.tsx';
import { LoginForm } from './login-form.tsx';
import { OneTimeCodes } from './one-time-codes.tsx';
import './sign-in.css';

export type Step = 'login' | 'password' | 'codes';

interface SignInProps {
  readonly step: Step;

  readonly entered: () => void;
}

/** Everything between a stranger and the console: login, a password that must change, codes that must be set up. */
export default function SignIn({ step, entered }: SignInProps) {
  return (
    <main className="door">
      <header className="door-head">
        <img src="/icon.svg" alt="" width={40} height={40} />
        <h1>{t('app.name')}</h1>
        <p>{t('login.hint')}</p>
      </header>
      <section className="door-card">
        {step === 'login' && <LoginForm entered={entered} />}
        {step === 'password' && <ChangePassword done={entered} />}
        {step === 'codes' && <OneTimeCodes must done={entered} />}
      </section>
      <button type="button" className="plain" onClick={() => speak(language() === 'en' ? 'zh-CN' : 'en')}>
        {t('app.otherLanguage')}
      </button>
    </main>
  );
}
