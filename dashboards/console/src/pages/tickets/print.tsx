import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { api, body } from '../../api/client.ts';
import { t, tCode } from '../../language.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { useNames } from '../../parts/names.ts';
import { attachmentAddress } from '../../parts/photos.tsx';
import { Paper, Signatures } from '../../parts/print.tsx';
import { nameIn, ticketDevices, ticketTitle } from '../../parts/ticket-clock.tsx';
import { exactTime } from '../../parts/time.tsx';
import type { Ticket } from './actions.ts';
import { useCodeWords } from './facts.tsx';
import { useEntries } from './history.tsx';

/** A ticket on paper, for the file and for signatures. */
export default function Print() {
  const { id = '' } = useParams({ strict: false });
  const ticket = useQuery({
    queryKey: ['tickets', id],
    queryFn: () => body(api.GET('/api/v1/tickets/{id}', { params: { path: { id } } })),
  });
  return <Loaded query={ticket}>{(data) => <Sheet ticket={data} />}</Loaded>;
}

function Sheet({ ticket }: { ticket: Ticket }) {
  const name = nameIn(ticket);
  const sites = useNames('sites');
  const modules = useNames('modules');
  const code = useCodeWords(ticket.module);
  const entries = useEntries(ticket, true).toReversed();
  const { no, stage, priority, kind, siteId, orgId, module, handlerOrgId, assigneeId, openedAt, openedBy } = ticket;
  const { cause, faultType, dueAt, attachments, deviceIds, drill } = ticket;
  const pictures = attachments.filter(({ mediaType }) => ['image/jpeg', 'image/png', 'image/webp'].includes(mediaType));
  const facts: [string, string][][] = [
    [
      [t('tickets.no'), no],
      [t('tickets.stage'), tCode('stage', stage)],
    ],
    [
      [t('tickets.priority'), tCode('priority', priority)],
      [t('tickets.kind'), tCode('ticketKind', kind)],
    ],
    [
      [t('tickets.what'), ticketTitle(ticket)],
      [t('ticketField.faultType'), code('faultTypes', faultType)],
    ],
    [
      [t('tickets.site'), [sites.name(siteId), name(orgId)].filter((one) => one && one !== '—').join(' · ')],
      [t('tickets.module'), modules.name(module)],
    ],
    [
      [t('ticket.handler'), name(handlerOrgId)],
      [t('ticket.assignee'), name(assigneeId)],
    ],
    [
      [t('tickets.opened'), `${exactTime(openedAt)} · ${name(openedBy)}`],
      [t('print.due'), dueAt ? exactTime(dueAt) : '—'],
    ],
    [
      [t('tickets.device'), `${ticketDevices(ticket)}${deviceIds.length === 1 ? `（${deviceIds[0]}）` : ''}`],
      [t('ticketField.cause'), code('causes', cause)],
    ],
  ];
  return (
    <Paper title={t(drill ? 'print.titleDrill' : 'print.title')} subtitle={t('print.no', { no })}>
      <h2>{t('ticket.facts')}</h2>
      <table>
        <tbody>
          {facts.map((row) => (
            <tr key={row[0]?.[0]}>
              {row.flatMap(([label, value]) => [
                <th key={`${label}-of`} scope="row">
                  {label}
                </th>,
                <td key={label}>{value || '—'}</td>,
              ])}
            </tr>
          ))}
        </tbody>
      </table>
      <h2>{t('ticket.history')}</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('print.when')}</th>
            <th scope="col">{t('print.who')}</th>
            <th scope="col">{t('print.what')}</th>
          </tr>
        </thead>
        <tbody>
          {entries.map(({ at, by, what, words }) => (
            <tr key={`${at} ${by} ${String(what)} ${String(words)}`}>
              <td>{exactTime(at).slice(0, 16)}</td>
              <td>{by ?? t('timeline.automatic')}</td>
              <td>
                {what} {words && <div>{words}</div>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {pictures.length > 0 && (
        <>
          <h2>{t('ticket.evidence')}</h2>
          <div className="pictures">
            {pictures.map(({ n, phase, takenAt, at, by, note }) => (
              <figure key={n}>
                <img src={attachmentAddress(ticket.id, n)} alt={note ?? ''} />
                <figcaption>
                  {tCode('photos.phase', phase)} · {exactTime(takenAt ?? at)} · {name(by)} {note}
                </figcaption>
              </figure>
            ))}
          </div>
        </>
      )}
      <Signatures
        of={[t('print.handlerSigns'), t('print.verifierSigns'), t('print.dispatcherSigns'), t('print.leadSigns')]}
      />
    </Paper>
  );
}
