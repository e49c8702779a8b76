import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Alert, Button, Progress, Table } from 'antd';
import { useEffect, useState } from 'react';
import { type Answer, api, body } from '../../api/client.ts';
import { besideField } from '../../api/problem.ts';
import { t, tCode } from '../../language.ts';
import { saveFile } from '../../parts/file.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { exactTime } from '../../parts/time.tsx';

type Job = Answer<'ImportJob'>;
type Result = NonNullable<Job['result']>;
type Remark = Answer<'ImportError'>;
const ENDED = new Set(['done', 'failed', 'interrupted']);

interface ImportJobProps {
  readonly id: string;
  /** It only checks. */
  readonly dry: boolean;
  /** The file is still at hand. */
  readonly ready: boolean;
  readonly go: () => void;
}

/** How far an import is, and what came of it. */
export function ImportJob({ id, dry, ready, go }: ImportJobProps) {
  const queries = useQueryClient();
  const job = useQuery({
    queryKey: ['import-job', id],
    queryFn: () => body(api.GET('/api/v1/devices/import/jobs/{id}', { params: { path: { id } } })),
    refetchInterval: ({ state: { data } }) => (data && ENDED.has(data.state) ? false : 800),
  });
  const written = !dry && job.data?.state === 'done';
  useEffect(() => {
    if (written) void queries.invalidateQueries({ queryKey: ['devices'] });
  }, [written, queries]);
  return (
    <Loaded query={job}>
      {({ state, phase, done, total, result, problem }) => (
        <div className="import-job" aria-live="polite">
          {!ENDED.has(state) && (
            <>
              <p>
                {t('import.phase', { phase: tCode('import.phase', phase), done, total: total === 0 ? '…' : total })}
              </p>
              <Progress percent={total === 0 ? 0 : Math.floor((done / total) * 100)} status="active" />
              <p className="quiet">{t('import.leave')}</p>
            </>
          )}
          {state === 'interrupted' && <Alert type="error" showIcon title={t('import.interrupted')} />}
          {problem && <Alert type="error" showIcon title={problem.detail} />}
          {result && <Outcome result={result} dry={dry} ready={ready} go={go} />}
        </div>
      )}
    </Loaded>
  );
}

function Outcome({ result, dry, ready, go }: { result: Result; dry: boolean; ready: boolean; go: () => void }) {
  const { created, updated, unchanged, errors, errorCount, errorsFile, credentialsFile, filesExpireAt } = result;
  const { warnings, warningCount } = result;
  const counts = { created, updated, unchanged };
  const nothing = created + updated === 0;
  if (errorCount > 0) {
    return (
      <>
        <Alert
          type="error"
          showIcon
          title={t('import.wrong', { n: errorCount })}
          description={t('import.wrong.words')}
        />
        {errorsFile && <OneFile address={errorsFile} label={t('import.wrong.file')} />}
        <Remarks remarks={errors} all={errorCount} />
      </>
    );
  }
  return (
    <>
      <Alert
        type="success"
        showIcon
        title={t(dry ? 'import.fine' : 'import.done', counts)}
        description={dry ? t(nothing ? 'import.fine.nothing' : 'import.fine.words') : undefined}
      />
      {warningCount > 0 && (
        <>
          <Alert
            type="warning"
            showIcon
            title={t('import.doubtful', { n: warningCount })}
            description={t(dry ? 'import.doubtful.before' : 'import.doubtful.after')}
          />
          <Remarks remarks={warnings} all={warningCount} />
        </>
      )}
      {dry && !nothing && (
        <div className="devices-tools">
          <Button type="primary" disabled={!ready} onClick={go}>
            {t('import.go', { n: created + updated })}
          </Button>
          {!ready && <span className="quiet">{t('import.again')}</span>}
        </div>
      )}
      {!dry && credentialsFile && (
        <>
          <Alert
            type="warning"
            showIcon
            title={t('import.secrets', { until: filesExpireAt ? exactTime(filesExpireAt) : '' })}
          />
          <OneFile address={credentialsFile} label={t('import.secrets.file')} once />
        </>
      )}
      {!dry && (
        <>
          <Link to="/devices" search={{ sort: '-createdAt' }}>
            {t('import.see')}
          </Link>
          {!nothing && <p className="quiet">{t('import.undo')}</p>}
        </>
      )}
    </>
  );
}

/** A file of this import; one with secrets is handed out a single time. */
function OneFile({ address, label, once = false }: { address: string; label: string; once?: boolean }) {
  const [taken, setTaken] = useState(false);
  const [error, setError] = useState<unknown>();
  const save = () => {
    setError(undefined);
    saveFile(address).then(() => setTaken(once), setError);
  };
  return (
    <>
      <div>
        <Button type={once ? 'primary' : 'default'} disabled={taken} onClick={save}>
          {taken ? t('import.secrets.taken') : label}
        </Button>
      </div>
      {error !== undefined && <ProblemNotice error={error} />}
    </>
  );
}

function Remarks({ remarks, all }: { remarks: readonly Remark[]; all: number }) {
  return (
    <>
      <Table<Remark & { readonly key: number }>
        size="small"
        rowKey="key"
        dataSource={remarks.map((remark, key) => ({ ...remark, key }))}
        pagination={{ pageSize: 20, hideOnSinglePage: true, showSizeChanger: false }}
        scroll={{ x: 'max-content' }}
        columns={[
          {
            title: t('import.column.row'),
            align: 'right',
            render: (_, { row, sheetRow }) => sheetRow ?? (row === 0 ? t('import.header') : row),
          },
          {
            title: t('import.column.column'),
            render: (_, { columnLetter, header, path }) => [columnLetter, header ?? path].filter(Boolean).join(' · '),
          },
          {
            title: t('import.column.value'),
            render: (_, { value }) => <code className="import-value">{value ?? ''}</code>,
          },
          {
            title: t('import.column.message'),
            render: (_, remark) => <span className="import-message">{besideField(remark)}</span>,
          },
        ]}
      />
      {all > remarks.length && <p className="quiet">{t('import.more', { shown: remarks.length, n: all })}</p>}
    </>
  );
}
