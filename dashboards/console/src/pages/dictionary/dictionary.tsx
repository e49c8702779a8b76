import { App, Button, Input, Progress } from 'antd';
import { useDeferredValue } from 'react';
import { t } from '../../language.ts';
import { csvOf } from '../../parts/csv.ts';
import { hand } from '../../parts/file.ts';
import { useFilters } from '../../parts/filters.ts';
import { NamedSelect } from '../../parts/named-select.tsx';
import { useNames } from '../../parts/names.ts';
import { Nothing } from '../../parts/nothing.tsx';
import { Page } from '../../parts/page.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { Scroller } from '../../parts/scroller.tsx';
import { TabLinks } from '../../parts/tab-links.tsx';
import { Codes, useCodes } from './codes.tsx';
import { narrowed } from './definition.ts';
import { useTypeEntries } from './read-types.ts';
import { alarmRows, codeRows, metricRows } from './tables.ts';
import { Alarms, Metrics, TypeHead } from './type-sheet.tsx';
import './dictionary.css';

const TABS = ['metrics', 'alarms', 'codes'] as const;

/** What every number and code means: device types with their metrics and alarms, and the codes with their words. */
export default function Dictionary() {
  const [filters, change] = useFilters();
  const { message } = App.useApp();
  const tab = TABS.find((one) => one === filters['tab']) ?? 'metrics';
  const { q = '', module } = filters;
  const typed = useDeferredValue(q);
  const { name } = useNames('modules');
  const { query, progress } = useTypeEntries();
  const families = useCodes();
  const entries = narrowed(query.data ?? [], typed)
    .filter((entry) => !module || entry.module === module)
    .filter(({ metrics, alarms }) => (tab === 'metrics' ? metrics : alarms).length > 0);
  const rows = () =>
    tab === 'codes' ? codeRows(families) : tab === 'metrics' ? metricRows(entries, name) : alarmRows(entries, name);
  const copy = async () => {
    const text = rows()
      .map((row) => row.map((cell) => cell.replaceAll(/[\t\n]/g, ' ')).join('\t'))
      .join('\n');
    try {
      await navigator.clipboard.writeText(text);
      message.success(t('dictionary.copied'));
    } catch {
      message.error(t('dictionary.notCopied'));
    }
  };
  return (
    <Page
      title={t('dictionary.title')}
      guide="add-device-type"
      actions={
        <>
          <Button onClick={() => void copy()}>{t('dictionary.copy')}</Button>
          <Button onClick={() => hand(csvOf(rows()), `${t(`dictionary.file.${tab}`)}.csv`)}>
            {t('dictionary.csv')}
          </Button>
        </>
      }
    >
      <TabLinks
        label={t('dictionary.title')}
        chosen={tab}
        tabs={TABS.map((key) => ({ key, label: t(`dictionary.tab.${key}`) }))}
        search={(next, now) => ({ ...now, tab: next })}
      />
      <div className="filters">
        <Input.Search
          allowClear
          className="dictionary-search"
          value={q}
          aria-label={t('dictionary.search')}
          placeholder={t('dictionary.search')}
          onChange={({ target }) => change({ q: target.value })}
        />
        {tab !== 'codes' && (
          <NamedSelect
            of="modules"
            value={module}
            aria-label={t('dictionary.module')}
            placeholder={t('dictionary.module')}
            onChange={(id) => change({ module: id })}
          />
        )}
        {query.data && tab !== 'codes' && (
          <span className="quiet dictionary-count">
            {t(`dictionary.count.${tab}`, {
              types: entries.length,
              n: entries.reduce((sum, entry) => sum + entry[tab].length, 0),
            })}
          </span>
        )}
      </div>
      {tab === 'codes' && <Codes q={typed} />}
      {tab !== 'codes' && query.isError && <ProblemNotice error={query.error} again={() => query.refetch()} />}
      {tab !== 'codes' && query.isPending && (
        <div role="status">
          <p>{t('dictionary.reading', progress)}</p>
          <Progress
            aria-label={t('dictionary.reading', progress)}
            percent={progress.all === 0 ? 0 : Math.round((progress.done / progress.all) * 100)}
          />
        </div>
      )}
      {tab !== 'codes' && query.data && entries.length === 0 && <Nothing title={t('dictionary.none')} />}
      {tab !== 'codes' &&
        entries.map((entry) => (
          <section key={entry.id} className="sheet">
            <TypeHead entry={entry} module={name(entry.module)} />
            <Scroller label={entry.title.zh}>
              {tab === 'metrics' ? <Metrics of={entry.metrics} /> : <Alarms of={entry.alarms} />}
            </Scroller>
          </section>
        ))}
    </Page>
  );
}
