import { Tabs } from 'antd';
import { useMay } from '../../app/rights.ts';
import { t } from '../../language.ts';
import { ExportButton } from '../../parts/export-button.tsx';
import { useFilters } from '../../parts/filters.ts';
import { Page } from '../../parts/page.tsx';
import { Absences } from './absences.tsx';
import { Calendar } from './calendar.tsx';
import { Roster } from './roster.tsx';
import { RosterImport } from './roster-import.tsx';
import './rosters.css';
import './system.css';

/** Who is asked when something breaks: rosters, absences, the calendar they follow. */
export default function Rosters() {
  const may = useMay();
  const [filters, change] = useFilters();
  const { orgId } = filters;
  return (
    <Page
      title={t('nav.rosters')}
      guide="duty"
      actions={
        <>
          {may('rosters', 'create') && <RosterImport />}
          {may('rosters', 'export') && (
            <ExportButton title={t('rosters.export')} address="/api/v1/rosters/export" query={{ orgId }} />
          )}
        </>
      }
    >
      <Tabs
        activeKey={filters.tab ?? 'roster'}
        onChange={(tab) => change({ tab: tab === 'roster' ? undefined : tab })}
        destroyOnHidden
        items={[
          { key: 'roster', label: t('rosters.roster'), children: <Roster /> },
          { key: 'absences', label: t('rosters.absences'), children: <Absences /> },
          { key: 'calendar', label: t('rosters.calendar'), children: <Calendar /> },
        ]}
      />
    </Page>
  );
}
