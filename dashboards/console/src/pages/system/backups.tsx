import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button } from 'antd';
import { type Answer, api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { t } from '../../language.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { Page } from '../../parts/page.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { ServerTable } from '../../parts/server-table.tsx';
import { BackupHow } from './backup-how.tsx';
import { BACKUP_COLUMNS } from './backup-runs.tsx';
import { BackupStanding } from './backup-standing.tsx';
import './backups.css';

const STANDING = ['lists', 'backups', 'standing'];
const WHILE_RUNNING_MS = 1_000;
const OTHERWISE_MS = 30_000;

/** Whether there is a backup to rely on, what to do when not, and every one that was made. */
export default function Backups() {
  const queries = useQueryClient();
  const may = useMay();
  const again = () => queries.invalidateQueries({ queryKey: ['lists', 'backups'] });
  const state = useQuery({
    queryKey: STANDING,
    queryFn: async () => {
      const answer = await body(api.GET('/api/v1/system/backups', { params: { query: { limit: 1 } } }));
      const { standing } = answer;
      const before = queries.getQueryData<typeof standing>(STANDING);
      // The list is as of another moment; what has just ended belongs into it.
      if (before && before.running?.id !== standing.running?.id)
        void queries.invalidateQueries({ queryKey: ['lists', 'backups', 'runs'] });
      return standing;
    },
    refetchInterval: ({ state: { data } }) => (data?.running ? WHILE_RUNNING_MS : OTHERWISE_MS),
  });
  const make = useMutation({
    mutationFn: () => body(api.POST('/api/v1/system/backups')),
    onSettled: again,
  });
  const running = state.data?.running ?? null;
  return (
    <Page
      title={t('nav.backups')}
      guide="backup"
      actions={
        may('settings', 'update') &&
        state.data?.keySet && (
          <Button type="primary" loading={make.isPending || running !== null} onClick={() => make.mutate()}>
            {t('backup.make')}
          </Button>
        )
      }
    >
      {make.error && <ProblemNotice error={make.error} />}
      <Loaded query={state}>
        {(standing) => (
          <>
            <BackupStanding standing={standing} />
            <h2>{t('backup.runs')}</h2>
            <ServerTable<Answer<'BackupRun'>>
              of={['lists', 'backups', 'runs']}
              rowKey="id"
              columns={BACKUP_COLUMNS()}
              limit={20}
              read={(page) => body(api.GET('/api/v1/system/backups', { params: { query: page } }))}
              empty={{ title: t('backup.empty') }}
            />
            <BackupHow standing={standing} />
          </>
        )}
      </Loaded>
    </Page>
  );
}
