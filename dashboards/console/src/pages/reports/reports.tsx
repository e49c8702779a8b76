import { Button } from 'antd';
import { t } from '../../language.ts';
import { useFilters } from '../../parts/filters.ts';
import { Page } from '../../parts/page.tsx';
import { TabLinks } from '../../parts/tab-links.tsx';
import { Availability } from './availability.tsx';
import { Daily } from './daily.tsx';
import { Periodic } from './periodic.tsx';
import { Ranking } from './ranking.tsx';
import { Sent } from './sent.tsx';
import { TicketFigures } from './ticket-figures.tsx';
import './reports.css';

const TABS = {
  daily: Daily,
  availability: Availability,
  tickets: TicketFigures,
  ranking: Ranking,
  periodic: Periodic,
  sent: Sent,
} as const;
type Tab = keyof typeof TABS;
const NAMES = Object.keys(TABS) as Tab[];
/** Filters of one report mean nothing to another; the period and the scope stay. */
const OWN: ReadonlySet<string> = new Set(['by', 'section', 'device', 'kind', 'sort', 'date', 'number']);

/** What the centre is measured by: each report at an address of its own, each number with its rule. */
export default function Reports() {
  const [filters] = useFilters();
  const asked = filters['tab'] ?? (filters['by'] ? 'availability' : 'daily');
  const tab = NAMES.find((one) => one === asked) ?? 'daily';
  const Shown = TABS[tab];
  return (
    <Page
      title={t('reports.title')}
      guide="reports"
      actions={<Button onClick={() => window.print()}>{t('paper.print')}</Button>}
    >
      <TabLinks
        label={t('reports.title')}
        chosen={tab}
        tabs={NAMES.map((key) => ({ key, label: t(`reports.tab.${key}`) }))}
        search={(next, now) => ({
          ...Object.fromEntries(Object.entries(now).filter(([name]) => !OWN.has(name))),
          tab: next,
        })}
      />
      <Shown key={tab} />
    </Page>
  );
}
