import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Answer } from '../../api/client.ts';
import { t, tCode } from '../../language.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { Mark } from '../../parts/mark.tsx';
import { type Progress, readProgress } from './progress.ts';
import { say } from './words.ts';

type Vendor = Answer<'Vendor'>;
interface Step {
  readonly title: string;
  readonly done: boolean;
  /** True facts about it. */
  readonly facts: ReactNode;
  /** What to do; only shown while it is not done. */
  readonly next?: ReactNode;
}

/** The way into service as a checklist: what is true, and the next action. */
export function Steps({ vendor }: { vendor: Vendor }) {
  const progress = useQuery({
    queryKey: ['devices', 'vendor-progress', vendor.id],
    queryFn: () => readProgress(vendor.id),
    refetchInterval: 30_000,
  });
  return (
    <section className="sheet">
      <h2>{t('steps.title')}</h2>
      <Loaded query={progress}>
        {(data) => {
          const steps = stepsOf(vendor, data);
          const current = steps.findIndex(({ done }) => !done);
          return (
            <ol className="steps">
              {steps.map(({ title, done, facts, next }, index) => (
                <li
                  key={title}
                  className={index === current ? 'now' : ''}
                  aria-current={index === current ? 'step' : false}
                >
                  <span className="step-mark">
                    {done ? (
                      <Mark tone="good" shape="disc" label={t('steps.done')} bare />
                    ) : (
                      <Mark
                        tone={index === current ? 'warning' : 'none'}
                        shape={index === current ? 'triangle' : 'ring'}
                        label={t(index === current ? 'steps.now' : 'steps.later')}
                        bare
                      />
                    )}
                  </span>
                  <div>
                    <h3>
                      {index + 1}. {title}
                    </h3>
                    <div className="quiet">{facts}</div>
                    {!done && next && <div className="step-next">{next}</div>}
                  </div>
                </li>
              ))}
            </ol>
          );
        }}
      </Loaded>
    </section>
  );
}

function stepsOf(vendor: Vendor, { types, counts, heard, trials, moreTrials }: Progress): Step[] {
  const { access } = vendor;
  const approved = types.some(({ state }) => state === 'approved');
  const registered = counts.pending + counts.trial + counts.active + counts.suspended;
  const usesReady = types.length === 0 && registered > 0;
  return [
    {
      title: t('steps.company'),
      done: access.open,
      facts: access.open
        ? access.endsOn && t('steps.company.until', { day: access.endsOn, n: access.daysLeft ?? 0 })
        : tCode('access', access.reason ?? 'unknown'),
      next: t('steps.company.next'),
    },
    {
      title: t('steps.key'),
      done: vendor.hasKey || heard,
      facts: t('steps.key.facts'),
      next: <Link to="/vendor/keys">{t('steps.key.next')}</Link>,
    },
    {
      title: t('steps.type'),
      done: approved || usesReady,
      facts: usesReady
        ? t('steps.type.ready')
        : types.map(({ id, state }) => (
            <div key={id}>
              <Link to="/types/$id" params={{ id }}>
                {id}
              </Link>{' '}
              {tCode('version', state)}
            </div>
          )),
      next: typeNext(types),
    },
    {
      title: t('steps.device'),
      done: registered > 0,
      facts: registered > 0 ? t('steps.device.facts', { ...counts }) : t('steps.device.none'),
      next: <Link to="/devices/new">{t('steps.device.next')}</Link>,
    },
    {
      title: t('steps.message'),
      done: heard,
      facts: heard ? t('steps.message.heard') : t('steps.message.none'),
      next:
        counts.pending > 0 && counts.trial + counts.active === 0 ? (
          t('steps.message.pending')
        ) : (
          <Link to="/vendor/validator">{t('steps.message.next')}</Link>
        ),
    },
    {
      title: t('steps.trial'),
      done: counts.trial === 0 && counts.active > 0,
      facts: <Trials trials={trials} more={moreTrials} />,
      next:
        trials.length > 0 &&
        (trials.every(({ state }) => state === 'met') ? t('steps.trial.met') : t('steps.trial.next')),
    },
    {
      title: t('steps.live'),
      done: counts.active > 0,
      facts: t('steps.live.facts', { n: counts.active }),
      next: t('steps.live.next'),
    },
  ];
}

function typeNext(types: Progress['types']): ReactNode {
  const draft = types.find(({ state }) => state === 'draft' || state === 'rejected');
  if (draft) {
    return (
      <Link to="/types/$id" params={{ id: draft.id }}>
        {t(draft.state === 'draft' ? 'steps.type.submit' : 'steps.type.mend')}
      </Link>
    );
  }
  if (types.some(({ state }) => state === 'submitted')) return t('steps.type.waits');
  return <Link to="/types">{t('steps.type.next')}</Link>;
}

function Trials({ trials, more }: { trials: Progress['trials']; more: number }) {
  return (
    <>
      {trials.map(({ deviceId, state, checks, returned }) => (
        <div key={deviceId}>
          <Link to="/devices/$id" params={{ id: deviceId }}>
            {deviceId}
          </Link>{' '}
          {t('steps.trial.checks', { n: checks.filter(({ ok }) => ok).length, all: checks.length })} ·{' '}
          {tCode('trial', state)}
          {returned && <p>{t('steps.trial.returned', { reason: returned.reason })}</p>}
          <ul className="fields">
            {checks
              .filter(({ ok }) => !ok)
              .map(({ name, title, wanted, seen, advice }) => (
                <li key={name}>
                  {t('steps.trial.check', { title: say(title), wanted: say(wanted), seen: say(seen) })}
                  {advice && ` ${say(advice)}`}
                </li>
              ))}
          </ul>
        </div>
      ))}
      {more > 0 && t('steps.trial.more', { n: more })}
    </>
  );
}
