import { t } from '../../language.ts';
import { Door } from '../../parts/door.tsx';
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
    <Door>
      {step === 'login' && (
        <>
          <LoginForm entered={entered} />
          <p className="door-join">
            <a href="/join">{t('login.join')}</a>
          </p>
        </>
      )}
      {step === 'password' && <ChangePassword must done={entered} />}
      {step === 'codes' && <OneTimeCodes must done={entered} />}
    </Door>
  );
}
