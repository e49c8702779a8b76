import { Link } from '@tanstack/react-router';
import { Alert, Button, Form, Progress, Radio } from 'antd';
import { useState } from 'react';
import { t, tCode } from '../../language.ts';
import { ProblemNotice } from '../../parts/problem.tsx';
import { lengthOf } from '../../parts/time.tsx';
import { useBegin, useCancel } from './jobs.ts';
import { LoginFields } from './login-fields.tsx';
import { type CameraJob, connectionOf, type Findings, type Login, type Target, words } from './target.ts';

interface LookProps {
  readonly target: Target;
  readonly login: Login;
  /** The last look at it; undefined = none yet. */
  readonly job: CameraJob | undefined;
  readonly looked: (login: Login, job: CameraJob) => void;
  readonly back: () => void;
  /** What is registered: the whole camera, or one of its streams. */
  readonly next: (target: Target, findings: Findings) => void;
}
const WHOLE = 'whole';

/** Second step: log in, see what the camera says of itself, choose what is registered. */
export function Look({ target, login, job, looked, back, next }: LookProps) {
  const [form] = Form.useForm<Login>();
  const [typed, setTyped] = useState(login);
  const [stream, setStream] = useState(WHOLE);
  const begin = useBegin((first) => looked(typed, first));
  const cancel = useCancel();
  const result = job?.result ?? null;
  const running = begin.isPending || job?.state === 'running';
  // The page was loaded anew since: the gateway gives no password back.
  const needsLogin = result?.ok === true && login.password === '' && login.username === '';
  const go = (values: Login) => {
    const now = { username: values.username ?? '', password: values.password ?? '' };
    setTyped(now);
    begin.mutate([{ kind: 'probe', connection: connectionOf(target, now) }]);
  };
  const chosen: Target = stream === WHOLE ? target : { protocol: 'rtsp', url: stream };
  return (
    <section className="sheet onboard-look">
      <h2>{words(target)}</h2>
      <Form form={form} layout="vertical" initialValues={login} onFinish={go}>
        <LoginFields />
        <Button type={result?.ok ? 'default' : 'primary'} htmlType="submit" loading={running}>
          {result ? t('onboard.relogin') : t('onboard.probe')}
        </Button>
      </Form>
      {begin.isError && <ProblemNotice error={begin.error} />}
      {job?.state === 'running' && (
        <div role="status">
          {t('onboard.probing', { target: words(target) })}
          <Progress percent={100} status="active" showInfo={false} size="small" aria-label={t('onboard.probe')} />
          <Button size="small" onClick={() => cancel.mutate(job.id)}>
            {t('onboard.cancel')}
          </Button>
        </div>
      )}
      {job?.error && <Alert type="error" showIcon title={job.error} />}
      {result && (
        <Outcome whole={target} result={result} stream={stream} setStream={setStream} needsLogin={needsLogin} />
      )}
      <div className="onboard-acts">
        <Button onClick={back}>{t('onboard.back')}</Button>
        {result && (
          <Button type="primary" disabled={!result.ok || running} onClick={() => next(chosen, result)}>
            {t('onboard.next')}
          </Button>
        )}
      </div>
    </section>
  );
}

interface OutcomeProps {
  readonly whole: Target;
  readonly result: Findings;
  readonly stream: string;
  readonly setStream: (stream: string) => void;
  readonly needsLogin: boolean;
}

function Outcome({ whole, result, stream, setStream, needsLogin }: OutcomeProps) {
  const { ok, reason, detail, clockOffsetMs, streams, deviceId, registered } = result;
  const own = tCode('onboard.remedy', reason);
  const remedy = own === reason ? tCode('live.remedy', reason) : own;
  if (!ok)
    return (
      <Alert
        type="error"
        showIcon
        title={t('onboard.failed', { reason: tCode('reason', reason) })}
        description={remedy === reason ? detail : remedy}
      />
    );
  // ONVIF only: what is named by its RTSP address has one stream anyway.
  const loses = whole.protocol === 'onvif' && stream !== WHOLE;
  return (
    <>
      {registered && (
        <Alert
          type="warning"
          showIcon
          title={t('onboard.already')}
          action={
            deviceId && (
              <Link to="/devices/$id" params={{ id: deviceId }}>
                {t('onboard.alreadyLink')}
              </Link>
            )
          }
        />
      )}
      <Alert
        type="success"
        showIcon
        title={t('onboard.ok')}
        description={needsLogin ? t('onboard.loginAgain') : undefined}
      />
      <dl className="two">
        <dt>{t('video.model')}</dt>
        <dd>{[result.manufacturer, result.model].filter(Boolean).join(' ') || '—'}</dd>
        <dt>{t('onboard.serial')}</dt>
        <dd>{result.serial ?? '—'}</dd>
        <dt>{t('onboard.firmware')}</dt>
        <dd>{result.firmware ?? '—'}</dd>
        <dt>{t('onboard.ptz')}</dt>
        <dd>{t(result.ptz ? 'onboard.yes' : 'onboard.no')}</dd>
        {clockOffsetMs !== null && (
          <>
            <dt>{t('onboard.clock')}</dt>
            <dd>
              {t(clockOffsetMs < 0 ? 'onboard.clock.slow' : 'onboard.clock.fast', {
                length: lengthOf(Math.abs(clockOffsetMs)),
              })}
            </dd>
          </>
        )}
      </dl>
      <h3>{t('onboard.streams')}</h3>
      <Radio.Group
        className="onboard-streams"
        vertical
        value={stream}
        onChange={(event) => setStream(String(event.target.value))}
      >
        <Radio value={WHOLE}>{t('onboard.stream.main')}</Radio>
        {streams.map((one) => (
          <Radio
            key={`${one.role}${one.profile}${one.uri}`}
            value={one.uri ?? ''}
            disabled={one.uri === null || one.reason !== 'ok'}
          >
            {tCode('video.role', one.role)} {one.codec} {one.width !== null && `${one.width}×${one.height}`}{' '}
            {one.fps !== null && t('video.fps', { n: one.fps })} <span className="quiet">{one.uri}</span>
            {one.reason !== 'ok' && <span className="clip-failed"> {tCode('reason', one.reason)}</span>}
            {one.note && <span className="quiet"> {t(`onboard.stream.note.${one.note}`)}</span>}
          </Radio>
        ))}
      </Radio.Group>
      {loses && <Alert type="warning" showIcon title={t('onboard.stream.alone')} />}
    </>
  );
}
