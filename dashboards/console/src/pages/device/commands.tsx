import { useQueryClient } from '@tanstack/react-query';
import { Button, Form, Input, InputNumber, Modal, Select, Switch } from 'antd';
import { useState } from 'react';
import { type Answer, api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { t } from '../../language.ts';
import { showInForm, useForgetting } from '../../parts/form-problem.ts';
import { Mark } from '../../parts/mark.tsx';
import { Nothing } from '../../parts/nothing.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { ServerTable } from '../../parts/server-table.tsx';
import { exactTime, lengthOf } from '../../parts/time.tsx';
import { useActor } from './actor.ts';
import { type CommandOf, inWords, isCamera, type Param, unitOf, useType } from './type.ts';

type Device = Answer<'Device'>;
type Command = Answer<'Command'>;

const STATE = {
  sent: ['none', 'ring'],
  acknowledged: ['good', 'disc'],
  failed: ['bad', 'cross'],
  timedOut: ['warning', 'triangle'],
  undeliverable: ['bad', 'bar'],
} as const;

/** What it can be told, and what became of what it was told. */
export function Commands({ device }: { device: Device }) {
  const may = useMay();
  const { commands } = useType(device.type);
  const queries = useQueryClient();
  const actor = useActor();
  const [open, setOpen] = useState<string | null>(null);
  const known = Object.entries(commands ?? {});
  const done = async () => {
    setOpen(null);
    await queries.invalidateQueries({ queryKey: ['devices', 'commands', device.id] });
  };
  const definition = open === null ? undefined : commands?.[open];
  return (
    <>
      {may('commands', 'operate') && (
        <section className="sheet">
          <h2>{t('commands.send')}</h2>
          {known.length === 0 ? (
            <Nothing title={t(isCamera(device) ? 'commands.camera' : 'commands.none')} />
          ) : (
            <div className="device-line">
              {known.map(([name, one]) => (
                <Button key={name} danger={one.danger ?? false} onClick={() => setOpen(name)}>
                  {inWords(one.title)}
                </Button>
              ))}
            </div>
          )}
          {open !== null && definition && (
            <Send device={device} name={open} command={definition} close={() => setOpen(null)} done={done} />
          )}
        </section>
      )}
      <section className="sheet">
        <h2>{t('commands.sent')}</h2>
        <ServerTable<Command>
          of={['devices', 'commands', device.id]}
          limit={20}
          rowKey="id"
          read={(page) =>
            body(api.GET('/api/v1/devices/{id}/commands', { params: { path: { id: device.id }, query: page } }))
          }
          empty={{ title: t('commands.empty') }}
          columns={[
            { title: t('commands.at'), render: (_, row) => exactTime(row.issuedAt) },
            {
              title: t('commands.what'),
              render: (_, row) =>
                commands?.[row.name] ? inWords(commands[row.name]?.title ?? { zh: row.name, en: row.name }) : row.name,
            },
            {
              title: t('commands.params'),
              render: (_, row) =>
                row.params == null ? '' : <code className="clip">{JSON.stringify(row.params)}</code>,
            },
            {
              title: t('commands.state'),
              render: (_, row) => (
                <Mark tone={STATE[row.state][0]} shape={STATE[row.state][1]} label={t(`commands.state.${row.state}`)} />
              ),
            },
            {
              title: t('commands.took'),
              render: (_, row) => (row.ackedAt ? lengthOf(Date.parse(row.ackedAt) - Date.parse(row.issuedAt)) : ''),
            },
            {
              title: t('commands.result'),
              render: (_, row) =>
                row.result == null ? '' : <code className="clip">{JSON.stringify(row.result)}</code>,
            },
            { title: t('commands.by'), render: (_, row) => actor(row.issuedBy) },
            { title: t('commands.reason'), dataIndex: 'reason' },
          ]}
        />
      </section>
    </>
  );
}

interface SendProps {
  readonly device: Device;
  readonly name: string;
  readonly command: CommandOf;
  readonly close: () => void;
  readonly done: () => Promise<void>;
}

/** Asks for what the command needs, says what it does, and waits for what becomes of it. */
function Send({ device, name, command, close, done }: SendProps) {
  const [form] = Form.useForm();
  useForgetting(form);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const [came, setCame] = useState<Command | null>(null);
  const send = async () => {
    const { reason, params } = await form.validateFields();
    setBusy(true);
    setError(undefined);
    try {
      const { id } = await body(
        api.POST('/api/v1/devices/{id}/commands', {
          params: { path: { id: device.id } },
          body: { name, ...(params && { params }), ...(reason && { reason }) },
        }),
      );
      setCame(await settled(device.id, id));
    } catch (problem) {
      if (!showInForm(form, problem)) setError(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal
      open
      title={`${inWords(command.title)} · ${device.name}`}
      okText={came ? t('commands.done') : t('commands.go')}
      okButtonProps={{ danger: command.danger ?? false, loading: busy }}
      onOk={() => void (came ? done() : send())}
      onCancel={() => void (came ? done() : close())}
    >
      <Form form={form} layout="vertical" disabled={busy || came !== null}>
        <p>{t(command.danger ? 'commands.danger' : 'commands.consequence', { name: device.name })}</p>
        {Object.entries(command.params ?? {}).map(([key, param]) => (
          <Form.Item
            key={key}
            name={['params', key]}
            label={`${inWords(param.title)}${unitOf(param.unit)}`}
            rules={[{ required: param.required ?? false }]}
            {...(param.type === 'boolean' && { valuePropName: 'checked' })}
          >
            {fieldOf(param)}
          </Form.Item>
        ))}
        <Form.Item name="reason" label={t('commands.reason')} rules={[{ required: command.danger ?? false }]}>
          <Input.TextArea rows={2} maxLength={200} />
        </Form.Item>
      </Form>
      {busy && <p role="status">{t('commands.waiting')}</p>}
      {came && (
        <p role="status">
          <Mark tone={STATE[came.state][0]} shape={STATE[came.state][1]} label={t(`commands.state.${came.state}`)} />{' '}
          {came.result != null && <code>{JSON.stringify(came.result)}</code>}
        </p>
      )}
      {error !== undefined && <ProblemNotice error={error} />}
    </Modal>
  );
}

function fieldOf({ type, min, max, integer, values, maxLength }: Param) {
  if (values) return <Select options={values.map((value) => ({ value, label: String(value) }))} />;
  if (type === 'boolean') return <Switch />;
  if (type === 'text') return <Input {...(maxLength !== undefined && { maxLength })} />;
  return (
    <InputNumber
      {...(min !== undefined && { min })}
      {...(max !== undefined && { max })}
      {...(integer && { precision: 0 })}
    />
  );
}

/** Follows a command until it has an end; the gateway gives every one a deadline. */
async function settled(device: string, commandId: string): Promise<Command> {
  for (;;) {
    const command = await body(
      api.GET('/api/v1/devices/{id}/commands/{commandId}', { params: { path: { id: device, commandId } } }),
    );
    const late = command.deadline !== null && Date.now() > Date.parse(command.deadline) + 10_000;
    if (command.state !== 'sent' || late) return command;
    await new Promise((go) => setTimeout(go, 500));
  }
}
