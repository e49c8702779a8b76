import { useMutation, useQuery } from '@tanstack/react-query';
import { Button, Image } from 'antd';
import { type Answer, api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { t, tCode } from '../../language.ts';
import { ConfirmButton } from '../../parts/confirm.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Mark } from '../../parts/mark.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { Ago, exactTime } from '../../parts/time.tsx';

type State = Answer<'Diagnosis'>;

const address = (camera: string, picture: string) =>
  `/api/v1/cameras/${encodeURIComponent(camera)}/pictures/${encodeURIComponent(picture)}.jpg?width=640`;

/** What is wrong with the picture (视频质量诊断), with what was seen and what it is compared with. */
export function Diagnosis({ id }: { id: string }) {
  const may = useMay();
  const path = { params: { path: { id } } };
  const found = useQuery({
    queryKey: ['device-diagnosis', id],
    queryFn: () => body(api.GET('/api/v1/cameras/{id}/diagnosis', path)),
    refetchInterval: 15_000,
  });
  const look = useMutation({
    mutationFn: () => body(api.POST('/api/v1/cameras/{id}/diagnosis', { ...path, body: {} })),
    onSettled: () => found.refetch(),
  });
  return (
    <section className="sheet">
      <h2 className="device-line">
        {t('diagnosis.title')}
        {may('cameras', 'operate') && (
          <>
            <Button size="small" loading={look.isPending} onClick={() => look.mutate()}>
              {t('diagnosis.look')}
            </Button>
            <ConfirmButton
              size="small"
              title={t('diagnosis.baseline')}
              consequence={t('diagnosis.baseline.consequence')}
              act={async () => {
                await api.POST('/api/v1/cameras/{id}/diagnosis/baseline', path);
                await found.refetch();
              }}
            >
              {t('diagnosis.baseline')}
            </ConfirmButton>
          </>
        )}
      </h2>
      {look.isError && <ProblemNotice error={look.error} />}
      {look.data && !look.data.ok && (
        <Mark tone="bad" shape="square" label={`${tCode('reason', look.data.reason)} ${look.data.detail}`} />
      )}
      <Loaded query={found}>{(data) => <Found id={id} data={data} />}</Loaded>
    </section>
  );
}

function Found({ id, data }: { id: string; data: State }) {
  const { state, last, baseline, history } = data;
  return (
    <>
      <p className="device-line">
        {state.length === 0 && <Mark tone="good" shape="disc" label={t('diagnosis.good')} />}
        <span className="quiet">
          {last ? (
            <>
              {t('diagnosis.last')} <Ago at={last.at} />
            </>
          ) : (
            t('diagnosis.never')
          )}
          {' · '}
          {t('diagnosis.learned', { n: baseline.length })}
        </span>
      </p>
      {state.map((fault) => (
        <div key={fault.code} className="diagnosis-fault">
          <div>
            <Mark
              tone={fault.state === 'confirmed' ? 'bad' : 'warning'}
              shape={fault.state === 'confirmed' ? 'square' : 'ring'}
              label={`${tCode('fault', fault.code)} · ${t(`diagnosis.${fault.state}`)}`}
            />
            <p className="quiet">
              {t('diagnosis.looks', { bad: fault.bad, good: fault.good })} · <Ago at={fault.since} />
            </p>
          </div>
          <Pictures id={id} seen={fault.picture} reference={fault.reference} />
        </div>
      ))}
      {history.length > 0 && (
        <details>
          <summary>{t('diagnosis.history', { n: history.length })}</summary>
          <ul className="device-log">
            {history.slice(0, 30).map((turn) => (
              <li key={`${turn.at}${turn.code}`}>
                <span>
                  {exactTime(turn.at)} {tCode('fault', turn.code)} · {t(`diagnosis.turn.${turn.turn}`)}
                </span>
                <Pictures id={id} seen={turn.picture} reference={null} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

function Pictures({ id, seen, reference }: { id: string; seen: string | null; reference: string | null }) {
  const shown = [
    [seen, t('diagnosis.seen')],
    [reference, t('diagnosis.reference')],
  ] as const;
  return (
    <span className="diagnosis-pictures">
      {shown.map(
        ([picture, label]) =>
          picture && (
            <figure key={picture}>
              <Image src={address(id, picture)} width={160} height={96} alt={label} loading="lazy" />
              <figcaption className="quiet">{label}</figcaption>
            </figure>
          ),
      )}
    </span>
  );
}
