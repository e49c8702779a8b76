import { CloudUploadOutlined, ReloadOutlined } from '@ant-design/icons';
import { useQueryClient } from '@tanstack/react-query';
import { Button, Drawer, Spin } from 'antd';
import { useEffect, useState } from 'react';
import type { Answer } from '../../api/client.ts';
import { useMe } from '../../app/session.tsx';
import { t, tCode } from '../../language.ts';
import { ConfirmButton } from '../confirm.tsx';
import { nowIn } from '../live/zone-clock.ts';
import { Nothing } from '../nothing.tsx';
import { proofWords } from '../proof-words.ts';
import type { Entry } from './entry.ts';
import { useFieldQueue } from './field-queue.ts';
import './queue.css';

/** What was done and has not arrived yet; always in sight, because nobody else knows of it. */
export function UnsentBar({ offline }: { offline: boolean }) {
  const { entries, sending, signedOut, queue } = useFieldQueue();
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  // The page heard the gateway before the queue looked again.
  useEffect(() => {
    if (!offline) void queue.flush();
  }, [offline, queue]);
  const refused = entries.filter((entry) => entry.refused !== null).length;
  const waiting = entries.length - refused;
  return (
    <>
      {(offline || entries.length > 0) && (
        <div className={`unsent-bar ${refused > 0 ? 'unsent-refused' : ''}`} role="status">
          {sending ? <Spin size="small" /> : <CloudUploadOutlined aria-hidden />}
          <span>
            {offline && t('field.offline')}
            {waiting > 0 && t(offline ? 'field.waiting' : 'field.waitingOnly', { n: waiting })}
            {refused > 0 && t(offline || waiting > 0 ? 'field.refusedCount' : 'field.refusedOnly', { n: refused })}
            {signedOut && t('field.signedOut')}
          </span>
          {signedOut && (
            // Asked who it is, the gateway says nobody: the door opens here, and the way back is this page.
            <Button
              size="large"
              type="primary"
              onClick={() => void queries.invalidateQueries({ queryKey: ['session'] })}
            >
              {t('login.title')}
            </Button>
          )}
          {entries.length > 0 && (
            <Button size="large" onClick={() => setOpen(true)}>
              {t('field.look')}
            </Button>
          )}
        </div>
      )}
      <Drawer
        open={open}
        onClose={() => setOpen(false)}
        placement="bottom"
        size="80dvh"
        title={t('field.unsent')}
        extra={
          <Button size="large" icon={<ReloadOutlined />} loading={sending !== null} onClick={() => void queue.flush()}>
            {t('field.sendNow')}
          </Button>
        }
      >
        {entries.length === 0 ? (
          <Nothing title={t('field.allSent')} />
        ) : (
          <ul className="unsent">
            {entries.map((entry) => (
              <Unsent key={entry.id} entry={entry} />
            ))}
          </ul>
        )}
        <p className="quiet">{t('field.unsentHint')}</p>
      </Drawer>
    </>
  );
}

/** One of them; a refusal with the gateway's own words, and what can be done about it. */
export function Unsent({ entry }: { entry: Entry }) {
  const { sending, queue } = useFieldQueue();
  const { id, task, refused, createdAt } = entry;
  const on = sending === id;
  return (
    <li>
      <div>
        <b>{wordsOf(entry)}</b> <span className="quiet">{clockTime(createdAt, useMe().timeZone)}</span>
      </div>
      {'note' in task && task.note && <p className="unsent-note">{task.note}</p>}
      {refused === null ? (
        <span className="quiet">{t(on ? 'field.onItsWay' : entry.unsure ? 'field.unsure' : 'field.willGo')}</span>
      ) : (
        <>
          <p className="unsent-why">{t('field.refused', { why: [refused.message, ...found(entry)].join(' · ') })}</p>
          <p className="quiet">{remedy(entry)}</p>
          <div className="unsent-do">
            <Button size="large" onClick={() => void queue.retry(id)}>
              {t('field.retry')}
            </Button>
            <ConfirmButton
              size="large"
              danger
              title={t('field.discard')}
              consequence={t('field.discardMeans', { what: wordsOf(entry) })}
              act={() => queue.discard(id)}
            >
              {t('field.discard')}
            </ConfirmButton>
          </div>
          {refused.requestId && <span className="quiet">{t('problem.id', { id: refused.requestId })}</span>}
        </>
      )}
    </li>
  );
}

export function wordsOf({ task }: Entry): string {
  switch (task.kind) {
    case 'transition':
      return tCode('field.to', task.body.to);
    case 'photo':
      return `${t('field.photo')} · ${tCode('photos.phase', task.phase)}`;
    default:
      return tCode('field.task', task.kind);
  }
}

/** What the probe of a repair that was not believed found. */
function found({ refused }: Entry): string[] {
  const rows = refused?.more.recheck;
  if (!Array.isArray(rows)) return [];
  return (rows as Answer<'Ticket'>['evidence'])
    .filter(({ ok }) => ok === false)
    .flatMap(({ detail, at }) => proofWords(detail, at));
}

function remedy({ refused }: Entry): string {
  if (refused?.code === 'TRANSITION_NOT_ALLOWED') return t('field.remedy.moved');
  if (refused?.status === 403 || refused?.status === 404) return t('field.remedy.right');
  if (refused?.more.recheck !== undefined) return t('field.remedy.recheck');
  return t('field.remedy.other');
}

const clockTime = (at: number, zone: string) => nowIn(zone, at).slice(5, 16);
