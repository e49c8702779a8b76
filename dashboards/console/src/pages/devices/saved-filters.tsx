import { App, Button, Dropdown, Form, Input } from 'antd';
import { useState } from 'react';
import { useMe } from '../../app/session.tsx';
import { t } from '../../language.ts';
import { type Address, FILTERS, narrowedBy, type Saved, savedFilters, saveFilters } from './filters.ts';

/** Filters under a name of one's own; they stay in this browser, and it says so. */
export function SavedFilters({ filters, change }: { filters: Address; change: (more: Address) => void }) {
  const { id } = useMe();
  const { modal } = App.useApp();
  const [form] = Form.useForm<{ name: string }>();
  const [saved, setSaved] = useState(() => savedFilters(id));
  const now = narrowedBy(filters);
  const keep = (all: readonly Saved[]) => {
    saveFilters(id, all);
    setSaved([...all]);
  };
  const apply = ({ filters: chosen }: Saved) =>
    change({ ...Object.fromEntries(FILTERS.map((name) => [name, undefined])), ...chosen });
  const ask = () => {
    form.resetFields();
    const asked = modal.confirm({
      icon: null,
      title: t('devices.saved.save'),
      content: (
        <Form
          form={form}
          layout="vertical"
          onFinish={({ name }) => {
            keep([...saved.filter((one) => one.name !== name.trim()), { name: name.trim(), filters: now }]);
            asked.destroy();
          }}
        >
          <Form.Item name="name" label={t('devices.saved.name')} rules={[{ required: true, whitespace: true }]}>
            <Input maxLength={30} autoFocus />
          </Form.Item>
          <p className="quiet">{t('devices.saved.where')}</p>
        </Form>
      ),
      // Taking `close` keeps it open: the form closes it once it has a name.
      onOk: (_close: () => void) => form.submit(),
    });
  };
  const items = [
    ...saved.map((one) => ({ key: `go ${one.name}`, label: one.name, onClick: () => apply(one) })),
    ...(saved.length > 0 ? [{ type: 'divider' as const, key: 'line' }] : []),
    {
      key: 'save',
      label: t('devices.saved.save'),
      disabled: Object.keys(now).length === 0,
      onClick: ask,
    },
    ...(saved.length > 0
      ? [
          {
            key: 'remove',
            label: t('devices.saved.remove'),
            children: saved.map((one) => ({
              key: `remove ${one.name}`,
              danger: true,
              label: one.name,
              onClick: () => keep(saved.filter(({ name }) => name !== one.name)),
            })),
          },
        ]
      : []),
    { key: 'where', disabled: true, label: <small>{t('devices.saved.where')}</small> },
  ];
  return (
    <Dropdown menu={{ items }} trigger={['click']}>
      <Button>{t('devices.saved', { n: saved.length })}</Button>
    </Dropdown>
  );
}
