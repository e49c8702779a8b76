import type { TableProps } from 'antd';
import type { Answer } from '../../api/client.ts';
import { t } from '../../language.ts';
import { Mark } from '../../parts/mark.tsx';
import { exactTime, lengthOf } from '../../parts/time.tsx';

type Run = Answer<'BackupRun'>;

export const megabytes = (bytes: number | null): string =>
  (bytes ?? 0) < 1e6 ? `${Math.ceil((bytes ?? 0) / 1e3)} KB` : `${((bytes ?? 0) / 1e6).toFixed(1)} MB`;

/** What a list of backups shows; read at render, since the language may change. */
export const BACKUP_COLUMNS = (): NonNullable<TableProps<Run>['columns']> => [
  { title: t('backup.begun'), key: 'begun', render: (_, { startedAt }) => exactTime(startedAt) },
  { title: t('backup.by'), key: 'by', render: (_, { trigger }) => t(`backup.trigger.${trigger}`) },
  { title: t('backup.outcome'), key: 'outcome', width: 320, render: (_, run) => <Outcome run={run} /> },
  {
    title: t('backup.took'),
    key: 'took',
    align: 'right',
    render: (_, { startedAt, endedAt }) => (endedAt ? lengthOf(Date.parse(endedAt) - Date.parse(startedAt)) : '—'),
  },
  {
    title: t('backup.size'),
    key: 'size',
    align: 'right',
    render: (_, { bytes }) => (bytes === null ? '—' : megabytes(bytes)),
  },
  {
    title: t('backup.contents'),
    key: 'contents',
    render: (_, { rows, tables, files }) =>
      rows === null
        ? '—'
        : t('backup.contentsOf', {
            tables: Object.keys(tables ?? {}).length,
            rows: rows.toLocaleString(),
            files: files ?? 0,
          }),
  },
  {
    title: t('backup.file'),
    key: 'file',
    render: (_, { file, state }) =>
      file ?? <span className="quiet">{state === 'done' ? t('backup.fileGone') : '—'}</span>,
  },
];

function Outcome({ run: { state, error, checkedAt } }: { run: Run }) {
  if (state === 'running') return <Mark tone="none" shape="ring" label={t('backup.run.running')} />;
  if (state === 'failed') {
    return (
      <>
        <Mark tone="bad" shape="cross" label={t('backup.run.failed')} /> <span className="backup-why">{error}</span>
      </>
    );
  }
  return (
    <>
      <Mark tone="good" shape="disc" label={t('backup.run.done')} />{' '}
      {checkedAt && <span className="quiet">{t('backup.checked')}</span>}
    </>
  );
}
