import { useQueryClient } from '@tanstack/react-query';
import { Button, Form, Input } from 'antd';
import { useState } from 'react';
import { type Answer, api } from '../../api/client.ts';
import { t } from '../../language.ts';
import { showInForm, useForgetting } from '../../parts/form-problem.ts';
import { ProblemNotice } from '../../parts/problem.tsx';
import { exactTime } from '../../parts/time.tsx';

type Vendor = Answer<'Vendor'> & Partial<Pick<Answer<'VendorSelf'>, 'limits' | 'usage'>>;

/** Contact, contract, agreement, granted topics, and what of the quotas is used. */
export function Company({ vendor, own }: { vendor: Vendor; own: boolean }) {
  const [changing, setChanging] = useState(false);
  const { id, contact, contract, agreement, topics, limits, usage, link } = vendor;
  return (
    <section className="sheet">
      <h2>{vendor.name}</h2>
      <dl className="two">
        <dt>{t('company.id')}</dt>
        <dd>
          <code>{id}</code>
        </dd>
        <dt>{t('company.contact')}</dt>
        <dd>
          {changing ? (
            <ContactForm contact={contact} done={() => setChanging(false)} />
          ) : (
            <>
              {[contact?.name, contact?.phone, contact?.email].filter(Boolean).join(' · ') || t('company.noContact')}{' '}
              {own && (
                <Button size="small" type="link" onClick={() => setChanging(true)}>
                  {t('company.change')}
                </Button>
              )}
            </>
          )}
        </dd>
        <dt>{t('company.contract')}</dt>
        <dd>
          {contract
            ? t('company.contract.facts', {
                no: contract.no ?? '—',
                from: contract.from ?? '—',
                to: contract.to ?? '—',
              })
            : t('company.none')}
        </dd>
        <dt>{t('company.agreement')}</dt>
        <dd>
          {agreement
            ? t('company.agreement.facts', { from: agreement.signedOn, to: agreement.expiresOn })
            : t('company.none')}
          {agreement && (
            <div className="quiet">
              {agreement.file
                ? t('company.file', {
                    name: agreement.file.name,
                    size: Math.ceil(agreement.file.bytes / 1024),
                    at: exactTime(agreement.file.at),
                  })
                : t('company.noFile')}
            </div>
          )}
        </dd>
        <dt>{t('company.topics')}</dt>
        <dd>
          {topics.length === 0 && t('company.noTopics')}
          {topics.map((topic) => (
            <div key={topic}>
              <code>{topic}</code>
            </div>
          ))}
        </dd>
        <dt>{t('company.link')}</dt>
        <dd>{link.state === 'up' ? t('company.link.up', { n: link.sessions }) : t(`company.link.${link.state}`)}</dd>
        {limits && usage && (
          <>
            <dt>{t('company.devices')}</dt>
            <dd>{t('company.of', { n: usage.devices.toLocaleString(), all: limits.maxDevices.toLocaleString() })}</dd>
            <dt>{t('company.messages')}</dt>
            <dd>
              {t('company.of', { n: usage.messages.toLocaleString(), all: limits.messagesPerDay.toLocaleString() })}
              {usage.refused > 0 && t('company.refused', { n: usage.refused.toLocaleString() })}
            </dd>
            <dt>{t('company.quarantine')}</dt>
            <dd>
              {t('company.of', { n: usage.quarantine.toLocaleString(), all: limits.quarantineRows.toLocaleString() })}
            </dd>
          </>
        )}
      </dl>
    </section>
  );
}

interface Contact {
  readonly name?: string;
  readonly phone?: string;
  readonly email?: string;
}

function ContactForm({ contact, done }: { contact: Vendor['contact']; done: () => void }) {
  const queries = useQueryClient();
  const [form] = Form.useForm<Contact>();
  useForgetting(form);
  const [error, setError] = useState<unknown>();
  const save = async (input: Contact) => {
    try {
      const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value));
      await api.PATCH('/api/v1/vendors/me', { body: { contact: given } });
      await queries.invalidateQueries({ queryKey: ['lists', 'vendor'] });
      done();
    } catch (problem) {
      if (!showInForm(form, problem)) setError(problem);
    }
  };
  return (
    <Form form={form} size="small" layout="vertical" initialValues={contact ?? {}} onFinish={save}>
      <Form.Item name="name" label={t('join.contact')} rules={[{ required: true, whitespace: true }]}>
        <Input maxLength={100} />
      </Form.Item>
      <Form.Item
        name="phone"
        label={t('join.phone')}
        rules={[{ pattern: /^[0-9+ -]{5,20}$/, message: t('join.phone.rule') }]}
      >
        <Input maxLength={20} />
      </Form.Item>
      <Form.Item name="email" label={t('join.email')} rules={[{ type: 'email', message: t('thing.email.rule') }]}>
        <Input maxLength={200} />
      </Form.Item>
      {error !== undefined && <ProblemNotice error={error} />}
      <Button htmlType="submit" type="primary">
        {t('company.save')}
      </Button>{' '}
      <Button onClick={done}>{t('company.cancel')}</Button>
    </Form>
  );
}
