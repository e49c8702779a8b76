import { t, tCode } from '../../language.ts';
import { StateMark } from '../../parts/marks.tsx';

/** The legal way of a ticket, from left to right, with those that left it for a while. */
const WAY = ['discovered', 'filed', 'dispatched', 'handling', 'verifying'] as const;
const ASIDE = ['returned', 'suspended'] as const;

export function Stages({ byStage }: { byStage: Readonly<Record<string, number>> }) {
  return (
    <section className="sheet">
      <h2>{t('overview.stages')}</h2>
      <ol className="stages">
        {[...WAY, ...ASIDE].map((stage) => (
          <li key={stage} className={ASIDE.some((one) => one === stage) ? 'aside' : ''} title={tCode('stage', stage)}>
            <b>{byStage[stage] ?? 0}</b>
            <StateMark of="stage" code={stage} />
          </li>
        ))}
      </ol>
    </section>
  );
}
