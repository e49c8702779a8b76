import { useNavigate, useSearch } from '@tanstack/react-router';
import { Alert, Button, Progress, Upload } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { Forbidden } from '../../app/forbidden.tsx';
import { useMay } from '../../app/rights.ts';
import { t } from '../../language.ts';
import { sendFile } from '../../parts/file.ts';
import { Page } from '../../parts/page.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { ImportJob } from './import-job.tsx';
import { Template } from './template.tsx';
import './devices.css';
import './import.css';

/** As the gateway: more is refused before it is sent. */
const MOST_BYTES = 16 * 1_048_576;

/** 批量导入: template, check, import. The job stands in the address: after a reload it is still there. */
export default function Import() {
  const may = useMay();
  const go = useNavigate();
  const { job, dry } = useSearch({ strict: false }) as { job?: unknown; dry?: unknown };
  const [file, setFile] = useState<File | null>(null);
  const [sent, setSent] = useState<number | null>(null);
  const [error, setError] = useState<unknown>();
  const stop = useRef(new AbortController());
  useEffect(() => () => stop.current.abort(), []);
  if (!may('devices', 'create')) return <Forbidden />;
  const id = job === undefined ? undefined : String(job);
  const onlyChecked = String(dry) === '1';
  const see = (search: Record<string, string>) => void go({ to: '/devices/import', search });
  const send = async (dryRun: boolean) => {
    if (!file) return;
    setError(undefined);
    setSent(0);
    stop.current = new AbortController();
    try {
      const answer = await sendFile(`/api/v1/devices/import?async=true&dryRun=${dryRun}`, file, {
        type: /\.xlsx$/i.test(file.name)
          ? 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
          : 'text/csv',
        sent: setSent,
        signal: stop.current.signal,
      });
      const { jobId } = answer as { jobId: string };
      see({ job: jobId, dry: dryRun ? '1' : '0' });
    } catch (cause) {
      if (!stop.current.signal.aborted) setError(cause);
    }
    setSent(null);
  };
  const take = (chosen: File) => {
    setError(undefined);
    setFile(chosen);
    if (id !== undefined) see({});
    // Nothing is sent by the component itself.
    return false;
  };
  const tooLarge = file !== null && file.size > MOST_BYTES;
  return (
    <Page title={t('import.title')} guide="import-export">
      <ol className="import-steps">
        <li className="sheet">
          <h2>{t('import.step.template')}</h2>
          <Template />
        </li>
        <li className="sheet">
          <h2>{t('import.step.file')}</h2>
          <Upload.Dragger
            accept=".xlsx,.csv"
            multiple={false}
            showUploadList={false}
            beforeUpload={take}
            disabled={sent !== null}
          >
            <p>{file ? t('import.file', { name: file.name, kb: Math.ceil(file.size / 1_024) }) : t('import.drop')}</p>
            <p className="quiet">{t('import.limits')}</p>
          </Upload.Dragger>
          {tooLarge && <Alert type="error" showIcon title={t('import.tooLarge')} />}
          {sent !== null && (
            <div aria-live="polite">
              <Progress percent={Math.round(sent * 100)} status="active" />
              <Button onClick={() => stop.current.abort()}>{t('import.abort')}</Button>
            </div>
          )}
          {error !== undefined && <ProblemNotice error={error} />}
          <div className="devices-tools">
            <Button
              type={id === undefined ? 'primary' : 'default'}
              disabled={file === null || tooLarge || sent !== null}
              onClick={() => void send(true)}
            >
              {t('import.check')}
            </Button>
            <span className="quiet">{t('import.check.words')}</span>
          </div>
        </li>
        {id !== undefined && (
          <li className="sheet">
            <h2>{t(onlyChecked ? 'import.step.checked' : 'import.step.imported')}</h2>
            <ImportJob
              key={id}
              id={id}
              dry={onlyChecked}
              ready={file !== null && sent === null}
              go={() => void send(false)}
            />
          </li>
        )}
      </ol>
    </Page>
  );
}
