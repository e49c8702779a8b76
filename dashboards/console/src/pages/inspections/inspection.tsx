import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { type Answer, api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { t, tCode } from '../../language.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { Mark } from '../../parts/mark.tsx';
import { useNames } from '../../parts/names.ts';
import { Nothing } from '../../parts/nothing.tsx';
import { Page } from '../../parts/page.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { exactTime } from '../../parts/time.tsx';
import { Item } from './inspection-item.tsx';
import { SIGNS } from './inspection-words.ts';
import { Submit } from './submit.tsx';
import './inspections.css';

export type Inspection = Answer<'InspectionTaskWithItems'>;
export type Finding = Inspection['list'][number];
export interface Given {
  readonly n: number;
  readonly result: 'normal' | 'abnormal';
  readonly note?: string;
}

/** One department's round: the list was filled by the gateway, only what differs is typed. */
export default function InspectionPage() {
  const { id = '' } = useParams({ strict: false });
  const inspection = useQuery({
    queryKey: ['reports', 'inspections', 'one', id],
    queryFn: () => body(api.GET('/api/v1/inspections/{id}', { params: { path: { id } } })),
  });
  return <Loaded query={inspection}>{(data) => <Round task={data} />}</Loaded>;
}

function Round({ task }: { task: Inspection }) {
  const may = useMay();
  const queries = useQueryClient();
  const modules = useNames('modules');
  const open = task.submittedAt === null && may('inspections', 'update');
  const answer = useMutation({
    mutationFn: (given: Given) =>
      body(api.PUT('/api/v1/inspections/{id}/items', { params: { path: { id: task.id } }, body: { items: [given] } })),
    onSuccess: (data) => queries.setQueryData(['reports', 'inspections', 'one', task.id], data),
  });
  const [tone, shape] = SIGNS[task.state];
  const kinds = [...Map.groupBy(task.list, ({ kind }) => kind)];
  return (
    <Page title={t('inspections.one', { org: task.orgName, date: task.date })} guide="inspections">
      <section className="sheet inspection-head">
        <Mark tone={tone} shape={shape} label={tCode('inspectionState', task.state)} />
        <span>
          {t('inspections.about', { devices: task.devices, modules: task.modules.map(modules.name).join('、') })}
        </span>
        <span className="quiet">
          {task.submittedAt
            ? t('inspections.submittedBy', {
                at: exactTime(task.submittedAt).slice(0, 16),
                who: task.submittedName ?? '',
              })
            : t('inspections.due', { at: exactTime(task.dueAt).slice(0, 16) })}
        </span>
        {task.note && <p>{task.note}</p>}
      </section>
      {open && <p className="quiet">{t('inspections.how')}</p>}
      {answer.isError && <ProblemNotice error={answer.error} />}
      {task.list.length === 0 && (
        <section className="sheet">
          <Nothing title={t('inspections.nothing')} next={open && t('inspections.nothing.next')} />
        </section>
      )}
      {kinds.map(([kind, list]) => (
        <section className="sheet inspection-kind" key={kind}>
          <h2>{t('inspections.kindOf', { kind: tCode('inspectionKind', kind), n: list.length })}</h2>
          <ul className="inspection-list">
            {list.map((finding) => (
              <Item key={finding.n} finding={finding} {...(open && { give: answer.mutateAsync })} />
            ))}
          </ul>
        </section>
      ))}
      {task.omitted > 0 && <p className="quiet">{t('inspections.omitted', { n: task.omitted })}</p>}
      {open && <Submit task={task} />}
    </Page>
  );
}
