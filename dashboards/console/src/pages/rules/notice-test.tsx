import { useMutation } from '@tanstack/react-query';
import { Button, Checkbox, Form, Select } from 'antd';
import { api, body } from '../../api/client.ts';
import { t, tCode } from '../../language.ts';
import { Mark } from '../../parts/mark.tsx';
import { NamedSelect } from '../../parts/named-select.tsx';
import { Nothing } from '../../parts/nothing.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { FAULTS } from './faults.ts';
import { EVENTS, SEVERITIES } from './notice-rule-form.tsx';

interface MadeUp {
  readonly event: (typeof EVENTS)[number];
  readonly fault: string;
  readonly severity: (typeof SEVERITIES)[number];
  readonly module?: string;
  readonly orgId?: string;
  readonly lifeSafety?: boolean;
}

/** How the rules would read a made-up notice: which fits, and what speaks against the others. Nothing is sent. */
export function NoticeTest() {
  const test = useMutation({
    mutationFn: ({ module, orgId, ...rest }: MadeUp) =>
      body(
        api.POST('/api/v1/notification-rules/test', {
          body: { ...rest, ...(module && { module }), ...(orgId && { orgId }) },
        }),
      ),
  });
  return (
    <section className="sheet notice-test">
      <h2>{t('notify.test')}</h2>
      <p className="quiet">{t('notify.test.what')}</p>
      <Form<MadeUp>
        layout="inline"
        initialValues={{ event: 'firing', fault: 'offline', severity: 'major', lifeSafety: false }}
        onFinish={(input) => test.mutate(input)}
      >
        <Form.Item name="event" label={t('notify.events')}>
          <Select
            popupMatchSelectWidth={false}
            options={EVENTS.map((one) => ({ value: one, label: tCode('noticeEvent', one) }))}
          />
        </Form.Item>
        <Form.Item name="fault" label={t('notify.faults')}>
          <Select
            showSearch={{ optionFilterProp: 'label' }}
            popupMatchSelectWidth={false}
            options={FAULTS.map((one) => ({ value: one, label: tCode('fault', one) }))}
          />
        </Form.Item>
        <Form.Item name="severity" label={t('incidents.severity')}>
          <Select
            popupMatchSelectWidth={false}
            options={SEVERITIES.map((one) => ({ value: one, label: tCode('severity', one) }))}
          />
        </Form.Item>
        <Form.Item name="module" label={t('notify.modules')}>
          <NamedSelect of="modules" className="setting-short" />
        </Form.Item>
        <Form.Item name="orgId" label={t('notify.orgs')}>
          <NamedSelect of="orgs" className="setting-short" />
        </Form.Item>
        <Form.Item name="lifeSafety" valuePropName="checked">
          <Checkbox>{t('incidents.lifeSafety')}</Checkbox>
        </Form.Item>
        <Button htmlType="submit" loading={test.isPending}>
          {t('notify.test.run')}
        </Button>
      </Form>
      {test.error && <ProblemNotice error={test.error} />}
      {test.data && (
        <div aria-live="polite">
          <b>{test.data.title}</b>
          {test.data.rules.length === 0 && <Nothing title={t('notify.noRules')} />}
          <ul className="preview-list">
            {test.data.rules.map(({ ruleId, channelName, channelId, matched, why }) => (
              <li key={ruleId}>
                <Mark
                  tone={matched ? 'good' : 'none'}
                  shape={matched ? 'disc' : 'cross'}
                  label={t(matched ? 'why.matched' : 'why.unmatched')}
                />{' '}
                {channelName ?? channelId} {why && <span className="quiet">{tCode('why', why)}</span>}
              </li>
            ))}
          </ul>
        </div>
      )}
    </section>
  );
}
