import { Tabs } from 'antd';
import { t, tCode } from '../../language.ts';
import { useFilters } from '../../parts/filters.ts';
import { Page } from '../../parts/page.tsx';
import { QuietCalendar } from './quiet-calendar.tsx';
import { QUIET_KINDS } from './quiet-kinds.ts';
import { QuietList } from './quiet-list.tsx';
import './rules.css';

/** When and where nobody is to be alarmed, or everybody sooner: windows, silences, 重保, drills. */
export default function Quiet() {
  const [filters, change] = useFilters();
  const tab = filters.tab ?? 'maintenance';
  return (
    <Page title={t('nav.quiet')} guide="maintenance">
      <p className="quiet">{t('quiet.rule')}</p>
      <Tabs
        activeKey={tab}
        destroyOnHidden
        onChange={(next) =>
          change({
            ...Object.fromEntries(Object.keys(filters).map((name) => [name, undefined])),
            tab: next === 'maintenance' ? undefined : next,
          })
        }
        items={[
          ...QUIET_KINDS.map((kind) => ({
            key: kind,
            label: tCode('quietKind', kind),
            children: <QuietList kind={kind} />,
          })),
          { key: 'calendar', label: t('quiet.calendar'), children: <QuietCalendar /> },
        ]}
      />
    </Page>
  );
}
