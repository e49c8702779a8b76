import { App, Button, Dropdown, Form, Input } from 'antd';
import { useState } from 'react';
import { useMe } from '../app/session.tsx';
import { t } from '../language.ts';
import { onlyNamed, type Saved, savedFilters, saveFilters } from './kept-filters.ts';

type Address = Readonly<Record<string, string | undefined>>;

interface SavedFiltersProps {
  /** Whose filters they are: each list keeps its own. */
  readonly list: 'devices' | 'tickets';
  /** All that narrows that list. */
  readonly names: readonly string[];
  readonly filters: Address;
  readonly change: (more: Address) => void;
}

/** Filters under a name of one's own; they stay in this browser, and it says so. */
export function SavedFilters({ list, names, filters, change }: SavedFiltersProps) {
  const { id } = useMe();
  const { modal } = App.useApp();
  const [form] = Form.useForm<{ name: string }>();
  const [saved, setSaved] = useState(() => savedFilters(list, id, names));
  const now = onlyNamed(filters, names);
  const keep = (all: readonly Saved[]) => {
    saveFilters(list, id, all);
    setSaved([...all]);
  };
  const apply = ({ filters: chosen }: Saved) =>
    change({ ...Object.fromEntries(names.map((name) => [name, undefined])), ...chosen });
  const ask = () => {
    form.resetFields();
    const asked = modal.confirm({
      icon: null,
      title: t('list.saved.save'),
      content: (
        <Form
          form={form}
          layout="vertical"
          onFinish={({ name }) => {
            keep([...saved.filter((one) => one.name !== name.trim()), { name: name.trim(), filters: now }]);
            asked.destroy();
          }}
        >
          <Form.Item name="name" label={t('list.saved.name')} rules={[{ required: true, whitespace: true }]}>
            <Input maxLength={30} autoFocus />
          </Form.Item>
          <p className="quiet">{t('list.saved.where')}</p>
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
      label: t('list.saved.save'),
      disabled: Object.keys(now).length === 0,
      onClick: ask,
    },
    ...(saved.length > 0
      ? [
          {
            key: 'remove',
            label: t('list.saved.remove'),
            children: saved.map((one) => ({
              key: `remove ${one.name}`,
              danger: true,
              label: one.name,
              onClick: () => keep(saved.filter(({ name }) => name !== one.name)),
            })),
          },
        ]
      : []),
    { key: 'where', disabled: true, label: <small>{t('list.saved.where')}</small> },
  ];
  return (
    <Dropdown menu={{ items }} trigger={['click']}>
      <Button>{t('list.saved', { n: saved.length })}</Button>
    </Dropdown>
  );
}
