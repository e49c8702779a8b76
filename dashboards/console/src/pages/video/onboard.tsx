import { Steps } from 'antd';
import { useState } from 'react';
import { useMay } from '../../app/rights.ts';
import { t } from '../../language.ts';
import { useFilters } from '../../parts/filters.ts';
import { Page } from '../../parts/page.tsx';
import { File } from './file.tsx';
import { Find } from './find.tsx';
import { FirstFrame } from './first-frame.tsx';
import { useJobs } from './jobs.ts';
import { Look } from './look.tsx';
import type { Findings, Login, Target } from './target.ts';
import './video.css';

const STEPS = ['find', 'look', 'file', 'frame'] as const;
type Step = (typeof STEPS)[number];
const NOBODY: Login = { username: '', password: '' };

interface Chosen {
  readonly target: Target;
  /** Only in this page's memory, and only until the camera is registered. */
  readonly login: Login;
  readonly findings: Findings | null;
}
interface Done {
  readonly id: string;
  readonly pending: boolean;
  readonly archiveFailed: boolean;
}

/** From a camera in the network to its first frame. */
export default function Onboard() {
  const may = useMay();
  const operates = may('cameras', 'operate');
  const jobs = useJobs(operates);
  const [{ search, look, done: doneId }, setFilters] = useFilters();
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [filing, setFiling] = useState(false);
  const [done, setDone] = useState<Done | null>(null);
  const all = jobs.data?.items ?? [];
  const finished = done ?? (doneId ? { id: doneId, pending: false, archiveFailed: false } : null);
  const step: Step = finished ? 'frame' : chosen === null ? 'find' : filing ? 'file' : 'look';

  const choose = (target: Target, login: Login, looked?: { readonly id: string }) => {
    setChosen({ target, login, findings: null });
    // Whoever may not look at it registers what was typed.
    setFiling(!operates);
    setFilters({ look: looked?.id });
  };
  const again = () => {
    setChosen(null);
    setDone(null);
    setFiling(false);
    setFilters({ look: undefined, done: undefined });
  };
  return (
    <Page title={t('onboard.title')} guide="add-camera">
      <div className="onboard">
        <Steps
          size="small"
          current={STEPS.indexOf(step)}
          items={STEPS.map((name) => ({ title: t(`onboard.step.${name}`) }))}
        />
        {step === 'find' && (
          <Find
            operates={operates}
            jobs={all}
            job={all.find(({ id }) => id === search)}
            show={(id) => setFilters({ search: id })}
            choose={choose}
          />
        )}
        {step === 'look' && chosen && (
          <Look
            target={chosen.target}
            login={chosen.login}
            job={all.find(({ id }) => id === look)}
            looked={(login, job) => {
              setChosen({ ...chosen, login });
              setFilters({ look: job.id });
            }}
            back={again}
            next={(target, findings) => {
              setChosen({ ...chosen, target, findings });
              setFiling(true);
            }}
          />
        )}
        {step === 'file' && chosen && (
          <File
            target={chosen.target}
            login={chosen.login}
            findings={chosen.findings}
            back={() => setFiling(false)}
            registered={(id, pending, archiveFailed) => {
              setChosen({ target: chosen.target, login: NOBODY, findings: null });
              setDone({ id, pending, archiveFailed });
              setFilters({ look: undefined, done: id });
            }}
          />
        )}
        {finished && (
          <FirstFrame
            camera={finished.id}
            pending={finished.pending}
            archiveFailed={finished.archiveFailed}
            again={again}
          />
        )}
      </div>
    </Page>
  );
}
