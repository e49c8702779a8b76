import type { UseQueryResult } from '@tanstack/react-query';
import { Button, Spin } from 'antd';
import type { ReactNode } from 'react';
import { Problem } from '../../api/problem.ts';
import { t, tCode } from '../../language.ts';
import { Ago } from '../time.tsx';
import type { Still } from './still.ts';
import type { ViewState } from './use-view.ts';

interface OverlayProps {
  readonly view: ViewState;
  readonly still: UseQueryResult<Still>;
  readonly record: UseQueryResult<unknown>;
  /** Whether one may look at all. */
  readonly looks: boolean;
  readonly wanted: boolean;
  readonly again: () => void;
}

/** What a picture says while it is not simply playing. */
export function Overlay({ view, still, record, looks, wanted, again }: OverlayProps) {
  // What is known stays while a newer answer is late.
  if (record.isError && record.data === undefined) return <Words error={record.error} />;
  if (!looks) return <div className="live-words">{t('live.noRight')}</div>;
  if (view.at === 'opening' || view.at === 'loading')
    return (
      <div className="live-words" role="status">
        <Spin size="small" /> {t('live.loading')}
      </div>
    );
  if (view.at === 'trouble')
    return (
      <div className="live-words" role="status">
        <Spin size="small" /> {view.words ?? t('live.waiting')}
        <small>{t('live.reconnecting')}</small>
      </div>
    );
  if (view.at === 'ended')
    return (
      <div className="live-words" role="status">
        {view.words ?? t('live.ended')}
        <Again act={again} />
      </div>
    );
  if (view.at === 'refused') return <Words error={view.error} more={<Again act={again} />} />;
  if (wanted) return null;
  return (
    <>
      {still.isError && still.data === undefined && <Words error={still.error} />}
      {still.isLoading && <div className="live-words">{t('live.fetching')}</div>}
      {still.data && (
        <div className="live-age">
          <Ago at={still.data.takenAt} />
          {still.data.masked && ` · ${t('live.masked')}`}
        </div>
      )}
    </>
  );
}

const Again = ({ act }: { act: () => void }) => (
  <Button size="small" onClick={act}>
    {t('live.again')}
  </Button>
);

/** A refusal in the gateway's words, and what helps. */
function Words({ error, more }: { error: unknown; more?: ReactNode }) {
  const problem = error instanceof Problem ? error : null;
  const remedy = problem && remedyOf(problem);
  return (
    <div className="live-words" role="alert" title={problem?.requestId ?? undefined}>
      {problem?.message ?? t('problem.noAnswer')}
      {remedy && <small>{remedy}</small>}
      {more}
    </div>
  );
}

function remedyOf(problem: Problem): string | null {
  const { reason } = problem.more;
  for (const code of [reason, problem.code]) {
    const words = typeof code === 'string' ? tCode('live.remedy', code) : null;
    if (words !== null && words !== code) return words;
  }
  return null;
}
