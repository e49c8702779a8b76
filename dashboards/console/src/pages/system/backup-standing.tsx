import { Progress } from 'antd';
import { lazy, Suspense } from 'react';
import type { Answer } from '../../api/client.ts';
import { t } from '../../language.ts';
import type { Tone } from '../../look/tokens.ts';
import { Mark, type Shape } from '../../parts/mark.tsx';
import { Ago } from '../../parts/time.tsx';
import { megabytes } from './backup-runs.tsx';

const Copyable = lazy(() => import('../../parts/copyable.tsx'));
const MAKE_A_KEY = 'openssl rand -hex 32';

type Standing = Answer<'BackupStanding'>;

const SIGNS: Readonly<Record<Standing['state'], readonly [Tone, Shape]>> = {
  ok: ['good', 'disc'],
  none: ['warning', 'ring'],
  overdue: ['bad', 'triangle'],
  failed: ['bad', 'cross'],
  noKey: ['bad', 'square'],
};

/** The sentence first: is there a backup, how old, how large, was it read back. */
export function BackupStanding({ standing }: { standing: Standing }) {
  const { state, lastGood, lastError, running, dailyAt, keep, folder } = standing;
  const [tone, shape] = SIGNS[state];
  return (
    <section className="sheet">
      <p className="backup-state" role="status">
        <Mark tone={tone} shape={shape} label={t(`backup.state.${state}`)} />
        <span>
          <span className="quiet">{t('backup.lastGood')}</span>{' '}
          {lastGood ? <Ago at={lastGood.startedAt} /> : t('backup.never')}
          {lastGood && ` · ${megabytes(lastGood.bytes)} · ${t('backup.checked')}`}
        </span>
      </p>
      {state === 'failed' && lastError && <p role="alert">{lastError}</p>}
      {state === 'noKey' ? (
        <div role="alert">
          <p>{t('backup.noKeyWhat')}</p>
          <p>{t('backup.noKeyHow')}</p>
          <Suspense>
            <Copyable text={MAKE_A_KEY} words={MAKE_A_KEY} />
          </Suspense>
        </div>
      ) : (
        <>
          <p>{dailyAt === 'off' ? t('backup.off', { keep }) : t('backup.daily', { at: dailyAt, keep })}</p>
          <p className="quiet">{t('backup.folder', { folder })}</p>
        </>
      )}
      {running && (
        <div role="status">
          <Progress percent={100} status="active" showInfo={false} aria-label={t('backup.make')} />
          {running.checking
            ? t('backup.checking')
            : t('backup.running', { rows: running.rows.toLocaleString(), files: running.files })}
        </div>
      )}
    </section>
  );
}
