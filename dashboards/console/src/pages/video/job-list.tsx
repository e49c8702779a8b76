import { Link } from '@tanstack/react-router';
import { Button, Progress } from 'antd';
import { t, tCode } from '../../language.ts';
import { Mark } from '../../parts/mark.tsx';
import { Nothing } from '../../parts/nothing.tsx';
import { Ago } from '../../parts/time.tsx';
import { useCancel } from './jobs.ts';
import type { CameraJob, Found } from './target.ts';

interface JobListProps {
  readonly jobs: readonly CameraJob[];
  readonly job: CameraJob | undefined;
  readonly show: (id: string) => void;
  readonly found: (found: Found) => void;
  readonly looked: (job: CameraJob) => void;
}

/** What was searched lately and what was found; still there when the page is loaded anew. */
export function JobList({ jobs, job, show, found, looked }: JobListProps) {
  const cancel = useCancel();
  return (
    <>
      {job && job.kind !== 'probe' && (
        <div>
          {job.state === 'running' && (
            <p role="status">
              {t('onboard.searching', { target: tCode('onboard.job', job.target) })}
              <Progress percent={percentOf(job)} size="small" aria-label={t('onboard.search')} />
              <Button size="small" onClick={() => cancel.mutate(job.id)}>
                {t('onboard.cancel')}
              </Button>
            </p>
          )}
          {job.error !== null && <p className="clip-failed">{job.error}</p>}
          {job.found.length > 0 && <p>{t('onboard.found', { n: job.found.length })}</p>}
          {job.state !== 'running' && job.found.length === 0 && <Nothing title={t('onboard.foundNone')} />}
          <ul className="onboard-found">
            {job.found.map((one) => (
              <OneFound
                key={`${one.address} ${one.facts.xaddr ?? one.facts.rtspPort ?? ''}`}
                found={one}
                choose={found}
              />
            ))}
          </ul>
        </div>
      )}
      {jobs.length > 0 && (
        <>
          <h3>{t('onboard.jobs')}</h3>
          <ul className="onboard-found">
            {jobs.map((one) => (
              <li key={one.id}>
                <span>{tCode('onboard.job', one.kind)}</span>
                <span>{tCode('onboard.job', one.target)}</span>
                <JobMark job={one} />
                <Ago at={one.startedAt} />
                <Button size="small" onClick={() => (one.kind === 'probe' ? looked(one) : show(one.id))}>
                  {t('onboard.look')}
                </Button>
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

const percentOf = ({ progress }: CameraJob) =>
  progress && progress.total > 0 ? Math.min(99, Math.round((progress.done / progress.total) * 100)) : 0;

function JobMark({ job: { state, kind, result, found } }: { job: CameraJob }) {
  const label = tCode('onboard.job', state);
  if (state === 'running') return <Mark tone="odd" shape="ring" label={label} />;
  if (kind === 'probe' && result)
    return result.ok ? (
      <Mark tone="good" shape="disc" label={t('onboard.ok')} />
    ) : (
      <Mark tone="bad" shape="square" label={tCode('reason', result.reason)} />
    );
  const bad = state === 'failed';
  return (
    <Mark
      tone={bad ? 'bad' : 'none'}
      shape={bad ? 'square' : 'disc'}
      label={`${label} · ${t('onboard.found', { n: found.length })}`}
    />
  );
}

function OneFound({ found, choose }: { found: Found; choose: (found: Found) => void }) {
  const { address, name, facts, registered, deviceId } = found;
  return (
    <li>
      <b>{address}</b>
      <span>{name ?? facts.hardware ?? ''}</span>
      <span className="quiet">{facts.location ?? ''}</span>
      <span className="quiet">
        {facts.xaddr ? new URL(facts.xaddr).host : facts.rtspPort ? `RTSP ${facts.rtspPort}` : ''}
      </span>
      {registered && <Mark tone="good" shape="disc" label={t('onboard.registered')} />}
      {facts.allowed === 'no' && <Mark tone="warning" shape="triangle" label={t('onboard.notAllowed')} />}
      {deviceId ? (
        <Link to="/devices/$id" params={{ id: deviceId }}>
          {t('onboard.alreadyLink')}
        </Link>
      ) : (
        <Button size="small" type="primary" disabled={facts.allowed === 'no'} onClick={() => choose(found)}>
          {t('onboard.choose')}
        </Button>
      )}
    </li>
  );
}
