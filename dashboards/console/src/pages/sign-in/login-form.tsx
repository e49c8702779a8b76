import { useQuery } from '@tanstack/react-query';
import { Alert, Button, Form, Input } from 'antd';
import { useState } from 'react';
import { api, body } from '../../api/client.ts';
import { Problem } from '../../api/problem.ts';
import { t, tCode } from '../../language.ts';
import { ProblemNotice } from '../../parts/problem.tsx';

interface Login {
  readonly username: string;
  readonly password: string;
  readonly code?: string;
}

/** Name and password; the code of the authenticator when it is asked for; single sign-on where it is set up. */
export function LoginForm({ entered }: { entered: () => void }) {
  const [error, setError] = useState<unknown>();
  const [asked, setAsked] = useState(false);
  const [busy, setBusy] = useState(false);
  const { data: ways } = useQuery({
    queryKey: ['sign-in-ways'],
    queryFn: () => body(api.GET('/api/v1/sessions/methods')),
    retry: false,
  });
  const refused = /^#sign-in=([A-Z_]{3,40})$/.exec(window.location.hash)?.[1];

  async function enter(input: Login) {
    setBusy(true);
    setError(undefined);
    try {
      await api.POST('/api/v1/sessions', { body: input });
      window.history.replaceState(null, '', window.location.pathname + window.location.search);
      entered();
    } catch (problem) {
      const wantsCode = problem instanceof Problem && problem.code === 'SECOND_FACTOR_REQUIRED';
      setAsked(asked || wantsCode);
      if (!wantsCode || asked) setError(problem);
    } finally {
      setBusy(false);
    }
  }

  return (
    <Form layout="vertical" size="large" requiredMark={false} onFinish={enter}>
      <h2>{t('login.title')}</h2>
      {refused && !error && <Alert type="warning" showIcon title={tCode('sso', refused)} />}
      <Form.Item name="username" label={t('login.username')} rules={[{ required: true }]}>
        <Input autoComplete="username" autoFocus maxLength={64} />
      </Form.Item>
      <Form.Item name="password" label={t('login.password')} rules={[{ required: true }]}>
        <Input.Password autoComplete="current-password" maxLength={128} />
      </Form.Item>
      {asked && (
        <Form.Item name="code" label={t('code.label')} rules={[{ required: true }]}>
          <Input autoComplete="one-time-code" autoFocus maxLength={20} />
        </Form.Item>
      )}
      {error !== undefined && <ProblemNotice error={error} />}
      <Button type="primary" htmlType="submit" block loading={busy}>
        {t('login.submit')}
      </Button>
      {(ways?.oidc || ways?.wecom) && (
        <div className="door-ways">
          <p className="quiet">{t('sso.or')}</p>
          {ways.oidc && <Button href="/api/v1/sessions/oidc">{t('sso.oidc')}</Button>}
          {ways.wecom && <Button href="/api/v1/sessions/wecom">{t('sso.wecom')}</Button>}
        </div>
      )}
    </Form>
  );
}
