import { useQueryClient } from '@tanstack/react-query';
import { App, Button, Input, Select } from 'antd';
import { useState } from 'react';
import { type Answer, api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { t, tCode } from '../../language.ts';
import { ConfirmButton } from '../../parts/confirm.tsx';
import { useFilters } from '../../parts/filters.ts';
import { inWords } from '../../parts/in-words.ts';
import { Mark } from '../../parts/mark.tsx';
import { StateMark } from '../../parts/marks.tsx';
import { useNames } from '../../parts/names.ts';
import { Page } from '../../parts/page.tsx';
import { ServerTable } from '../../parts/server-table.tsx';
import { AlarmRuleForm } from './alarm-rule-form.tsx';
import { useDeviceTypes } from './scope-fields.tsx';
import { durationSaid } from './setting-words.ts';
import './rules.css';

type Rule = Answer<'AlarmRule'>;
export const SCOPES = ['type', 'module', 'org', 'site', 'device'] as const;

/** Rules laid over the alarms of device types, newest first. */
export default function AlarmRules() {
  const may = useMay();
  const queries = useQueryClient();
  const { message } = App.useApp();
  const [filters, change] = useFilters();
  const [editing, setEditing] = useState<Rule | 'new' | null>(null);
  const types = useDeviceTypes();
  const names = { module: useNames('modules').name, org: useNames('orgs').name, site: useNames('sites').name };
  const scope = SCOPES.find((one) => one === filters.scope);
  const { deviceType, code } = filters;
  const query = { ...(scope && { scope }), ...(deviceType && { deviceType }), ...(code && { code }) };
  const again = () => queries.invalidateQueries({ queryKey: ['lists', 'alarm-rules'] });
  const scopeName = ({ scope: kind, scopeId }: Rule) =>
    kind === 'type' ? types.name(scopeId) : kind === 'device' ? scopeId : names[kind](scopeId);
  const add = may('alarmRules', 'create') && (
    <Button type="primary" onClick={() => setEditing('new')}>
      {t('alarmRules.add')}
    </Button>
  );
  const columns = [
    {
      title: t('alarmRules.code'),
      key: 'code',
      render: (_: unknown, rule: Rule) => (
        <button type="button" className="as-link" onClick={() => setEditing(rule)}>
          {rule.title ? inWords(rule.title) : tCode('fault', rule.code)}
        </button>
      ),
    },
    { title: t('alarmRules.type'), key: 'type', render: (_: unknown, rule: Rule) => types.name(rule.deviceType) },
    {
      title: t('alarmRules.scope'),
      key: 'scope',
      render: (_: unknown, rule: Rule) => `${tCode('ruleScope', rule.scope)} ${scopeName(rule)}`,
    },
    {
      title: t('alarmRules.when'),
      key: 'when',
      render: (_: unknown, { when, pair }: Rule) =>
        pair ? (
          t('alarmRules.pair')
        ) : when ? (
          <code>{when}</code>
        ) : (
          <span className="quiet">{t('alarmRules.asWider')}</span>
        ),
    },
    {
      title: t('alarmRules.for'),
      key: 'for',
      render: (_: unknown, { forMs }: Rule) => (forMs === null ? '—' : durationSaid(forMs)),
    },
    {
      title: t('incidents.severity'),
      key: 'severity',
      render: (_: unknown, { severity }: Rule) => (severity ? <StateMark of="severity" code={severity} /> : '—'),
    },
    {
      title: t('alarmRules.enabled'),
      key: 'enabled',
      render: (_: unknown, { enabled }: Rule) => (
        <Mark
          tone={enabled === false ? 'none' : 'good'}
          shape={enabled === false ? 'bar' : 'disc'}
          label={t(enabled === false ? 'alarmRules.off' : 'alarmRules.on')}
        />
      ),
    },
    {
      title: '',
      key: 'acts',
      render: (_: unknown, { id, enabled }: Rule) => (
        <span className="filters">
          {may('alarmRules', 'update') && (
            <ConfirmButton
              size="small"
              reason
              title={t(enabled === false ? 'alarmRules.enable' : 'alarmRules.disable')}
              consequence={t(enabled === false ? 'alarmRules.enable.what' : 'alarmRules.disable.what')}
              act={async (reason) => {
                await api.PATCH('/api/v1/alarm-rules/{id}', {
                  params: { path: { id } },
                  body: { enabled: enabled === false, reason },
                });
                void message.success(t('thing.saved'));
                await again();
              }}
            >
              {t(enabled === false ? 'alarmRules.enable' : 'alarmRules.disable')}
            </ConfirmButton>
          )}
          {may('alarmRules', 'remove') && (
            <ConfirmButton
              size="small"
              danger
              reason
              title={t('alarmRules.remove')}
              consequence={t('alarmRules.remove.what')}
              act={async (reason) => {
                await api.DELETE('/api/v1/alarm-rules/{id}', { params: { path: { id }, query: { reason } } });
                await again();
              }}
            >
              {t('thing.remove')}
            </ConfirmButton>
          )}
        </span>
      ),
    },
  ];
  return (
    <Page title={t('nav.alarmRules')} guide="alarm-rules" actions={add}>
      <p className="quiet">{t('alarmRules.rule')}</p>
      <div className="filters">
        <Select
          allowClear
          className="filter-select"
          placeholder={t('alarmRules.scope')}
          aria-label={t('alarmRules.scope')}
          popupMatchSelectWidth={false}
          {...(scope && { value: scope })}
          onChange={(next?: string) => change({ scope: next })}
          options={SCOPES.map((one) => ({ value: one, label: tCode('ruleScope', one) }))}
        />
        <Select
          allowClear
          showSearch={{ optionFilterProp: 'label' }}
          className="setting-wide"
          placeholder={t('alarmRules.type')}
          aria-label={t('alarmRules.type')}
          popupMatchSelectWidth={false}
          {...(deviceType && { value: deviceType })}
          onChange={(next?: string) => change({ deviceType: next })}
          options={types.options}
        />
        <Input.Search
          className="filter-words"
          allowClear
          placeholder={t('alarmRules.codeFilter')}
          aria-label={t('alarmRules.codeFilter')}
          defaultValue={code ?? ''}
          onSearch={(text) => change({ code: text.trim() })}
        />
      </div>
      <ServerTable<Rule>
        of={['lists', 'alarm-rules', query]}
        rowKey="id"
        columns={columns}
        read={(page) => body(api.GET('/api/v1/alarm-rules', { params: { query: { ...query, ...page } } }))}
        empty={{ title: t('alarmRules.none'), next: add || undefined }}
      />
      {editing !== null && (
        <AlarmRuleForm rule={editing === 'new' ? null : editing} close={() => setEditing(null)} again={again} />
      )}
    </Page>
  );
}
