import { useQueryClient } from '@tanstack/react-query';
import { api } from '../../api/client.ts';
import { t, tCode } from '../../language.ts';
import { ConfirmButton } from '../../parts/confirm.tsx';
import { Mark } from '../../parts/mark.tsx';
import { nameIn } from '../../parts/ticket-clock.tsx';
import { exactTime } from '../../parts/time.tsx';
import type { Ticket } from './actions.ts';

/** Who works on it: 主办, 协办, 关注, and whether they know. */
export function Parties({ ticket }: { ticket: Ticket }) {
  const queries = useQueryClient();
  const { parties, duties = [], stage } = ticket;
  const ended = ['closed', 'falseAlarm', 'cancelled'].includes(stage);
  const name = nameIn(ticket);
  if (parties.length === 0) return null;
  const removes = duties.includes('dispatcher') || duties.includes('handler');
  const remove = (orgId: string) => async (note: string) => {
    await api.POST('/api/v1/tickets/{id}/parties/remove', {
      params: { path: { id: ticket.id } },
      body: { orgId, note },
    });
    await queries.invalidateQueries({ queryKey: ['tickets'] });
  };
  return (
    <section className="sheet">
      <h2>{t('ticket.parties')}</h2>
      <ul className="asks">
        {parties.map(({ orgId, duty, acknowledgedAt, acknowledgedBy, overdue, respondBy, note }) => (
          <li key={`${duty}${orgId}`}>
            <b>{tCode('duty', duty)}</b> {name(orgId)}{' '}
            {acknowledgedAt ? (
              <Mark tone="good" shape="disc" label={t(duty === 'lead' ? 'party.accepted' : 'party.knows')} />
            ) : ended ? null : (
              <Mark
                tone={overdue ? 'bad' : 'none'}
                shape={overdue ? 'square' : 'ring'}
                label={t(overdue ? 'party.late' : 'party.waits')}
              />
            )}
            <div className="quiet">
              {acknowledgedAt && `${name(acknowledgedBy)} · ${exactTime(acknowledgedAt).slice(0, 16)}`}
              {!acknowledgedAt &&
                !ended &&
                respondBy &&
                t('party.respondBy', { time: exactTime(respondBy).slice(0, 16) })}
              {note && ` · ${note}`}
            </div>
            {duty !== 'lead' && removes && !ended && (
              <ConfirmButton
                size="small"
                reason
                title={t('party.remove')}
                consequence={t('party.remove.told', { name: name(orgId) })}
                act={remove(orgId)}
              >
                {t('party.remove')}
              </ConfirmButton>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
