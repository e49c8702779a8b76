import { Link } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import type { Answer } from '../../api/client.ts';
import { t } from '../../language.ts';
import { exactTime } from '../../parts/time.tsx';

const Copyable = lazy(() => import('../../parts/copyable.tsx'));

/** What a restore needs, and the commands that try it and do it. */
export function BackupHow({ standing }: { standing: Answer<'BackupStanding'> }) {
  const { folder, lastGood, secretKeyId, snapshots } = standing;
  const newest = snapshots.at(-1);
  const file = `${folder}/${lastGood?.file ?? '….cgwbak'}`;
  const commands = [
    [t('backup.howVerify'), `npx cgw restore --verify ${file}`],
    [t('backup.howRestore'), `CGW_DATA_DIR=/srv/cgw-new npx cgw restore ${file}`],
  ] as const;
  return (
    <section className="sheet">
      <h2>{t('backup.how')}</h2>
      <p>{t('backup.keep', { id: secretKeyId })}</p>
      {commands.map(([words, command]) => (
        <div key={command} className="backup-command">
          <span>{words}</span>
          <Suspense>
            <Copyable text={command} words={command} />
          </Suspense>
        </div>
      ))}
      <p>
        <Link to="/help/$guide" params={{ guide: 'backup' }}>
          {t('backup.howGuide')}
        </Link>
      </p>
      {newest && <p className="quiet">{t('backup.snapshots', { n: snapshots.length, at: exactTime(newest) })}</p>}
    </section>
  );
}
