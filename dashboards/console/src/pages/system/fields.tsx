import { Form, Input, Select } from 'antd';
import type { Rule } from 'antd/es/form';
import type { Answer } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { t } from '../../language.ts';
import { useNames } from '../../parts/names.ts';
import { usePeople, useRosterPeople } from './lists.ts';

type Contact = NonNullable<Answer<'Org'>['contact']>;

const ID = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
/** Of a thing's own name; the gateway knows the rule better, this is for the first look. */
export const needed: Rule[] = [{ required: true, whitespace: true }];

/** The id of a new thing; one that exists keeps its. */
export function IdField({ required = false, max = 64 }: { required?: boolean; max?: number }) {
  return (
    <Form.Item
      name="id"
      label={t('thing.id')}
      extra={t(required ? 'thing.id.rule' : 'thing.id.optional')}
      rules={[{ required }, { pattern: ID, message: t('thing.id.rule') }]}
    >
      <Input maxLength={max} />
    </Form.Item>
  );
}

interface ContactFieldsProps {
  /** Member of the thing. */
  readonly name: 'contact' | 'responsible';
  readonly label: string;
  readonly extra?: string;
}

/** Name, telephone, e-mail; the responsible person may be somebody with an account, who is told then. */
export function ContactFields({ name, label, extra }: ContactFieldsProps) {
  const may = useMay();
  return (
    <fieldset className="fields-group">
      <legend>{label}</legend>
      {extra && <p className="quiet">{extra}</p>}
      <div className="fields-row">
        <Form.Item name={[name, 'name']} label={t('thing.person')}>
          <Input maxLength={100} />
        </Form.Item>
        <Form.Item
          name={[name, 'phone']}
          label={t('thing.phone')}
          rules={[{ pattern: /^[0-9+ -]{5,20}$/, message: t('thing.phone.rule') }]}
        >
          <Input maxLength={20} inputMode="tel" />
        </Form.Item>
      </div>
      <Form.Item
        name={[name, 'email']}
        label={t('thing.email')}
        rules={[{ type: 'email', message: t('thing.email.rule') }]}
      >
        <Input maxLength={200} inputMode="email" />
      </Form.Item>
      {name === 'responsible' && may('users', 'read') ? (
        <Form.Item name={[name, 'userId']} label={t('thing.account')} extra={t('thing.account.rule')}>
          <PersonSelect />
        </Form.Item>
      ) : (
        <Form.Item name={[name, 'userId']} hidden>
          <Input />
        </Form.Item>
      )}
    </fieldset>
  );
}

interface PersonSelectProps {
  readonly value?: string | undefined;
  readonly onChange?: (id: string | undefined) => void;
  readonly id?: string;
}

export function PersonSelect(select: PersonSelectProps) {
  const { all, name } = usePeople();
  const options = all.map((one) => ({ value: one.id, label: `${one.name} · ${one.username}` }));
  return <Choice {...select} options={options} nameOf={name} />;
}

/** Somebody who may be put on duty, told apart by where he belongs. */
export function DutySelect(select: PersonSelectProps) {
  const { all, name } = useRosterPeople();
  const orgs = useNames('orgs');
  const units = useNames('maintenanceUnits');
  const options = all.map((one) => {
    const org = [...orgs.all, ...units.all].find(({ id }) => id === one.orgId)?.name;
    return { value: one.id, label: org ? `${one.name} · ${org}` : one.name };
  });
  return <Choice {...select} options={options} nameOf={name} />;
}

interface ChoiceProps extends PersonSelectProps {
  readonly options: readonly { readonly value: string; readonly label: string }[];
  readonly nameOf: (id: string) => string;
}

function Choice({ options, nameOf, ...select }: ChoiceProps) {
  const { value } = select;
  // Somebody disabled, or whose name is not open to the reader.
  const unlisted = value !== undefined && !options.some((one) => one.value === value);
  return (
    <Select
      allowClear
      showSearch={{ optionFilterProp: 'label' }}
      {...select}
      options={[...options, ...(unlisted ? [{ value, label: nameOf(value) }] : [])]}
    />
  );
}

/** `李明 021-55550110`. */
export function ContactWords({ of }: { of: Contact | null }) {
  if (!of || !(of.name || of.phone || of.email)) return <span className="quiet">{t('thing.none')}</span>;
  return (
    <>
      {of.name} <span className="quiet">{of.phone ?? of.email}</span>
    </>
  );
}
