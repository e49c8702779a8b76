import { Tabs } from 'antd';
import { t, tCode } from '../../language.ts';
import { useFilters } from '../../parts/filters.ts';
import { Page } from '../../parts/page.tsx';
import { Spots } from './spots.tsx';
import { Use } from './use.tsx';
import './inspections.css';

const TABS = ['spots', 'lowUse', 'falseAlarm'] as const;

/** Where tickets come from more often than chance explains, and what is of little use. */
export default function HotSpotsPage() {
  const [{ tab = 'spots' }, change] = useFilters();
  return (
    <Page title={t('hotSpots.title')} guide="inspections">
      <Tabs
        activeKey={tab}
        destroyOnHidden
        onChange={(next) => change({ tab: next, quarter: undefined, by: undefined })}
        items={TABS.map((key) => ({
          key,
          label: tCode('hotSpots.tab', key),
          children: key === 'spots' ? <Spots /> : <Use by={key} />,
        }))}
      />
    </Page>
  );
}
