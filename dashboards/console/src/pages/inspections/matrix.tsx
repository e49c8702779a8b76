import { Link } from '@tanstack/react-router';
import { t, tCode } from '../../language.ts';
import { Mark } from '../../parts/mark.tsx';
import { SIGNS } from './inspection-words.ts';
import type { Task } from './inspections.tsx';

/** How many days stand beside each other. */
const DAYS = 7;

/** Departments by days: whose round is done, open or late. The newest day says how far it is. */
export function Matrix({ tasks }: { tasks: readonly Task[] }) {
  const days = [...new Set(tasks.map(({ date }) => date))].sort().reverse().slice(0, DAYS);
  const of = Map.groupBy(tasks, ({ orgId }) => orgId);
  const [newest] = days;
  return (
    <section className="sheet">
      <h2>{t('inspections.matrix')}</h2>
      <div className="inspections-scroll">
        <table className="inspections-matrix">
          <thead>
            <tr>
              <th scope="col">{t('inspections.org')}</th>
              {days.map((day) => (
                <th scope="col" key={day}>
                  {day.slice(5)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {[...of].map(([orgId, own]) => (
              <tr key={orgId}>
                <th scope="row">{own[0]?.orgName ?? orgId}</th>
                {days.map((day) => {
                  const task = own.find(({ date }) => date === day);
                  return <td key={day}>{task ? <Cell task={task} long={day === newest} /> : <Absent />}</td>;
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Cell({ task, long }: { task: Task; long: boolean }) {
  const [tone, shape] = SIGNS[task.state];
  return (
    <Link to="/inspections/$id" params={{ id: task.id }} className="inspections-cell">
      <Mark tone={tone} shape={shape} label={tCode('inspectionState', task.state)} bare={!long} />
      {long && (
        <span className="quiet">
          {task.items === 0 ? t('inspections.clean') : t('inspections.ofAll', { n: task.answered, of: task.items })}
        </span>
      )}
    </Link>
  );
}

const Absent = () => (
  <span className="quiet" title={t('inspections.noTask')}>
    –
  </span>
);
