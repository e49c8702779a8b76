import { useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { Alert, App, Button, Segmented, Skeleton } from 'antd';
import { lazy, Suspense, useMemo, useState } from 'react';
import { api } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { t, tCode } from '../../language.ts';
import { Page } from '../../parts/page.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { Decisions } from './decisions.tsx';
import { sampleOf } from './dry-run.tsx';
import { MappingForm } from './mapping-form.tsx';
import { Preview } from './preview.tsx';
import type { SampleMessage } from './sample-message.tsx';
import { useSettled } from './settled.ts';
import { sketchOf } from './text.ts';
import type { Opened } from './type.tsx';
import { useCheck } from './use-check.ts';
import { Versions } from './versions.tsx';

const CodeEditor = lazy(() => import('./code-editor.tsx'));

/** The text and its table are two views of one thing; the message beside them is read by it at every pause. */
export function TypeWork({ opened, mayWrite }: { opened: Opened; mayWrite: boolean }) {
  const may = useMay();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const { message } = App.useApp();
  const [saved, setSaved] = useState(opened.source);
  const [source, setSource] = useState(opened.source);
  const [way, setWay] = useState<'text' | 'table'>('text');
  const [typed, setTyped] = useState<SampleMessage | null>(null);
  const [busy, setBusy] = useState<'save' | 'submit' | null>(null);
  const [error, setError] = useState<unknown>();
  const [goTo, setGoTo] = useState<{ line: number } | null>(null);
  const settled = useSettled(source, 400);
  const sketch = useMemo(() => sketchOf(settled), [settled]);
  // What one may not change was judged when it was taken in.
  const check = useCheck(mayWrite ? settled : '');
  const sample = typed ?? sampleOf(sketch.examples[0]) ?? EMPTY;
  const newest = opened.versions[0];
  const changed = source !== saved;

  // What was refused before does not stand beside a text that is another by now.
  const write = (text: string) => {
    setSource(text);
    setError(undefined);
  };
  async function save(submit: boolean) {
    setBusy(submit ? 'submit' : 'save');
    setError(undefined);
    try {
      const { data } = await api.POST('/api/v1/device-types', {
        params: { query: { submit } },
        body: source,
        headers: { 'content-type': 'application/yaml' },
        bodySerializer: (text) => String(text),
      });
      setSaved(source);
      message.success(t(submit ? 'types.submitted' : 'types.savedDraft', { n: data?.version.version ?? 1 }));
      await queries.invalidateQueries({ queryKey: ['lists'] });
      if (data && data.id !== opened.id) await navigate({ to: '/types/$id', params: { id: data.id } });
      else await queries.invalidateQueries({ queryKey: ['type', opened.id] });
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(null);
    }
  }

  return (
    <Page
      title={opened.id === null ? t('types.new') : opened.title}
      guide="add-device-type"
      actions={
        <>
          {opened.id !== null && may('deviceTypes', 'create') && (
            <Link to="/types/$id" params={{ id: 'new' }} search={{ like: opened.id }}>
              {t('types.like')}
            </Link>
          )}
          {mayWrite && (
            <>
              <Button loading={busy === 'save'} disabled={!changed && opened.id !== null} onClick={() => save(false)}>
                {t('types.save')}
              </Button>
              <Button
                type="primary"
                loading={busy === 'submit'}
                disabled={check.faults.length > 0 || (!changed && newest !== undefined && newest.state !== 'draft')}
                onClick={() => save(true)}
              >
                {t('types.submit')}
              </Button>
            </>
          )}
        </>
      }
    >
      <div className="type-head">
        {opened.id && <code>{opened.id}</code>}
        {opened.builtIn && <span className="quiet">{t('types.builtIn.hint')}</span>}
        {newest && (
          <span>
            {t('types.newest', { n: newest.version })} · {tCode('version', newest.state)}
            {newest.reason && ` · ${newest.reason}`}
          </span>
        )}
        {changed && <b>{t('types.unsaved')}</b>}
        {opened.id !== null && <Decisions id={opened.id} versions={opened.versions} />}
      </div>
      {error !== undefined && <ProblemNotice error={error} />}
      <div className={way === 'table' ? 'type-work by-table' : 'type-work'}>
        <section className="sheet type-text">
          <h2>
            {t('types.mapping')}
            <Segmented<'text' | 'table'>
              size="small"
              value={way}
              onChange={setWay}
              options={[
                { value: 'text', label: t('types.way.text') },
                { value: 'table', label: t('types.way.table') },
              ]}
            />
            {mayWrite && <FaultCount n={check.faults.length} known={check.known} />}
          </h2>
          {way === 'text' ? (
            <Suspense fallback={<Skeleton active />}>
              <CodeEditor
                value={source}
                faults={check.faults}
                goTo={goTo}
                label={t('types.text')}
                {...(mayWrite && { onChange: write })}
              />
            </Suspense>
          ) : (
            <MappingForm source={source} payload={sample.payload} readOnly={!mayWrite} change={write} />
          )}
          {check.error !== null && <ProblemNotice error={check.error} />}
          {check.notGranted.length > 0 && (
            <Alert
              type="warning"
              showIcon
              title={t('types.notGranted', { topics: check.notGranted.join(t('types.and')) })}
              description={t('types.notGranted.next')}
            />
          )}
          {check.faults.length > 0 && (
            <Alert
              type="error"
              title={t('types.faults', { n: check.faults.length })}
              description={
                <ul className="fields">
                  {check.faults.map(({ path, line, message: words }) => (
                    <li key={`${path}${line}${words}`}>
                      <button
                        type="button"
                        className="plain fault-line"
                        onClick={() => {
                          setWay('text');
                          setGoTo({ line: line ?? 1 });
                        }}
                      >
                        {t('types.line', { n: line ?? 1 })}
                      </button>
                      <code>{path}</code> {words}
                    </li>
                  ))}
                </ul>
              }
            />
          )}
        </section>
        <Preview source={settled} sketch={sketch} sample={sample} change={setTyped} />
      </div>
      {opened.id !== null && opened.versions.length > 0 && <Versions id={opened.id} versions={opened.versions} />}
    </Page>
  );
}

const EMPTY: SampleMessage = { topic: '', payload: '', encoding: 'text' };

function FaultCount({ n, known }: { n: number; known: boolean }) {
  if (!known) return <span className="quiet">{t('types.checking')}</span>;
  return (
    <span className={n > 0 ? 'fault-count' : 'fault-none'}>
      {n > 0 ? t('types.faults', { n }) : t('types.noFaults')}
    </span>
  );
}
