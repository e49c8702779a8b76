import { App, Button, Drawer } from 'antd';
import { useState } from 'react';
import { useMay } from '../../app/rights.ts';
import { useMe } from '../../app/session.tsx';
import { t, tCode } from '../../language.ts';
import { useNames } from '../../parts/names.ts';
import { whereAmI } from '../../parts/photo-file.ts';
import type { TransitionOf } from '../../parts/queue/entry.ts';
import { useFieldQueue } from '../../parts/queue/field-queue.ts';
import { useAdd } from '../../parts/queue/use-add.ts';
import { AskForm } from './ask-form.tsx';
import { FinishForm } from './finish-form.tsx';
import { metresBetween, type Point, type Ticket } from './ticket-facts.ts';

type Opened =
  | 'finish'
  | 'others'
  | 'suspension'
  | 'extension'
  | 'assign'
  | 'returned'
  | 'comment'
  | 'handling'
  | 'closed';
const OTHERS = {
  dispatched: ['suspension', 'extension', 'assign', 'returned', 'comment'],
  handling: ['suspension', 'extension', 'assign', 'returned', 'comment'],
  suspended: ['comment'],
} as const;

interface BarProps {
  readonly ticket: Ticket;
  /** Where it will stand when everything that waits was taken. */
  readonly stage: string;
  readonly place: Point | null;
}

/** The next step, under the thumb; the rare ones behind one more touch. */
export function TaskBar({ ticket, stage, place }: BarProps) {
  const me = useMe();
  const may = useMay();
  const add = useAdd();
  const { entries } = useFieldQueue();
  const { message } = App.useApp();
  const { name } = useNames('orgs');
  const [opened, setOpened] = useState<Opened>();
  const [busy, setBusy] = useState(false);
  const { id: ticketId } = ticket;
  const move = async (body: TransitionOf) => {
    setBusy(true);
    await add([{ kind: 'transition', ticketId, body }]);
    setBusy(false);
  };
  const arrive = async () => {
    setBusy(true);
    const here = await whereAmI();
    const metres = here && place ? Math.round(metresBetween(here, place)) : null;
    const note = metres === null ? t('field.arrivedNote') : t('field.arrivedAway', { metres });
    if (await add([{ kind: 'comment', ticketId, note }])) message.success(note);
    setBusy(false);
  };
  if (!may('tickets', 'update')) return null;
  const duties = (ticket as Ticket & { duties?: readonly string[] }).duties;
  const handles = duties?.includes('handler') ?? (ticket.assigneeId === me.id || ticket.handlerOrgId === me.orgId);
  const own = ticket.assigneeId === me.id;
  // The device was back before anybody said what had been wrong with it.
  const reporting = entries.some(
    ({ subject, refused, task }) => subject === ticketId && refused === null && task.kind === 'transition',
  );
  const unreported = stage === 'verifying' && !reporting && ticket.allowed?.includes('verifying') === true;
  const more = stage === 'dispatched' || stage === 'handling' || stage === 'suspended' ? OTHERS[stage] : [];
  const resumeTo = ticket.history.findLast(({ to }) => to === 'suspended')?.from;
  return (
    <>
      <div className="field-bar">
        {!handles && stage !== 'verifying' && (
          <p>{t('field.readOnly', { unit: name(ticket.handlerOrgId) || ticket.no })}</p>
        )}
        {handles && more.length > 0 && <Button onClick={() => setOpened('others')}>{t('field.others')}</Button>}
        {handles && stage === 'dispatched' && (
          <Button
            type="primary"
            className="field-main"
            loading={busy}
            onClick={() => void move({ to: 'handling', assigneeId: me.id })}
          >
            {t('field.accept')}
          </Button>
        )}
        {handles && stage === 'handling' && (
          <>
            <Button loading={busy} onClick={() => void arrive()}>
              {t('field.arrive')}
            </Button>
            <Button type="primary" className="field-main" onClick={() => setOpened('finish')}>
              {t('field.finish')}
            </Button>
          </>
        )}
        {handles && stage === 'suspended' && (resumeTo === 'handling' || resumeTo === 'dispatched') && (
          <Button type="primary" className="field-main" loading={busy} onClick={() => void move({ to: resumeTo })}>
            {t('field.resume')}
          </Button>
        )}
        {unreported && (
          <Button type="primary" className="field-main" onClick={() => setOpened('finish')}>
            {t('field.finish')}
          </Button>
        )}
        {stage === 'verifying' && own && !unreported && <p>{t('field.waitsForOther')}</p>}
        {stage === 'verifying' && !own && (
          <>
            <Button danger onClick={() => setOpened('handling')}>
              {t('field.fail')}
            </Button>
            <Button type="primary" className="field-main" onClick={() => setOpened('closed')}>
              {t('field.pass')}
            </Button>
          </>
        )}
        {['closed', 'falseAlarm', 'cancelled', 'returned'].includes(stage) && handles && (
          <p>{t('field.ended', { stage: tCode('stage', stage) })}</p>
        )}
      </div>
      <Drawer
        open={opened !== undefined}
        onClose={() => setOpened(undefined)}
        placement="bottom"
        size={opened === 'finish' ? '94dvh' : '70dvh'}
        title={opened && (opened === 'others' ? t('field.others') : titleOf(opened))}
        destroyOnHidden
      >
        {opened === 'others' && (
          <div className="field-others">
            {more.map((one) => (
              <Button key={one} onClick={() => setOpened(one)}>
                {titleOf(one)}
              </Button>
            ))}
          </div>
        )}
        {opened === 'finish' && <FinishForm ticket={ticket} done={() => setOpened(undefined)} />}
        {opened !== undefined && opened !== 'others' && opened !== 'finish' && (
          <AskForm key={opened} ticket={ticket} what={opened} done={() => setOpened(undefined)} />
        )}
      </Drawer>
    </>
  );
}

function titleOf(what: Exclude<Opened, 'others'>): string {
  switch (what) {
    case 'finish':
      return t('field.finish');
    case 'returned':
      return t('field.giveBack');
    case 'handling':
      return t('field.fail');
    case 'closed':
      return t('field.pass');
    default:
      return tCode('field.task', what);
  }
}
