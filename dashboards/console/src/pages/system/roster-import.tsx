import { useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Modal, Progress, Table, Upload } from 'antd';
import { useState } from 'react';
import type { Answer } from '../../api/client.ts';
import { besideField } from '../../api/problem.ts';
import { t } from '../../language.ts';
import { sendFile } from '../../parts/file.ts';
import { ProblemNotice } from '../../parts/problem.tsx';

type Result = Answer<'RosterImport'>;
const ADDRESS = '/api/v1/rosters/import';

/** A roster from a table: looked at first, written whole or not at all. */
export function RosterImport() {
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  const [file, setFile] = useState<File | null>(null);
  const [found, setFound] = useState<Result | null>(null);
  const [written, setWritten] = useState(false);
  const [share, setShare] = useState<number | null>(null);
  const [error, setError] = useState<unknown>();
  const send = async (table: File, dryRun: boolean) => {
    setShare(0);
    setError(undefined);
    try {
      const type = /\.xlsx$/i.test(table.name)
        ? 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
        : 'text/csv';
      const answer = (await sendFile(`${ADDRESS}?dryRun=${dryRun}`, table, { type, sent: setShare })) as Result;
      setFound(answer);
      setWritten(!dryRun && answer.errorCount === 0);
      if (!dryRun) await queries.invalidateQueries({ queryKey: ['lists', 'rosters'] });
    } catch (cause) {
      setError(cause);
    }
    setShare(null);
  };
  const choose = (table: File) => {
    setFile(table);
    setFound(null);
    setWritten(false);
    void send(table, true);
  };
  const close = () => {
    setOpen(false);
    setFile(null);
    setFound(null);
    setError(undefined);
  };
  const ready = file !== null && found !== null && found.errorCount === 0 && !written;
  return (
    <>
      <Button onClick={() => setOpen(true)}>{t('rosters.import')}</Button>
      <Modal
        open={open}
        width={720}
        title={t('rosters.import')}
        okText={t(written ? 'thing.close' : 'rosters.import.write')}
        okButtonProps={{ disabled: !ready && !written, loading: share !== null }}
        onOk={() => (ready ? void send(file, false) : close())}
        onCancel={close}
      >
        <p className="quiet">{t('rosters.import.words')}</p>
        <Upload
          accept=".csv,.xlsx"
          showUploadList={false}
          beforeUpload={(table) => {
            choose(table);
            return false;
          }}
        >
          <Button>{t('rosters.import.choose')}</Button>
        </Upload>{' '}
        {file?.name}
        {share !== null && <Progress percent={Math.round(share * 100)} />}
        {error !== undefined && <ProblemNotice error={error} />}
        {found && (
          <Alert
            showIcon
            type={found.errorCount > 0 ? 'error' : written ? 'success' : 'info'}
            title={t(
              found.errorCount > 0
                ? 'rosters.import.refused'
                : written
                  ? 'rosters.import.done'
                  : 'rosters.import.would',
              { created: found.created, updated: found.updated, unchanged: found.unchanged, errors: found.errorCount },
            )}
          />
        )}
        {found && found.errorCount > 0 && (
          <Table
            size="small"
            rowKey={({ row, path, message }) => `${row}${path}${message}`}
            dataSource={[...found.errors]}
            pagination={{ pageSize: 10, hideOnSinglePage: true }}
            columns={[
              { title: t('rosters.import.row'), render: (_, { row, sheetRow }) => sheetRow ?? row },
              { title: t('rosters.import.column'), render: (_, { header, path }) => header ?? path },
              { title: t('rosters.import.value'), dataIndex: 'value' },
              { title: t('rosters.import.rule'), render: (_, error) => besideField(error) },
            ]}
          />
        )}
      </Modal>
    </>
  );
}
