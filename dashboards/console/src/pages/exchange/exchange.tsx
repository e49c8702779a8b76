import { Tabs } from 'antd';
import { t } from '../../language.ts';
import { useFilters } from '../../parts/filters.ts';
import { Page } from '../../parts/page.tsx';
import { DataSets } from './data-sets.tsx';
import { Deliveries } from './deliveries.tsx';
import { Peers } from './peers.tsx';
import { Status } from './status.tsx';
import { Subscriptions } from './subscriptions.tsx';
import './exchange.css';

/** Hand-over to upper platforms: to whom, what, by whose consent, how it goes, what was said. */
export default function Exchange() {
  const [filters, change] = useFilters();
  return (
    <Page title={t('nav.exchange')} guide="exchange">
      <Tabs
        activeKey={filters.tab ?? 'peers'}
        destroyOnHidden
        onChange={(tab) =>
          change({ tab: tab === 'peers' ? undefined : tab, state: undefined, subscription: undefined })
        }
        items={[
          { key: 'peers', label: t('exchange.peers'), children: <Peers /> },
          { key: 'sets', label: t('exchange.sets'), children: <DataSets /> },
          { key: 'subscriptions', label: t('exchange.subscriptions'), children: <Subscriptions /> },
          { key: 'status', label: t('exchange.status'), children: <Status /> },
          { key: 'log', label: t('exchange.log'), children: <Deliveries /> },
        ]}
      />
    </Page>
  );
}
