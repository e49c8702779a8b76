import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Progress } from 'antd';
import { type Answer, api, body } from '../../api/client.ts';
import { t, tCode } from '../../language.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { Mark } from '../../parts/mark.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { Ago } from '../../parts/time.tsx';

const KEY = ['audit', 'integrity'];
const WHILE_RUNNING_MS = 1_000;

/** Whether the chain of records is whole, as of its last check; checks it now. */
export function Integrity() {
  const queries = useQueryClient();
  const state = useQuery({
    queryKey: KEY,
    queryFn: () => body(api.GET('/api/v1/audit/integrity')),
    refetchInterval: ({ state: { data } }) => (data?.running ? WHILE_RUNNING_MS : false),
  });
  const verify = useMutation({
    mutationFn: () => body(api.POST('/api/v1/audit/verify')),
    onSuccess: (next) => {
      queries.setQueryData(KEY, next);
      void queries.invalidateQueries({ queryKey: KEY });
    },
  });
  return (
    <section className="sheet">
      <h2>{t('audit.integrity')}</h2>
      <Loaded query={state}>
        {({ head, anchors, running, last }) => (
          <>
            <div className="integrity">
              <Verdict last={last} />
              <span>
                <span className="quiet">{t('audit.head')}</span> {head?.seq ?? 0}
              </span>
              <span>
                <span className="quiet">{t('audit.anchor')}</span> <Ago at={anchors.lastAt} />
                {anchors.fault && <Mark tone="bad" shape="cross" label={t('audit.anchorFault')} />}
              </span>
              <Button loading={verify.isPending || running !== null} onClick={() => verify.mutate()}>
                {t('audit.verify')}
              </Button>
            </div>
            {running && (
              <Progress
                aria-label={t('audit.verify')}
                percent={running.of === 0 ? 0 : Math.floor((running.checked / running.of) * 100)}
                format={() => `${running.checked} / ${running.of}`}
              />
            )}
            {anchors.fault && <p className="quiet">{anchors.fault}</p>}
            {last && last.findings.length > 0 && (
              <ul className="fields" role="alert">
                {last.findings.map((one) => (
                  <li key={`${one.kind}${one.seq ?? ''}${one.file ?? ''}${one.line ?? ''}${one.text}`}>
                    <b>{tCode('auditFinding', one.kind)}</b> {one.text}
                  </li>
                ))}
              </ul>
            )}
          </>
        )}
      </Loaded>
      {verify.error && <ProblemNotice error={verify.error} />}
    </section>
  );
}

function Verdict({ last }: { last: Answer<'AuditIntegrity'>['last'] }) {
  if (last === null) return <Mark tone="none" shape="ring" label={t('audit.neverChecked')} />;
  const { intact, finishedAt, records, findingCount } = last;
  return (
    <span>
      <Mark
        tone={intact ? 'good' : 'bad'}
        shape={intact ? 'disc' : 'cross'}
        label={intact ? t('audit.intact', { n: records }) : t('audit.broken', { n: findingCount })}
      />{' '}
      <Ago at={finishedAt} />
    </span>
  );
}
