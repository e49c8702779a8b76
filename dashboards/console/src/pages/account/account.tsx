import { Segmented } from 'antd';
import { useMe } from '../../app/session.tsx';
import { type Language, language, speak, t, tCode } from '../../language.ts';
import { useNames } from '../../parts/names.ts';
import { Page } from '../../parts/page.tsx';
import { exactTime } from '../../parts/time.tsx';
import { ChangePassword } from '../sign-in/change-password.tsx';
import { OneTimeCodes } from '../sign-in/one-time-codes.tsx';
import { Keys } from './keys.tsx';
import { Sessions } from './sessions.tsx';
import './account.css';

/** Who one is here, one's password, one-time codes, sessions and keys. */
export default function Account() {
  const me = useMe();
  const orgs = useNames('orgs');
  return (
    <Page title={t('app.account')} guide="sign-in">
      <section className="sheet">
        <h2>{me.name}</h2>
        <dl className="two">
          <dt>{t('account.username')}</dt>
          <dd>{me.username}</dd>
          <dt>{t('account.role')}</dt>
          <dd>{tCode('role', me.role)}</dd>
          <dt>{t('account.org')}</dt>
          <dd>{orgs.name(me.orgId) || '—'}</dd>
          <dt>{t('account.contact')}</dt>
          <dd>{[me.phone, me.email].filter(Boolean).join(' · ') || '—'}</dd>
          <dt>{t('account.passwordSince')}</dt>
          <dd>{exactTime(me.passwordChangedAt)}</dd>
          <dt>{t('account.language')}</dt>
          <dd>
            <Segmented<Language>
              size="small"
              aria-label={t('account.language')}
              value={language()}
              onChange={(wanted) => void speak(wanted)}
              options={[
                { value: 'zh-CN', label: t('account.language.zh') },
                { value: 'en', label: t('account.language.en') },
              ]}
            />
          </dd>
        </dl>
      </section>
      <div className="columns">
        <section className="sheet">
          <ChangePassword done={() => window.location.reload()} />
        </section>
        <section className="sheet">
          <OneTimeCodes done={() => window.location.reload()} />
        </section>
      </div>
      <Sessions />
      <Keys />
    </Page>
  );
}
