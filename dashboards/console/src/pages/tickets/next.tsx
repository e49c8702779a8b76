import { useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Dropdown } from 'antd';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { useMe } from '../../app/session.tsx';
import { t } from '../../language.ts';
import { ConfirmButton } from '../../parts/confirm.tsx';
import { nameIn } from '../../parts/ticket-clock.tsx';
import { ActionForm } from './action-form.tsx';
import { type Action, nextSteps, otherActions, type Ticket } from './actions.ts';

/** What whoever looks may do now, and nothing else; where there is nothing, whose turn it is. */
export function Next({ ticket }: { ticket: Ticket }) {
  const may = useMay();
  const me = useMe();
  const queries = useQueryClient();
  const [open, setOpen] = useState<Action>();
  const steps = nextSteps(ticket);
  const others = otherActions(ticket);
  const { id, stage, parties, lifeSafety, firing } = ticket;
  const path = { params: { path: { id } } };
  const asked = parties.find(
    ({ orgId, duty, acknowledgedAt }) => duty !== 'lead' && acknowledgedAt === null && orgId === me.orgId,
  );
  const again = () => queries.invalidateQueries({ queryKey: ['tickets'] });
  const nothing = steps.length === 0 && !['closed', 'falseAlarm', 'cancelled'].includes(stage);
  return (
    <section className="next" aria-label={t('ticket.next')}>
      {ownWork(ticket, me.id) && <Alert type="info" showIcon title={t('ticket.ownWork')} />}
      {nothing && !ownWork(ticket, me.id) && <span className="quiet">{waitsFor(ticket)}</span>}
      {steps.map((action) => (
        <Button
          key={action.key}
          type={action.main ? 'primary' : 'default'}
          danger={action.danger ?? false}
          onClick={() => setOpen(action)}
        >
          {t(action.label)}
        </Button>
      ))}
      {asked && may('tickets', 'update') && (
        <ConfirmButton
          title={t('act.know')}
          consequence={t('act.know.told')}
          act={async () => {
            await api.POST('/api/v1/tickets/{id}/parties/acknowledge', { ...path, body: {} });
            await again();
          }}
        >
          {t('act.know')}
        </ConfirmButton>
      )}
      {lifeSafety && firing && may('tickets', 'update') && (
        <ConfirmButton
          title={t('act.acknowledge')}
          consequence={t('act.acknowledge.told')}
          act={async () => {
            await api.POST('/api/v1/tickets/{id}/acknowledge', path);
            await again();
          }}
        >
          {t('act.acknowledge')}
        </ConfirmButton>
      )}
      {others.length > 0 && (
        <Dropdown
          trigger={['click']}
          menu={{
            items: others.map((action) => ({ key: action.key, label: t(action.label) })),
            onClick: ({ key }) => setOpen(others.find((one) => one.key === key)),
          }}
        >
          <Button>{t('ticket.more')}</Button>
        </Dropdown>
      )}
      {open && <ActionForm action={open} ticket={ticket} close={() => setOpen(undefined)} />}
    </section>
  );
}

/** 核查 is for another person: whoever repaired it sees why the button is not there. */
function ownWork({ stage, assigneeId, history, duties = [] }: Ticket, me: string): boolean {
  if (stage !== 'verifying' || !duties.includes('verifier')) return false;
  return assigneeId === me || history.findLast(({ to }) => to === 'verifying')?.by === me;
}

function waitsFor(ticket: Ticket): string {
  const { stage, assigneeId, handlerOrgId } = ticket;
  const who = nameIn(ticket)(assigneeId ?? handlerOrgId);
  if (stage === 'verifying') return t('ticket.waits.verifier');
  if (stage === 'discovered' || stage === 'filed' || stage === 'returned') return t('ticket.waits.dispatcher');
  return t('ticket.waits.handler', { who });
}
