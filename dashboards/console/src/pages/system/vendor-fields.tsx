import { Checkbox, Form, Input, InputNumber, Select } from 'antd';
import type { Answer } from '../../api/client.ts';
import { t, tCode } from '../../language.ts';
import { DayField } from '../../parts/day-field.tsx';
import { ContactFields, IdField, needed } from './fields.tsx';
import { ModulesSelect } from './person-fields.tsx';

type Vendor = Answer<'Vendor'>;
export type VendorInput = Partial<
  Pick<
    Vendor,
    'id' | 'name' | 'creditCode' | 'moduleIds' | 'topics' | 'contact' | 'contract' | 'agreementRequired' | 'quotas'
  >
> & {
  readonly shareTopics?: boolean;
  readonly agreement?: { readonly signedOn?: string; readonly expiresOn?: string } | null;
};
const QUOTAS = [
  'maxDevices',
  'maxDeviceTypes',
  'messagesPerSecond',
  'messageBurst',
  'messagesPerDay',
  'requestsPerMinute',
  'quarantineRows',
] as const;

/** What is agreed with a vendor. */
export function VendorFields({ row }: { row: Vendor | null }) {
  return (
    <>
      {row?.purpose && <p>{t('vendors.purpose', { purpose: row.purpose })}</p>}
      {!row && <IdField />}
      <div className="fields-row">
        <Form.Item name="name" label={t('vendors.name')} rules={needed}>
          <Input maxLength={100} />
        </Form.Item>
        <Form.Item
          name="creditCode"
          label={t('vendors.creditCode')}
          rules={[{ len: 18, message: t('vendors.creditCode.rule') }]}
        >
          <Input maxLength={18} />
        </Form.Item>
      </div>
      <Form.Item name="moduleIds" label={t('vendors.modules')}>
        <ModulesSelect />
      </Form.Item>
      <ContactFields name="contact" label={t('vendors.contact')} extra={t('vendors.contact.rule')} />
      <fieldset className="fields-group">
        <legend>{t('vendors.agreed')}</legend>
        <p className="quiet">{t('vendors.agreed.rule')}</p>
        <div className="fields-row">
          <Form.Item name={['contract', 'no']} label={t('vendors.contract')}>
            <Input maxLength={100} />
          </Form.Item>
          <DayField name={['contract', 'from']} label={t('units.from')} />
          <DayField name={['contract', 'to']} label={t('units.to')} />
        </div>
        <div className="fields-row">
          <DayField name={['agreement', 'signedOn']} label={t('vendors.signedOn')} />
          <DayField
            name={['agreement', 'expiresOn']}
            label={t('vendors.expiresOn')}
            dependencies={[['agreement', 'signedOn']]}
            rules={[
              ({ getFieldValue }) => ({
                validator: async (_rule, value: unknown) => {
                  const signed: unknown = getFieldValue(['agreement', 'signedOn']);
                  if (Boolean(signed) !== Boolean(value)) throw new Error(t('vendors.agreement.both'));
                },
              }),
            ]}
          />
        </div>
        <Form.Item name="agreementRequired" valuePropName="checked">
          <Checkbox>{t('vendors.agreementRequired')}</Checkbox>
        </Form.Item>
      </fieldset>
      <Form.Item name="topics" label={t('vendors.topics')} extra={t('vendors.topics.rule')}>
        <Select mode="tags" open={false} tokenSeparators={[',', ' ', '，']} suffixIcon={null} />
      </Form.Item>
      <Form.Item name="shareTopics" valuePropName="checked">
        <Checkbox>{t('vendors.shareTopics')}</Checkbox>
      </Form.Item>
      <fieldset className="fields-group">
        <legend>{t('vendors.quotas')}</legend>
        <p className="quiet">{t('vendors.quotas.rule')}</p>
        <div className="fields-row">
          {QUOTAS.map((quota) => (
            <Form.Item key={quota} name={['quotas', quota]} label={tCode('quota', quota)}>
              <InputNumber className="wide" min={0} precision={0} />
            </Form.Item>
          ))}
        </div>
      </fieldset>
    </>
  );
}
