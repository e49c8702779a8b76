import { useQuery } from '@tanstack/react-query';
import { Alert, Button, Modal, Progress } from 'antd';
import { useState } from 'react';
import { api, body } from '../../api/client.ts';
import { t, tCode } from '../../language.ts';
import { ProblemNotice } from '../../parts/problem.tsx';
import { say } from './words.ts';

interface Filter {
  readonly code?: string;
  readonly deviceId?: string;
  readonly topic?: string;
  readonly unattributed?: boolean;
}
interface ReplayProps {
  readonly filter: Filter;
  /** Chosen rows; none = all that the filter finds. */
  readonly ids: readonly string[];
  readonly done: () => Promise<void>;
}
type Course = { readonly replayed: number; readonly remaining: number | null };

/** Feeds messages in again: says first which and how many, then how far it is, then what came of it. */
export function Replay({ filter, ids, done }: ReplayProps) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button type="primary" onClick={() => setOpen(true)}>
        {ids.length > 0 ? t('replay.chosen', { n: ids.length }) : t('replay.all')}
      </Button>
      {open && <ReplayDialog filter={filter} ids={ids} done={done} close={() => setOpen(false)} />}
    </>
  );
}

const counts = (filter: Filter) => body(api.GET('/api/v1/quarantine/reasons', { params: { query: filter } }));

function ReplayDialog({ filter, ids: wanted, done, close }: ReplayProps & { close: () => void }) {
  // Afterwards nothing is chosen any more: the question stays about what it asked.
  const [ids] = useState(wanted);
  const [course, setCourse] = useState<Course | null>(null);
  const [error, setError] = useState<unknown>();
  const [over, setOver] = useState(false);
  const chosen = ids.length > 0;
  const before = useQuery({
    queryKey: ['replay', filter],
    queryFn: () => counts(filter),
    staleTime: 0,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
  const waiting = (before.data?.items ?? []).filter((one) => one.waiting > 0);
  const [counted, setCounted] = useState<number | null>(null);
  const now = chosen ? ids.length : waiting.reduce((sum, one) => sum + one.waiting, 0);
  const total = counted ?? now;
  const run = async () => {
    let replayed = 0;
    setCourse({ replayed, remaining: null });
    setCounted(now);
    try {
      for (;;) {
        const part = await body(
          api.POST('/api/v1/quarantine/replay', {
            body: chosen ? { ids: [...ids] } : { filter },
            fetch: (request) => fetch(request),
          }),
        );
        replayed += part.replayed;
        setCourse({ replayed, remaining: part.remaining });
        // What fails again is refused anew under the same filter: only the first round counts it.
        if (chosen || part.remaining === 0 || part.replayed === 0 || replayed >= now) break;
      }
      setOver(true);
    } catch (problem) {
      setError(problem);
    }
    await done();
  };
  const running = course !== null && !over && error === undefined;
  return (
    <Modal
      open
      title={t('replay.title')}
      onCancel={close}
      closable={!running}
      mask={{ closable: !running }}
      footer={
        over || error !== undefined ? (
          <Button onClick={close}>{t('replay.close')}</Button>
        ) : (
          <>
            <Button onClick={close} disabled={running}>
              {t('replay.cancel')}
            </Button>
            <Button type="primary" loading={running} disabled={total === 0} onClick={run}>
              {t('replay.run', { n: total })}
            </Button>
          </>
        )
      }
    >
      <p>{chosen ? t('replay.preview.chosen', { n: total }) : t('replay.preview', { n: total })}</p>
      {!chosen && (
        <ul className="fields">
          {waiting.map(({ code, title, waiting: n }) => (
            <li key={code}>
              {title ? say(title) : tCode('refused', code)} {t('replay.count', { n })}
            </li>
          ))}
        </ul>
      )}
      <p className="quiet">{t('replay.consequence')}</p>
      {course && (
        <Progress
          aria-label={t('replay.title')}
          percent={total === 0 ? 100 : Math.min(100, Math.round((course.replayed / total) * 100))}
          status={over ? 'success' : 'active'}
        />
      )}
      {over && course && <Alert type="success" showIcon title={t('replay.result', { n: course.replayed })} />}
      {error !== undefined && <ProblemNotice error={error} />}
    </Modal>
  );
}
