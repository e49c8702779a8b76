import { useQueries } from '@tanstack/react-query';
import { Button, Skeleton, Table } from 'antd';
import { lazy, Suspense, useState } from 'react';
import { type Answer, api } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { t, tCode } from '../../language.ts';
import { ConfirmButton } from '../../parts/confirm.tsx';
import { Mark } from '../../parts/mark.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { Ago } from '../../parts/time.tsx';
import { useRefresh } from './decisions.tsx';
import { readVersion } from './type.tsx';

type Version = Answer<'DeviceTypeVersion'>;
const Diff = lazy(() => import('./diff.tsx'));
const SIGNS = {
  draft: ['none', 'ring'],
  submitted: ['warning', 'diamond'],
  approved: ['good', 'disc'],
  rejected: ['bad', 'cross'],
  superseded: ['none', 'bar'],
} as const;

/** Every version with who decided what and why; two of them side by side; an earlier one brought back. */
export function Versions({ id, versions }: { id: string; versions: readonly Version[] }) {
  const may = useMay();
  const again = useRefresh(id);
  const [shown, setShown] = useState<number | null>(null);
  const roll = async (version: number, reason: string) => {
    await api.POST('/api/v1/device-types/{id}/rollback', { params: { path: { id } }, body: { reason, version } });
    await again();
  };
  return (
    <section className="sheet">
      <h2>{t('versions.title')}</h2>
      <Table<Version>
        size="small"
        rowKey="version"
        pagination={false}
        scroll={{ x: 'max-content' }}
        dataSource={versions}
        columns={[
          { title: t('versions.number'), dataIndex: 'version' },
          {
            title: t('versions.state'),
            render: (_, { state }) => {
              const [tone, shape] = SIGNS[state];
              return <Mark tone={tone} shape={shape} label={tCode('version', state)} />;
            },
          },
          {
            title: t('versions.content'),
            render: (_, { report: { metrics, events, alarms, examples } }) =>
              t('versions.report', { metrics, events, alarms, examples }),
          },
          { title: t('versions.changed'), render: (_, { updatedAt }) => <Ago at={updatedAt} /> },
          {
            title: t('versions.decided'),
            render: (_, { decidedAt, reason }) =>
              decidedAt && (
                <>
                  <Ago at={decidedAt} /> <span className="quiet">{reason}</span>
                </>
              ),
          },
          {
            title: t('types.actions'),
            render: (_, { version, state, decidedAt }) => (
              <>
                {version > 1 && (
                  <Button size="small" onClick={() => setShown(shown === version ? null : version)}>
                    {t('versions.diff')}
                  </Button>
                )}{' '}
                {/* Only what was approved once may serve again. */}
                {state === 'superseded' && decidedAt !== null && may('deviceTypes', 'decide') && (
                  <ConfirmButton
                    size="small"
                    reason
                    title={t('versions.rollback')}
                    consequence={t('versions.rollback.consequence', { n: version })}
                    act={(reason) => roll(version, reason)}
                  >
                    {t('versions.rollback')}
                  </ConfirmButton>
                )}
              </>
            ),
          },
        ]}
      />
      {shown !== null && <Compared id={id} older={shown - 1} newer={shown} />}
    </section>
  );
}

function Compared({ id, older, newer }: { id: string; older: number; newer: number }) {
  const [before, after] = useQueries({
    queries: [older, newer].map((version) => ({
      queryKey: ['type-version', id, version],
      queryFn: () => readVersion(id, version),
      retry: false,
    })),
  });
  const error = before?.error ?? after?.error;
  if (error) return <ProblemNotice error={error} />;
  if (!before?.data || !after?.data) return <Skeleton active />;
  return (
    <Suspense fallback={<Skeleton active />}>
      <p className="quiet">{t('versions.compared', { older, newer })}</p>
      <Diff before={before.data.source} after={after.data.source} />
    </Suspense>
  );
}
