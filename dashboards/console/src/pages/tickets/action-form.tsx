import { useQueryClient } from '@tanstack/react-query';
import { Alert, Form, Modal } from 'antd';
import { useState } from 'react';
import { Problem } from '../../api/problem.ts';
import { useMe } from '../../app/session.tsx';
import { t } from '../../language.ts';
import { showInForm, useForgetting } from '../../parts/form-problem.ts';
import { Mark } from '../../parts/mark.tsx';
import { uploadPhoto } from '../../parts/photo-upload.ts';
import { ProblemNotice } from '../../parts/problem.tsx';
import { nameIn } from '../../parts/ticket-clock.tsx';
import type { Action, Ticket, Values } from './actions.ts';
import { Field } from './field.tsx';

interface ActionFormProps {
  readonly action: Action;
  readonly ticket: Ticket;
  readonly close: () => void;
}

/** The form of one step: what it needs, what follows, and what the gateway says against it, beside its field. */
export function ActionForm({ action, ticket, close }: ActionFormProps) {
  const me = useMe();
  const queries = useQueryClient();
  const [form] = Form.useForm<Values>();
  useForgetting(form);
  const [error, setError] = useState<unknown>();
  const [working, setWorking] = useState(false);
  const [sent, setSent] = useState<ReadonlyMap<string, number>>(new Map());
  const wantsPerson = action.fields.some(([name, how]) => name === 'assigneeId' && how === 'required');

  const run = async (values: Values) => {
    // Enter sends a form, too, while it is on its way.
    if (working) return;
    setWorking(true);
    setError(undefined);
    try {
      for (const photo of values.photos ?? []) {
        const onProgress = (share: number) => setSent((before) => new Map(before).set(photo.id, share));
        await uploadPhoto(ticket.id, photo, { phase: 'after', onProgress });
      }
      await action.run(ticket, values);
      await queries.invalidateQueries({ queryKey: ['tickets'] });
      close();
    } catch (problem) {
      // Somebody else was quicker: what may be done now is another thing.
      if (problem instanceof Problem && problem.status === 409)
        void queries.invalidateQueries({ queryKey: ['tickets'] });
      if (!showInForm(form, problem)) setError(problem);
      else if (problem instanceof Problem && problem.more.recheck !== undefined) setError(problem);
    } finally {
      setWorking(false);
    }
  };
  return (
    <Modal
      open
      title={`${t(action.label)} · ${ticket.no}`}
      onCancel={close}
      onOk={() => form.submit()}
      okText={t(action.label)}
      okButtonProps={{ danger: action.danger ?? false }}
      confirmLoading={working}
      destroyOnHidden
    >
      {action.told && <p className="quiet told">{t(action.told)}</p>}
      <Form<Values>
        form={form}
        layout="vertical"
        onFinish={(values) => void run(values)}
        initialValues={{
          ...(wantsPerson && { assigneeId: ticket.assigneeId ?? me.id }),
          duty: 'assist',
          // Why it is opened again is another thing than what it was closed with.
          ...(ticket.cause && ticket.stage !== 'closed' && { cause: ticket.cause }),
        }}
      >
        {action.fields.map(([name, how]) => (
          <Field key={name} name={name} required={how === 'required'} ticket={ticket} sent={sent} />
        ))}
      </Form>
      {working && action.key === 'verifying' && ticket.kind === 'deviceFault' && (
        <Alert type="info" showIcon title={t('recheck.going', { n: ticket.deviceCount })} />
      )}
      {error !== undefined && <Refusal error={error} ticket={ticket} />}
    </Modal>
  );
}

interface Rechecked {
  readonly deviceId: string;
  readonly ok: boolean;
}

/** A repair that the probe does not believe: which devices answered and which did not. */
function Refusal({ error, ticket }: { error: unknown; ticket: Ticket }) {
  const rows = error instanceof Problem && Array.isArray(error.more.recheck) ? (error.more.recheck as Rechecked[]) : [];
  const name = nameIn(ticket);
  return (
    <>
      <ProblemNotice error={error} />
      {rows.length > 0 && (
        <ul className="rechecked">
          {rows.map(({ deviceId, ok }) => (
            <li key={deviceId}>
              <Mark
                tone={ok ? 'good' : 'bad'}
                shape={ok ? 'disc' : 'cross'}
                label={t(ok ? 'recheck.passed' : 'recheck.failed')}
              />{' '}
              {name(deviceId)}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
