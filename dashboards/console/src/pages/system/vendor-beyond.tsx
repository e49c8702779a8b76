import { Link } from '@tanstack/react-router';
import { Form, Input } from 'antd';
import { type Answer, api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { t, tCode } from '../../language.ts';
import { ConfirmButton } from '../../parts/confirm.tsx';
import { Ago } from '../../parts/time.tsx';
import { AgreementFile } from './agreement-file.tsx';
import type { Once } from './once.tsx';
import { VendorInvitations } from './vendor-invitations.tsx';

type Vendor = Answer<'Vendor'>;
const ACTS = ['approve', 'reject', 'suspend', 'resume', 'end'] as const;
type Act = (typeof ACTS)[number];
/** What the gateway lets a vendor in this state become. */
const OPEN: Readonly<Record<Vendor['state'], readonly Act[]>> = {
  invited: ['approve', 'reject', 'end'],
  applied: ['approve', 'reject'],
  active: ['suspend', 'end'],
  suspended: ['resume', 'end'],
  ended: ['resume'],
  rejected: ['approve'],
};
const CALLS = {
  approve: '/api/v1/vendors/{id}/approve',
  reject: '/api/v1/vendors/{id}/reject',
  suspend: '/api/v1/vendors/{id}/suspend',
  resume: '/api/v1/vendors/{id}/resume',
  end: '/api/v1/vendors/{id}/end',
} as const;

interface VendorBeyondProps {
  readonly vendor: Vendor;
  readonly put: (vendor: Vendor) => void;
  readonly shown: (once: Once) => void;
}

/** What is done with a vendor as a whole: its state, its agreement, its people, its keys. */
export function VendorBeyond({ vendor, put, shown }: VendorBeyondProps) {
  const may = useMay();
  return (
    <>
      <State vendor={vendor} put={put} shown={shown} />
      {vendor.agreement && <AgreementFile vendor={vendor} put={put} />}
      {may('vendors', 'update') && vendor.state !== 'rejected' && <VendorInvitations vendor={vendor} shown={shown} />}
      {may('vendors', 'update') && (
        <section className="beyond">
          <h3>{t('vendors.keys')}</h3>
          <p className="quiet">{t(vendor.hasKey ? 'vendors.keys.some' : 'vendors.keys.none')}</p>
          <div className="acts">
            <Link to="/vendor/keys" search={{ vendor: vendor.id }}>
              {t('vendors.keys.open')}
            </Link>
            <Link to="/devices" search={{ vendorId: vendor.id }}>
              {t('vendors.devices')}
            </Link>
          </div>
        </section>
      )}
    </>
  );
}

function State({ vendor, put, shown }: VendorBeyondProps) {
  const may = useMay();
  const [form] = Form.useForm<{ username?: string }>();
  const { id, name, state, stateReason, stateAt } = vendor;
  const act = async (what: Act, reason: string) => {
    const { username = '' } = form.getFieldsValue();
    const answer = await body(
      what === 'approve'
        ? api.POST(CALLS.approve, {
            params: { path: { id } },
            body: { reason, ...(username.trim() && { username: username.trim() }) },
          })
        : api.POST(CALLS[what], { params: { path: { id } }, body: { reason } }),
    );
    put(answer.vendor);
    if (answer.username !== undefined && answer.password !== undefined)
      shown({
        title: t('vendors.firstUser', { name }),
        words: t('people.password.words'),
        values: [
          { label: t('people.username'), value: answer.username },
          { label: t('people.password'), value: answer.password },
        ],
      });
  };
  return (
    <section className="beyond">
      <h3>{t('vendors.state')}</h3>
      <p>
        {tCode('vendorState', state)} · <Ago at={stateAt} /> <span className="quiet">{stateReason}</span>
      </p>
      {may('vendors', 'decide') && (
        <>
          {OPEN[state].includes('approve') && (
            <Form form={form} layout="vertical">
              <Form.Item name="username" label={t('vendors.username')} extra={t('vendors.username.rule')}>
                <Input maxLength={64} autoComplete="off" />
              </Form.Item>
            </Form>
          )}
          <div className="acts">
            {OPEN[state].map((what) => (
              <ConfirmButton
                key={what}
                reason
                danger={what === 'suspend' || what === 'end' || what === 'reject'}
                type={what === 'approve' || what === 'resume' ? 'primary' : 'default'}
                title={t(`vendors.act.${what}`)}
                consequence={t(`vendors.act.${what}.consequence`, { name })}
                act={(reason) => act(what, reason)}
              >
                {t(`vendors.act.${what}`)}
              </ConfirmButton>
            ))}
          </div>
        </>
      )}
    </section>
  );
}
