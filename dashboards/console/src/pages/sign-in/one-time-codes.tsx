import { useMutation, useQuery } from '@tanstack/react-query';
import { Button, Form, Input } from 'antd';
import { useState } from 'react';
import { api, body } from '../../api/client.ts';
import { t } from '../../language.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';

interface CodesProps {
  /** Nothing else is open to this account before. */
  readonly must?: boolean;
  readonly done: () => void;
}

/** One-time codes of the own account: set up when there are none, else how to end them. */
export function OneTimeCodes({ must = false, done }: CodesProps) {
  const state = useQuery({ queryKey: ['totp'], queryFn: () => body(api.GET('/api/v1/users/me/totp')) });
  return (
    <Loaded query={state}>
      {({ enabled, recoveryCodesLeft }) =>
        enabled ? (
          <End left={recoveryCodesLeft ?? 0} done={done} />
        ) : must ? (
          <SetUp must done={done} />
        ) : (
          <Offer done={done} />
        )
      }
    </Loaded>
  );
}

/** A secret is drawn for whoever wants one, not for whoever passes by. */
function Offer({ done }: { done: () => void }) {
  const [wanted, setWanted] = useState(false);
  if (wanted) return <SetUp must={false} done={done} />;
  return (
    <>
      <h2>{t('code.title')}</h2>
      <p className="quiet">{t('code.off')}</p>
      <Button onClick={() => setWanted(true)}>{t('code.begin')}</Button>
    </>
  );
}

function SetUp({ must, done }: Required<CodesProps>) {
  const key = useQuery({
    queryKey: ['totp-key'],
    queryFn: () => body(api.POST('/api/v1/users/me/totp')),
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  });
  const confirm = useMutation({
    mutationFn: (input: { code: string }) => body(api.POST('/api/v1/users/me/totp/confirm', { body: input })),
  });
  if (confirm.data) {
    return (
      <>
        <h2>{t('recovery.title')}</h2>
        <p className="quiet">{t('recovery.hint')}</p>
        <pre className="codes">{(confirm.data.recoveryCodes ?? []).join('\n')}</pre>
        <Button type="primary" block onClick={done}>
          {t('recovery.kept')}
        </Button>
      </>
    );
  }
  return (
    <Loaded query={key}>
      {({ qr, secret }) => (
        <Form layout="vertical" requiredMark={false} onFinish={(input: { code: string }) => confirm.mutate(input)}>
          <h2>{t('code.title')}</h2>
          <p className="quiet">{t(must ? 'code.must' : 'code.hint')}</p>
          <img src={qr} alt={t('code.qr')} width={200} height={200} />
          <p className="quiet">
            {t('code.manual')} <code>{secret}</code>
          </p>
          <CodeField />
          {confirm.isError && <ProblemNotice error={confirm.error} />}
          <Button type="primary" htmlType="submit" block loading={confirm.isPending}>
            {t('code.confirm')}
          </Button>
        </Form>
      )}
    </Loaded>
  );
}

function End({ left, done }: { left: number; done: () => void }) {
  const end = useMutation({
    mutationFn: (input: { password: string; code: string }) =>
      api.POST('/api/v1/users/me/totp/disable', { body: input }),
    onSuccess: done,
  });
  return (
    <Form
      layout="vertical"
      requiredMark={false}
      onFinish={(input: { password: string; code: string }) => end.mutate(input)}
    >
      <h2>{t('code.title')}</h2>
      <p className="quiet">{t('code.enabled', { n: left })}</p>
      <Form.Item name="password" label={t('login.password')} rules={[{ required: true }]}>
        <Input.Password autoComplete="current-password" />
      </Form.Item>
      <CodeField />
      {end.isError && <ProblemNotice error={end.error} />}
      <Button danger htmlType="submit" block loading={end.isPending}>
        {t('code.disable')}
      </Button>
    </Form>
  );
}

const CodeField = () => (
  <Form.Item name="code" label={t('code.label')} rules={[{ required: true }]}>
    <Input autoComplete="one-time-code" maxLength={20} spellCheck={false} />
  </Form.Item>
);
