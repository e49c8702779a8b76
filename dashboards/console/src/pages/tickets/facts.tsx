import { Link } from '@tanstack/react-router';
import { t, tCode } from '../../language.ts';
import { useNames } from '../../parts/names.ts';
import { nameIn } from '../../parts/ticket-clock.tsx';
import { exactTime } from '../../parts/time.tsx';
import type { Ticket } from './actions.ts';
import { inWords, useCodes } from './field.tsx';

/** Words for the codes of causes and fault types of one module. */
export function useCodeWords(module: string | null) {
  const { data } = useCodes(module);
  return (of: 'causes' | 'faultTypes', code: string | null): string => {
    if (code === null) return '—';
    const found = data?.[of].find((one) => one.code === code);
    return found ? inWords(found.title) : tCode('cause', code);
  };
}

/** What everybody asks first: where, whose, since when, how often. */
export function Facts({ ticket }: { ticket: Ticket }) {
  const name = nameIn(ticket);
  const sites = useNames('sites');
  const modules = useNames('modules');
  const code = useCodeWords(ticket.module);
  const { id, siteId, orgId, module, handlerOrgId, assigneeId, kind, openedAt, openedBy, cause, faultType } = ticket;
  const { fireCount, returnCount, superviseCount, advice, reopenOf, mergedInto, merged, incidentId, component } =
    ticket;
  const ticketLink = (to: string, label: string) => (
    <Link to="/tickets/$id" params={{ id: to }}>
      {label}
    </Link>
  );
  return (
    <section className="sheet">
      <h2>{t('ticket.facts')}</h2>
      <dl className="two">
        <dt>{t(siteId ? 'tickets.site' : 'tickets.by.orgs')}</dt>
        <dd>{[siteId && sites.name(siteId), name(orgId)].filter((one) => one && one !== '—').join(' · ') || '—'}</dd>
        <dt>{t('tickets.module')}</dt>
        <dd>{modules.name(module) || '—'}</dd>
        <dt>{t('ticket.handler')}</dt>
        <dd>{name(handlerOrgId)}</dd>
        <dt>{t('ticket.assignee')}</dt>
        <dd>{name(assigneeId)}</dd>
        <dt>{t('tickets.kind')}</dt>
        <dd>{tCode('ticketKind', kind)}</dd>
        <dt>{t('tickets.opened')}</dt>
        <dd>
          {exactTime(openedAt)} · {name(openedBy)}
        </dd>
        {component !== null && (
          <>
            <dt>{t('ticket.component')}</dt>
            <dd>{component}</dd>
          </>
        )}
        {cause !== null && (
          <>
            <dt>{t('ticketField.cause')}</dt>
            <dd>{code('causes', cause)}</dd>
          </>
        )}
        {faultType !== null && (
          <>
            <dt>{t('ticketField.faultType')}</dt>
            <dd>{code('faultTypes', faultType)}</dd>
          </>
        )}
        <dt>{t('ticket.counts')}</dt>
        <dd>{t('ticket.counts.of', { fired: fireCount, returned: returnCount, supervised: superviseCount })}</dd>
        {advice && (
          <>
            <dt>{t('ticket.advice')}</dt>
            <dd>{advice}</dd>
          </>
        )}
        {incidentId && (
          <>
            <dt>{t('ticket.incident')}</dt>
            <dd>
              <Link to="/incidents/$id" params={{ id: incidentId }}>
                {t('ticket.toIncident')}
              </Link>
            </dd>
          </>
        )}
        {reopenOf && (
          <>
            <dt>{t('ticket.reopenOf')}</dt>
            <dd>{ticketLink(reopenOf, t('ticket.toFormer'))}</dd>
          </>
        )}
        {mergedInto && (
          <>
            <dt>{t('ticket.mergedInto')}</dt>
            <dd>{ticketLink(mergedInto, t('ticket.toOther'))}</dd>
          </>
        )}
        {merged.length > 0 && (
          <>
            <dt>{t('ticket.merged')}</dt>
            <dd>
              {merged.map((one) => (
                <span key={one.id}>{ticketLink(one.id, one.no)} </span>
              ))}
            </dd>
          </>
        )}
      </dl>
      <Link to="/tickets" search={{ deviceId: ticket.deviceIds[0] }} className="quiet" key={id}>
        {ticket.deviceIds[0] && t('ticket.ofSameDevice')}
      </Link>
    </section>
  );
}
