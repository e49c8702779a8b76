import { Link } from '@tanstack/react-router';
import type { Answer } from '../../api/client.ts';
import { t } from '../../language.ts';
import { StateMark } from '../../parts/marks.tsx';

/** The legal way of a ticket, from left to right, with those that left it for a while. */
export const WAY = ['discovered', 'filed', 'dispatched', 'handling', 'verifying'] as const;
export const ASIDE = ['returned', 'suspended'] as const;

export function Stages({ tickets }: { tickets: Answer<'Overview'>['tickets'] }) {
  const { byStage, overdueByStage } = tickets;
  const aside = (stage: string) => ASIDE.some((one) => one === stage);
  return (
    <section className="sheet">
      <h2>
        {t('overview.stages')}
        <Link className="more" to="/tickets">
          {t('overview.toTickets')}
        </Link>
      </h2>
      <ol className="stages">
        {[...WAY, ...ASIDE].map((stage) => (
          <li key={stage} className={aside(stage) ? 'aside' : ''}>
            <Link to="/tickets" search={{ stage }}>
              <b>{byStage[stage] ?? 0}</b>
              <StateMark of="stage" code={stage} />
            </Link>
            {(overdueByStage[stage] ?? 0) > 0 && (
              <Link className="stage-overdue" to="/tickets" search={{ stage, overdue: 'true' }}>
                {t('overview.overdue', { n: overdueByStage[stage] ?? 0 })}
              </Link>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}
