import { Button, Form, Input, Segmented } from 'antd';
import { useState } from 'react';
import { t } from '../../language.ts';
import { ProblemNotice } from '../../parts/problem.tsx';
import { JobList } from './job-list.tsx';
import { useBegin } from './jobs.ts';
import { LoginFields } from './login-fields.tsx';
import {
  type CameraJob,
  connectionOf,
  type Found,
  type Login,
  type Target,
  targetOf,
  targetOfFound,
  targetsOf,
} from './target.ts';

const WAYS = ['multicast', 'subnet', 'address', 'rtsp'] as const;
type Way = (typeof WAYS)[number];

interface FindProps {
  /** One may search and look; else only an address is taken. */
  readonly operates: boolean;
  readonly jobs: readonly CameraJob[];
  readonly job: CameraJob | undefined;
  /** Which search is shown. */
  readonly show: (id: string) => void;
  /** A camera is chosen; `job` = it was looked at already. */
  readonly choose: (target: Target, login: Login, job?: CameraJob) => void;
}

interface Typed extends Login {
  readonly cidr: string;
  readonly addresses: string;
  readonly url: string;
}
const NOBODY: Login = { username: '', password: '' };

/** First step: search, or say where the camera is. */
export function Find({ operates, jobs, job, show, choose }: FindProps) {
  const ways = operates ? WAYS : (['address', 'rtsp'] as const);
  const [way, setWay] = useState<Way>(ways[0] ?? 'address');
  const [form] = Form.useForm<Typed>();
  const begin = useBegin((first) => first.kind !== 'probe' && show(first.id));
  const go = ({ cidr, addresses, url, username = '', password = '' }: Typed) => {
    const login = { username, password };
    if (way === 'multicast') return begin.mutate([{ kind: 'multicast' }]);
    if (way === 'subnet') return begin.mutate([{ kind: 'subnet', cidr: cidr.trim() }]);
    const targets = way === 'rtsp' ? [targetOf(url)].filter((one) => one !== null) : targetsOf(addresses).targets;
    const [only] = targets;
    if (only === undefined) return;
    if (!operates) return choose(only, login);
    // One is followed at once; several are looked at side by side in the list below.
    const follow = { onSuccess: ([first]: CameraJob[]) => targets.length === 1 && choose(only, login, first) };
    begin.mutate(
      targets.map((target) => ({ kind: 'probe', connection: connectionOf(target, login) })),
      follow,
    );
  };
  const chooseFound = (found: Found) => {
    const target = targetOfFound(found);
    if (target) choose(target, NOBODY);
  };
  return (
    <section className="sheet">
      <Segmented<Way>
        value={way}
        onChange={setWay}
        options={ways.map((value) => ({ value, label: t(`onboard.way.${value}`) }))}
      />
      <Form form={form} layout="vertical" onFinish={go} className="onboard-form">
        {way === 'multicast' && <p className="quiet">{t('onboard.multicast.hint')}</p>}
        {way === 'subnet' && (
          <>
            <p className="quiet">{t('onboard.subnet.hint')}</p>
            <Form.Item
              name="cidr"
              label={t('onboard.cidr')}
              rules={[{ required: true, pattern: /^\s*\d+(\.\d+){3}\/\d+\s*$/, message: t('onboard.cidr.rule') }]}
            >
              <Input placeholder="192.168.1.0/24" />
            </Form.Item>
          </>
        )}
        {way === 'address' && (
          <Form.Item
            name="addresses"
            label={t('onboard.addresses')}
            extra={t('onboard.addresses.hint')}
            rules={[
              {
                validator: async (_, text: string = '') => {
                  const { targets, wrong } = targetsOf(text);
                  if (wrong.length > 0) throw new Error(wrong.join(' '));
                  if (targets.length === 0) throw new Error(t('onboard.addresses.rule'));
                },
              },
            ]}
          >
            <Input.TextArea rows={3} placeholder="192.168.1.64" />
          </Form.Item>
        )}
        {way === 'rtsp' && (
          <Form.Item
            name="url"
            label={t('onboard.url')}
            extra={t('onboard.url.hint')}
            rules={[{ required: true, pattern: /^\s*rtsps?:\/\/\S+\s*$/i, message: t('onboard.url.rule') }]}
          >
            <Input placeholder="rtsp://" autoComplete="off" />
          </Form.Item>
        )}
        {(way === 'address' || way === 'rtsp') && <LoginFields />}
        <Button type="primary" htmlType="submit" loading={begin.isPending}>
          {way === 'multicast' || way === 'subnet'
            ? t('onboard.search')
            : t(operates ? 'onboard.probe' : 'onboard.next')}
        </Button>
      </Form>
      {begin.isError && <ProblemNotice error={begin.error} />}
      <JobList
        jobs={jobs}
        job={job}
        show={show}
        found={chooseFound}
        looked={(one) => {
          const target = targetOf(one.target);
          if (target)
            choose(
              target,
              form.getFieldValue('password') ? { ...NOBODY, ...form.getFieldsValue(['username', 'password']) } : NOBODY,
              one,
            );
        }}
      />
    </section>
  );
}
