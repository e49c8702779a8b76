import { useQueryClient } from '@tanstack/react-query';
import { Alert, App, Button, Checkbox, Drawer, Form, Input } from 'antd';
import { useState } from 'react';
import { type Answer, api, body } from '../../api/client.ts';
import { Problem } from '../../api/problem.ts';
import { language, t } from '../../language.ts';
import { ConfirmButton } from '../../parts/confirm.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import '../../parts/form-drawer.css';
import { changesOf, dangersOf, differs, type RoleRights } from './role-rights.ts';

type Role = Answer<'Role'>;
interface RoleTable {
  readonly resources: readonly { readonly id: string; readonly name: { readonly zh: string; readonly en: string } }[];
  readonly actions: readonly { readonly id: string; readonly name: { readonly zh: string; readonly en: string } }[];
}
interface RoleEditorProps {
  readonly table: RoleTable;
  /** Null = closed. */
  readonly role: Role | null;
  readonly close: () => void;
}

/** All rights of one role; what changes and what is dangerous is said before it is saved. */
export function RoleEditor({ table, role, close }: RoleEditorProps) {
  const queries = useQueryClient();
  const { message } = App.useApp();
  const [draft, setDraft] = useState<RoleRights>((role?.rights ?? {}) as RoleRights);
  /** What the change starts from: the newest once somebody else was quicker. */
  const [base, setBase] = useState<RoleRights>((role?.rights ?? {}) as RoleRights);
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const [form] = Form.useForm<{ reason: string }>();
  if (role === null) return null;
  const spoken = (name: { readonly zh: string; readonly en: string }) => (language() === 'en' ? name.en : name.zh);
  const label = (list: RoleTable['actions'], id: string) => {
    const found = list.find((one) => one.id === id);
    return found ? spoken(found.name) : id;
  };
  const words = (flat: readonly string[]) =>
    flat
      .map((one) => {
        const [resource = '', action = ''] = one.split('.');
        return t('roles.oneRight', {
          resource: label(table.resources, resource),
          action: label(table.actions, action),
        });
      })
      .join(t('list.comma'));
  const toggle = (resource: string, action: string, on: boolean) => {
    const has = draft[resource] ?? [];
    setDraft({ ...draft, [resource]: on ? [...has, action] : has.filter((one) => one !== action) });
  };
  const { given, taken } = changesOf(base, draft);
  const changed = given.length + taken.length > 0;
  const dangers = dangersOf(role.id, draft);
  const path = { params: { path: { role: role.id } } };
  const done = async () => {
    await queries.invalidateQueries({ queryKey: ['lists', 'roles'] });
    void message.success(t('thing.saved'));
    close();
  };
  const newest = async () => {
    const { roles } = await body(api.GET('/api/v1/roles'));
    setBase((roles.find(({ id }) => id === role.id)?.rights ?? {}) as RoleRights);
  };
  const save = async ({ reason }: { reason: string }) => {
    setBusy(true);
    setError(undefined);
    try {
      const rights = Object.fromEntries(Object.entries(draft).filter(([, list]) => list?.length)) as never;
      await api.PUT('/api/v1/roles/{role}', {
        ...path,
        body: { rights, before: base as never, reason: reason.trim() },
      });
      await done();
    } catch (cause) {
      setError(cause);
      if (cause instanceof Problem && cause.code === 'CONFLICT') await newest();
    }
    setBusy(false);
  };
  const name = spoken(role.name);
  return (
    <Drawer
      open
      onClose={close}
      size={900}
      title={t('roles.edit', { role: name })}
      footer={
        <Form form={form} layout="vertical" onFinish={(typed) => void save(typed)}>
          {changed && (
            <div className="role-changes" aria-live="polite">
              {given.length > 0 && <p>{t('roles.willGive', { rights: words(given) })}</p>}
              {taken.length > 0 && <p>{t('roles.willTake', { rights: words(taken) })}</p>}
            </div>
          )}
          <Form.Item
            name="reason"
            label={t('confirm.reason')}
            rules={[{ required: true, whitespace: true, min: 2, message: t('roles.reason.rule') }]}
          >
            <Input maxLength={200} disabled={!changed} />
          </Form.Item>
          {error !== undefined && <ProblemNotice error={error} />}
          <div className="form-foot">
            <Button type="primary" htmlType="submit" loading={busy} disabled={!changed}>
              {t('thing.save')}
            </Button>
            <Button onClick={close}>{t('thing.cancel')}</Button>
            {Object.keys(role.shipped).length > 0 && (
              <span className="form-foot-end">
                <ConfirmButton
                  danger
                  reason
                  title={t('roles.reset')}
                  consequence={t('roles.reset.consequence', { role: name })}
                  act={async (reason) => {
                    await api.POST('/api/v1/roles/{role}/reset', { ...path, body: { reason } });
                    await done();
                  }}
                >
                  {t('roles.reset')}
                </ConfirmButton>
              </span>
            )}
          </div>
        </Form>
      }
    >
      <p className="quiet">{t('roles.words')}</p>
      <div className="role-dangers" aria-live="polite">
        {dangers.map(({ danger, resources }) => (
          <Alert
            key={danger}
            type="warning"
            showIcon
            title={t(`roles.danger.${danger}`, {
              resources: resources.map((id) => label(table.resources, id)).join(t('list.comma')),
            })}
          />
        ))}
      </div>
      <div className="role-scroll">
        <table className="role-grid">
          <thead>
            <tr>
              <th scope="col">{t('roles.resource')}</th>
              {table.actions.map(({ id, name: action }) => (
                <th key={id} scope="col">
                  {spoken(action)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {table.resources.map(({ id: resource, name: what }) => (
              <tr key={resource}>
                <th scope="row">{spoken(what)}</th>
                {table.actions.map(({ id: action, name: how }) => {
                  const never = (role.never as RoleRights)[resource]?.includes(action) ?? false;
                  const on = draft[resource]?.includes(action) ?? false;
                  const was = base[resource]?.includes(action) ?? false;
                  const { given: more, taken: less } = differs({ rights: draft, shipped: role.shipped }, resource);
                  const odd = on !== was || more.includes(action) || less.includes(action);
                  return (
                    <td key={action} className={odd ? 'odd' : undefined}>
                      {never ? (
                        <span className="quiet" title={t('roles.never')}>
                          {t('roles.neverSign')}
                          <span className="heard">{t('roles.never')}</span>
                        </span>
                      ) : (
                        <Checkbox
                          checked={on}
                          aria-label={t('roles.oneRight', { resource: spoken(what), action: spoken(how) })}
                          onChange={({ target }) => toggle(resource, action, target.checked)}
                        />
                      )}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Drawer>
  );
}
