import { Tabs } from 'antd';
import { t } from '../../language.ts';
import { useFilters } from '../../parts/filters.ts';
import { AnalyseNotices } from '../../parts/notified-why.tsx';
import { Page } from '../../parts/page.tsx';
import { Channels } from './channels.tsx';
import { NoticeRules } from './notice-rules.tsx';
import { Sendings } from './sendings.tsx';
import './rules.css';

/** Who is told of what, through what, whether it arrived, and why not. */
export default function Notifications() {
  const [filters, change] = useFilters();
  return (
    <Page title={t('nav.notifications')} guide="notifications">
      <Tabs
        activeKey={filters.tab ?? 'channels'}
        destroyOnHidden
        onChange={(tab) => change({ tab: tab === 'channels' ? undefined : tab, state: undefined, channel: undefined })}
        items={[
          { key: 'channels', label: t('notify.channels'), children: <Channels /> },
          { key: 'rules', label: t('notify.rules'), children: <NoticeRules /> },
          { key: 'log', label: t('notify.log'), children: <Sendings /> },
          { key: 'why', label: t('notify.why'), children: <AnalyseNotices /> },
        ]}
      />
    </Page>
  );
}
