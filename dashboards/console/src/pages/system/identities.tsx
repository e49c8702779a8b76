import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Form, Input, Select } from 'antd';
import { useState } from 'react';
import { type Answer, api, body } from '../../api/client.ts';
import { t, tCode } from '../../language.ts';
import { ConfirmButton } from '../../parts/confirm.tsx';
import { showInForm, useForgetting } from '../../parts/form-problem.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { Ago } from '../../parts/time.tsx';

type Identity = Answer<'Identity'>;
interface Added {
  readonly provider: 'oidc' | 'wecom';
  readonly by: 'subject' | 'preferred_username' | 'phone_number' | 'email';
  readonly value: string;
}
const BY: Readonly<Record<Added['provider'], readonly Added['by'][]>> = {
  oidc: ['subject', 'preferred_username', 'phone_number', 'email'],
  wecom: ['subject'],
};

/** As the gateway takes them back: one that is bound by its subject, one that waits by its claim. */
function asked({ provider, issuer, subject, claim, value }: Identity): object {
  return subject !== null
    ? { provider, subject, ...(issuer !== null && provider === 'oidc' && { issuer }) }
    : { provider, claim, value };
}

/** Who somebody is to the providers of single sign-on. */
export function Identities({ userId }: { userId: string }) {
  const queries = useQueryClient();
  const key = ['lists', 'identities', userId];
  const path = { params: { path: { id: userId } } };
  const query = useQuery({
    queryKey: key,
    queryFn: () => body(api.GET('/api/v1/users/{id}/identities', path)),
  });
  const [form] = Form.useForm<Added>();
  useForgetting(form);
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const put = async (identities: readonly object[]) => {
    await api.PUT('/api/v1/users/{id}/identities', { ...path, body: { identities: identities as never } });
    await queries.invalidateQueries({ queryKey: key });
  };
  const add = async (items: readonly Identity[], { provider, by, value }: Added) => {
    setBusy(true);
    setError(undefined);
    try {
      const said =
        by === 'subject' ? { provider, subject: value.trim() } : { provider, claim: by, value: value.trim() };
      await put([...items.map(asked), said]);
      form.resetFields(['value']);
    } catch (cause) {
      if (!showInForm(form, cause)) setError(cause);
    }
    setBusy(false);
  };
  return (
    <section className="beyond">
      <h3>{t('identities.title')}</h3>
      <Loaded query={query}>
        {({ items }) => (
          <>
            {items.length === 0 && <p className="quiet">{t('identities.none')}</p>}
            <ul className="listed">
              {items.map((item) => (
                <li key={`${item.provider}${item.subject ?? `${item.claim}${item.value}`}`}>
                  <span>{tCode('account.via', item.provider)}</span>
                  <span>
                    {tCode('identityBy', item.claim ?? 'subject')} <code>{item.subject ?? item.value}</code>
                  </span>
                  <span className="quiet">{item.linkedAt ? <Ago at={item.linkedAt} /> : t('identities.waits')}</span>
                  <ConfirmButton
                    size="small"
                    title={t('identities.remove')}
                    consequence={t('identities.remove.consequence')}
                    act={() => put(items.filter((one) => one !== item).map(asked))}
                  >
                    {t('identities.remove')}
                  </ConfirmButton>
                </li>
              ))}
            </ul>
            <Form<Added>
              form={form}
              layout="vertical"
              initialValues={{ provider: 'oidc', by: 'preferred_username' }}
              onValuesChange={({ provider }) => provider === 'wecom' && form.setFieldValue('by', 'subject')}
              onFinish={(added) => void add(items, added)}
            >
              <div className="fields-row">
                <Form.Item name="provider" label={t('identities.provider')}>
                  <Select
                    options={(['oidc', 'wecom'] as const).map((one) => ({
                      value: one,
                      label: tCode('account.via', one),
                    }))}
                  />
                </Form.Item>
                <Form.Item noStyle dependencies={['provider']}>
                  {({ getFieldValue }) => (
                    <Form.Item name="by" label={t('identities.by')}>
                      <Select
                        options={BY[getFieldValue('provider') === 'wecom' ? 'wecom' : 'oidc'].map((one) => ({
                          value: one,
                          label: tCode('identityBy', one),
                        }))}
                      />
                    </Form.Item>
                  )}
                </Form.Item>
                <Form.Item name="value" label={t('identities.value')} rules={[{ required: true, whitespace: true }]}>
                  <Input maxLength={255} />
                </Form.Item>
              </div>
              {error !== undefined && <ProblemNotice error={error} />}
              <Button htmlType="submit" loading={busy}>
                {t('identities.add')}
              </Button>
            </Form>
          </>
        )}
      </Loaded>
    </section>
  );
}
