import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useBlocker } from '@tanstack/react-router';
import { App, Button } from 'antd';
import { useState } from 'react';
import { api, body } from '../../api/client.ts';
import { besideField, Problem } from '../../api/problem.ts';
import { useMay } from '../../app/rights.ts';
import { t, tCode } from '../../language.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { Page } from '../../parts/page.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { SettingRow } from './setting-row.tsx';
import { GROUPS, type SettingName, type Spec, same, type Values } from './settings-spec.ts';
import './rules.css';
import './settings.css';

/** Every setting by subject: what it is, what it was made as, and what is about to change. */
export default function Settings() {
  const settings = useQuery({ queryKey: ['settings'], queryFn: () => body(api.GET('/api/v1/settings')) });
  return (
    <Page
      title={t('nav.settings')}
      guide="admin-guide"
      actions={<Link to="/system/rosters">{t('settings.toCalendar')}</Link>}
    >
      <Loaded query={settings}>{(values) => <AllGroups values={values} />}</Loaded>
    </Page>
  );
}

function AllGroups({ values }: { values: Values }) {
  const may = useMay();
  const queries = useQueryClient();
  const { message } = App.useApp();
  const [draft, setDraft] = useState<Readonly<Partial<Record<SettingName, unknown>>>>({});
  const changed = Object.fromEntries(
    Object.entries(draft).filter(([name, value]) => !same(value, values[name as SettingName])),
  );
  const n = Object.keys(changed).length;
  const save = useMutation({
    mutationFn: () => body(api.PUT('/api/v1/settings', { body: changed })),
    onSuccess: async (next) => {
      queries.setQueryData(['settings'], next);
      setDraft({});
      void message.success(t('settings.saved', { n }));
    },
  });
  useBlocker({
    shouldBlockFn: () => n > 0 && !window.confirm(t('settings.leave', { n })),
    enableBeforeUnload: () => n > 0,
  });
  const fields = save.error instanceof Problem ? save.error.fields : [];
  const editable = may('settings', 'update');
  return (
    <div className="settings">
      <nav className="settings-index" aria-label={t('settings.index')}>
        {Object.entries(GROUPS).map(([group, specs]) => {
          const touched = Object.keys(specs).filter((name) => name in changed).length;
          return (
            <a key={group} href={`#group-${group}`}>
              {tCode('settingGroup', group)} {touched > 0 && <b>{touched}</b>}
            </a>
          );
        })}
      </nav>
      <div className="settings-groups">
        {save.error && <ProblemNotice error={save.error} />}
        {Object.entries(GROUPS).map(([group, specs]) => (
          <section key={group} id={`group-${group}`} className="sheet">
            <h2>{tCode('settingGroup', group)}</h2>
            {(Object.entries(specs) as [SettingName, Spec][]).map(([name, spec]) => (
              <SettingRow
                key={name}
                name={name}
                spec={spec}
                saved={values[name]}
                value={name in draft ? draft[name] : values[name]}
                problem={fields.filter(({ path }) => path.split('/')[1] === name).map(besideField)}
                change={editable ? (value) => setDraft((before) => ({ ...before, [name]: value })) : undefined}
              />
            ))}
          </section>
        ))}
      </div>
      {n > 0 && (
        <div className="settings-bar" role="status">
          <span>
            {t('settings.unsaved', { n })}{' '}
            <span className="quiet">
              {Object.keys(changed)
                .map((name) => tCode('setting', name))
                .join(t('rules.and'))}
            </span>
          </span>
          <Button onClick={() => setDraft({})}>{t('settings.drop')}</Button>
          <Button type="primary" loading={save.isPending} onClick={() => save.mutate()}>
            {t('settings.save')}
          </Button>
        </div>
      )}
    </div>
  );
}
