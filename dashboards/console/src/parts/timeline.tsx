import type { ReactNode } from 'react';
import { t } from '../language.ts';
import { exactTime } from './time.tsx';
import './timeline.css';

export interface TimelineEntry {
  readonly at: string;
  /** Who did it; null = the gateway itself. */
  readonly by: string | null;
  readonly what: ReactNode;
  readonly words?: ReactNode;
}

/** What happened, oldest first: when, who, what, in whose words; what the gateway did by itself is told apart. */
export function Timeline({ entries }: { entries: readonly TimelineEntry[] }) {
  return (
    <ol className="timeline">
      {entries.map(({ at, by, what, words }) => (
        <li key={`${at} ${by} ${String(what)} ${String(words)}`} className={by === null ? 'automatic' : 'personal'}>
          <time dateTime={at}>{exactTime(at).slice(5)}</time>
          <div>
            <div className="timeline-what">
              <b>{by ?? t('timeline.automatic')}</b> {what}
            </div>
            {words && <div className="timeline-words">{words}</div>}
          </div>
        </li>
      ))}
    </ol>
  );
}
