import { Descriptions } from 'antd';
import { useMe } from '../../app/session.tsx';
import { t, tCode } from '../../language.ts';
import { useNames } from '../../parts/names.ts';
import { Page } from '../../parts/page.tsx';
import { exactTime } from '../../parts/time.tsx';
import { ChangePassword } from '../sign-in/change-password.tsx';
import { OneTimeCodes } from '../sign-in/one-time-codes.tsx';

/** Who one is here, one's password and one-time codes. */
export default function Account() {
  const me = useMe();
  const orgs = useNames('orgs');
  return (
    <Page title={t('app.account')}>
      <section className="sheet">
        <Descriptions size="small" column={1} title={me.name}>
          <Descriptions.Item label={t('account.username')}>{me.username}</Descriptions.Item>
          <Descriptions.Item label={t('account.role')}>{tCode('role', me.role)}</Descriptions.Item>
          <Descriptions.Item label={t('account.org')}>{orgs.name(me.orgId)}</Descriptions.Item>
          <Descriptions.Item label={t('account.passwordSince')}>{exactTime(me.passwordChangedAt)}</Descriptions.Item>
        </Descriptions>
      </section>
      <div className="columns">
        <section className="sheet">
          <ChangePassword done={() => window.location.reload()} />
        </section>
        <section className="sheet">
          <OneTimeCodes done={() => window.location.reload()} />
        </section>
      </div>
    </Page>
  );
}
