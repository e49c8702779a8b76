import { useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Checkbox, Form, Input } from 'antd';
import { lazy, Suspense, useState } from 'react';
import { type Answer, api, body } from '../../api/client.ts';
import { Problem } from '../../api/problem.ts';
import { useMay } from '../../app/rights.ts';
import { t } from '../../language.ts';
import { ConfirmButton } from '../../parts/confirm.tsx';
import { showInForm, useForgetting } from '../../parts/form-problem.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { Mark } from '../../parts/mark.tsx';
import { Page } from '../../parts/page.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import './system.css';

const Copyable = lazy(() => import('../../parts/copyable.tsx'));
const WECOM = ['lists', 'sign-in', 'wecom'];
const OIDC_VARIABLES = ['CGW_OIDC_ISSUER', 'CGW_OIDC_CLIENT_ID', 'CGW_OIDC_CLIENT_SECRET', 'CGW_OIDC_REDIRECT_URL'];

type Wecom = Answer<'WecomSignIn'>;
type WecomInput = Wecom & { readonly secret?: string };

/** How people may sign in besides name and password: what is set up on the server, and WeCom here. */
export default function SignInWays() {
  const ways = useQuery({
    queryKey: ['lists', 'sign-in', 'ways'],
    queryFn: () => body(api.GET('/api/v1/sessions/methods')),
  });
  const wecom = useQuery({
    queryKey: WECOM,
    // Not set up yet is an answer too.
    queryFn: () =>
      body(api.GET('/api/v1/sign-in/wecom')).catch((error: unknown) => {
        if (error instanceof Problem && error.status === 404) return null;
        throw error;
      }),
  });
  return (
    <Page title={t('nav.signInWays')} guide="sign-in">
      <Loaded query={ways}>
        {({ oidc, wecom: open }) => (
          <>
            <section className="sheet">
              <h2>
                {t('ways.password')} <Standing on />
              </h2>
              <p className="quiet">{t('ways.password.words')}</p>
            </section>
            <section className="sheet">
              <h2>
                {t('ways.oidc')} <Standing on={oidc} />
              </h2>
              <p>{t(oidc ? 'ways.oidc.on' : 'ways.oidc.off')}</p>
              <ul className="ways-variables">
                {OIDC_VARIABLES.map((one) => (
                  <li key={one}>
                    <code>{one}</code>
                  </li>
                ))}
              </ul>
              <CallbackAddress of="oidc" />
            </section>
            <section className="sheet">
              <h2>
                {t('ways.wecom')} <Standing on={open} />
              </h2>
              <Loaded query={wecom}>
                {(config) => <WecomForm key={config === null ? 'new' : 'kept'} config={config} />}
              </Loaded>
            </section>
          </>
        )}
      </Loaded>
    </Page>
  );
}

const Standing = ({ on }: { on: boolean }) =>
  on ? <Mark tone="good" shape="disc" label={t('ways.on')} /> : <Mark tone="none" shape="ring" label={t('ways.off')} />;

const callback = (of: 'oidc' | 'wecom') => `${window.location.origin}/api/v1/sessions/${of}/callback`;

/** What is to be registered with the other side. */
function CallbackAddress({ of }: { of: 'oidc' | 'wecom' }) {
  return (
    <p>
      {t('ways.callback')}{' '}
      <Suspense>
        <Copyable text={callback(of)} words={callback(of)} />
      </Suspense>
    </p>
  );
}

const given = (text: string | undefined) => text?.trim() || undefined;

function WecomForm({ config }: { config: Wecom | null }) {
  const may = useMay();
  const { message } = App.useApp();
  const queries = useQueryClient();
  const [form] = Form.useForm<WecomInput>();
  useForgetting(form);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const mayChange = may('settings', 'update');
  const again = () => queries.invalidateQueries({ queryKey: ['lists', 'sign-in'] });
  const save = async ({ authorizeUrl, qrUrl, userInfoPath, secret, ...rest }: WecomInput) => {
    const more = {
      authorizeUrl: given(authorizeUrl),
      qrUrl: given(qrUrl),
      userInfoPath: given(userInfoPath),
      secret: given(secret),
    };
    setBusy(true);
    setError(undefined);
    try {
      const said = Object.fromEntries(Object.entries(more).filter(([, value]) => value !== undefined));
      await api.PUT('/api/v1/sign-in/wecom', { body: { ...rest, ...said } });
      form.resetFields(['secret']);
      void message.success(t('thing.saved'));
      await again();
    } catch (cause) {
      if (!showInForm(form, cause)) setError(cause);
    }
    setBusy(false);
  };
  if (config === null && !mayChange) return <p className="quiet">{t('ways.wecom.none')}</p>;
  return (
    <Form<WecomInput>
      form={form}
      layout="vertical"
      className="ways-form"
      disabled={!mayChange}
      initialValues={config ?? { enabled: true, redirectUrl: callback('wecom') }}
      onFinish={(input) => void save(input)}
    >
      <p className="quiet">{t('ways.wecom.words')}</p>
      <div className="fields-row">
        <Form.Item name="corpId" label={t('ways.corpId')} rules={[{ required: true }]}>
          <Input maxLength={64} autoComplete="off" />
        </Form.Item>
        <Form.Item name="agentId" label={t('ways.agentId')} rules={[{ required: true }]}>
          <Input maxLength={20} inputMode="numeric" autoComplete="off" />
        </Form.Item>
      </div>
      <Form.Item
        name="secret"
        label={t('ways.secret')}
        extra={t(config ? 'ways.secret.kept' : 'ways.secret.rule')}
        rules={[{ required: config === null }]}
      >
        <Input.Password maxLength={200} autoComplete="new-password" />
      </Form.Item>
      <Form.Item name="baseUrl" label={t('ways.baseUrl')} extra={t('ways.baseUrl.rule')} rules={[{ required: true }]}>
        <Input maxLength={500} inputMode="url" />
      </Form.Item>
      <Form.Item
        name="redirectUrl"
        label={t('ways.redirectUrl')}
        extra={t('ways.redirectUrl.rule')}
        rules={[{ required: true }]}
      >
        <Input maxLength={500} inputMode="url" />
      </Form.Item>
      <Form.Item name="authorizeUrl" label={t('ways.authorizeUrl')} extra={t('ways.authorizeUrl.rule')}>
        <Input maxLength={500} inputMode="url" />
      </Form.Item>
      <Form.Item name="qrUrl" label={t('ways.qrUrl')} extra={t('ways.qrUrl.rule')}>
        <Input maxLength={500} inputMode="url" />
      </Form.Item>
      <Form.Item name="userInfoPath" label={t('ways.userInfoPath')} extra={t('ways.userInfoPath.rule')}>
        <Input maxLength={101} />
      </Form.Item>
      <Form.Item name="enabled" valuePropName="checked">
        <Checkbox>{t('ways.enabled')}</Checkbox>
      </Form.Item>
      {error !== undefined && <ProblemNotice error={error} />}
      {mayChange && (
        <div className="acts">
          <Button type="primary" htmlType="submit" loading={busy}>
            {t('thing.save')}
          </Button>
          {config && (
            <ConfirmButton
              danger
              title={t('ways.remove')}
              consequence={t('ways.remove.consequence')}
              act={async () => {
                await api.DELETE('/api/v1/sign-in/wecom');
                await again();
              }}
            >
              {t('ways.remove')}
            </ConfirmButton>
          )}
        </div>
      )}
    </Form>
  );
}
