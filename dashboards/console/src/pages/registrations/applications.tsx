import { useQueryClient } from '@tanstack/react-query';
import { Alert, App, Button, Form, Input, Modal, Select } from 'antd';
import { useState } from 'react';
import { type Answer, api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { t, tCode } from '../../language.ts';
import { ConfirmButton } from '../../parts/confirm.tsx';
import { useFilters } from '../../parts/filters.ts';
import { Mark } from '../../parts/mark.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { ServerTable } from '../../parts/server-table.tsx';
import { Waited } from './age.tsx';

type Vendor = Answer<'Vendor'>;
const STATES = ['applied', 'invited', 'rejected'] as const;
type State = (typeof STATES)[number];
const SIGN = {
  applied: ['warning', 'ring'],
  invited: ['odd', 'diamond'],
  rejected: ['bad', 'cross'],
} as const;

/** Companies that ask to work here. */
export function Applications() {
  const may = useMay();
  const queries = useQueryClient();
  const [{ state: asked }, change] = useFilters();
  const state: State = STATES.find((one) => one === asked) ?? 'applied';
  const [approving, setApproving] = useState<Vendor | null>(null);
  const again = () => queries.invalidateQueries({ queryKey: ['lists', 'vendors'] });
  return (
    <>
      <div className="filters registrations-bar">
        <Select<State>
          aria-label={t('registrations.state')}
          value={state}
          popupMatchSelectWidth={false}
          onChange={(next) => change({ state: next })}
          options={STATES.map((value) => ({ value, label: tCode('vendorState', value) }))}
        />
      </div>
      <ServerTable<Vendor>
        of={['lists', 'vendors', state]}
        read={(page) => body(api.GET('/api/v1/vendors', { params: { query: { state, ...page } } }))}
        limit={20}
        rowKey="id"
        empty={{ title: t('registrations.noApplication'), next: t('registrations.noApplication.next') }}
        columns={[
          {
            title: t('registrations.company'),
            className: 'registrations-name',
            render: (_, { name, creditCode }) => (
              <>
                {name}
                <div className="quiet">{creditCode ?? t('registrations.noCredit')}</div>
              </>
            ),
          },
          {
            title: t('registrations.purpose'),
            className: 'registrations-name',
            render: (_, { purpose }) => purpose ?? '—',
          },
          {
            title: t('registrations.contact'),
            render: (_, { contact }) =>
              contact ? (
                <>
                  {contact.name}
                  <div className="quiet">{[contact.phone, contact.email].filter(Boolean).join(' · ')}</div>
                </>
              ) : (
                '—'
              ),
          },
          {
            title: t('registrations.state'),
            render: (_, row) => (
              <>
                <Mark tone={SIGN[state][0]} shape={SIGN[state][1]} label={tCode('vendorState', row.state)} />
                {row.stateReason && <div className="quiet">{row.stateReason}</div>}
              </>
            ),
          },
          { title: t('registrations.waits'), render: (_, { stateAt }) => <Waited since={stateAt} /> },
          ...(may('vendors', 'decide') && state !== 'rejected'
            ? [
                {
                  title: t('registrations.decide'),
                  render: (_: unknown, vendor: Vendor) => (
                    <span className="decide">
                      <Button size="small" type="primary" onClick={() => setApproving(vendor)}>
                        {t('registrations.act.approve')}
                      </Button>
                      <ConfirmButton
                        size="small"
                        danger
                        reason
                        title={t('registrations.act.reject')}
                        consequence={t('registrations.rejectCompany', { name: vendor.name })}
                        act={async (reason) => {
                          await api.POST('/api/v1/vendors/{id}/reject', {
                            params: { path: { id: vendor.id } },
                            body: { reason },
                          });
                          await again();
                        }}
                      >
                        {t('registrations.act.reject')}
                      </ConfirmButton>
                    </span>
                  ),
                },
              ]
            : []),
        ]}
      />
      {approving && (
        <Approve
          vendor={approving}
          close={() => {
            setApproving(null);
            void again();
          }}
        />
      )}
    </>
  );
}

/** Lets a company in; its first user's password is told once. */
function Approve({ vendor, close }: { vendor: Vendor; close: () => void }) {
  const { message } = App.useApp();
  const [form] = Form.useForm<{ reason: string; username?: string }>();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const [made, setMade] = useState<{ username?: string; password?: string } | null>(null);
  const run = async ({ reason, username }: { reason: string; username?: string }) => {
    setBusy(true);
    setError(undefined);
    try {
      const answer = await body(
        api.POST('/api/v1/vendors/{id}/approve', {
          params: { path: { id: vendor.id } },
          body: { reason: reason.trim(), ...(username?.trim() && { username: username.trim() }) },
        }),
      );
      if (answer.password === undefined) {
        message.success(t('registrations.companyIn', { name: vendor.name }));
        close();
      } else setMade(answer);
    } catch (cause) {
      setError(cause);
    }
    setBusy(false);
  };
  return (
    <Modal
      open
      title={t('registrations.approveCompany', { name: vendor.name })}
      okText={t('registrations.act.approve')}
      confirmLoading={busy}
      mask={{ closable: false }}
      onOk={() => form.submit()}
      onCancel={close}
      {...(made && {
        footer: (
          <Button type="primary" onClick={close}>
            {t('registrations.noted')}
          </Button>
        ),
      })}
    >
      {made ? (
        <>
          <Alert type="warning" showIcon title={t('registrations.once')} />
          <dl className="two registrations-once">
            <dt>{t('account.username')}</dt>
            <dd>{made.username}</dd>
            <dt>{t('registrations.password')}</dt>
            <dd>
              <code>{made.password}</code>
            </dd>
          </dl>
        </>
      ) : (
        <Form form={form} layout="vertical" onFinish={run}>
          <p className="decide-consequence">{t('registrations.companyConsequence')}</p>
          {vendor.state === 'applied' && (
            <Form.Item name="username" label={t('registrations.firstUser')} extra={t('registrations.firstUser.hint')}>
              <Input maxLength={64} autoComplete="off" />
            </Form.Item>
          )}
          <Form.Item
            name="reason"
            label={t('confirm.reason')}
            rules={[{ required: true, whitespace: true, message: t('registrations.reason') }]}
          >
            <Input.TextArea rows={2} maxLength={500} />
          </Form.Item>
          {error !== undefined && <ProblemNotice error={error} />}
        </Form>
      )}
    </Modal>
  );
}
