import { useQueries } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button, Progress } from 'antd';
import { useState } from 'react';
import { type Answer, api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { t, tCode } from '../../language.ts';
import { Mark } from '../../parts/mark.tsx';
import { useNames } from '../../parts/names.ts';
import { Page } from '../../parts/page.tsx';
import { ServerTable } from '../../parts/server-table.tsx';
import { exactTime } from '../../parts/time.tsx';
import { NewCampaign } from './new-campaign.tsx';
import './inspections.css';

type Campaign = Answer<'Campaign'>;

/** The monthly counts, newest first, with how far the residents' committees are. */
export default function Campaigns() {
  const may = useMay();
  const modules = useNames('modules');
  const [creating, setCreating] = useState(false);
  const [shown, setShown] = useState<readonly Campaign[]>([]);
  const details = useQueries({
    queries: shown.map(({ id }) => ({
      queryKey: ['reports', 'campaigns', 'one', id],
      queryFn: () => body(api.GET('/api/v1/inspections/campaigns/{id}', { params: { path: { id } } })),
      staleTime: 15_000,
    })),
  });
  const sheetsOf = new Map(details.flatMap(({ data }) => (data ? [[data.id, data.sheets] as const] : [])));
  return (
    <Page
      title={t('campaigns.title')}
      guide="inspections"
      actions={
        may('inspections', 'create') && (
          <Button type="primary" onClick={() => setCreating(true)}>
            {t('campaigns.new')}
          </Button>
        )
      }
    >
      <ServerTable<Campaign>
        of={['reports', 'campaigns']}
        read={(page) => body(api.GET('/api/v1/inspections/campaigns', { params: { query: page } }))}
        limit={12}
        rowKey="id"
        shown={setShown}
        empty={{ title: t('campaigns.empty'), next: t('campaigns.empty.next') }}
        columns={[
          { title: t('campaigns.month'), render: (_, { month }) => month.slice(0, 7) },
          {
            title: t('campaigns.name'),
            className: 'wide-words',
            render: (_, { id, name }) => (
              <Link to="/campaigns/$id" params={{ id }}>
                {name}
              </Link>
            ),
          },
          {
            title: t('campaigns.filter'),
            className: 'wide-words',
            render: (_, { filter }) =>
              [...(filter.modules ?? []).map(modules.name), ...(filter.types ?? [])].join(t('campaigns.and')) ||
              t('campaigns.everything'),
          },
          {
            title: t('campaigns.answered'),
            className: 'campaign-bar',
            render: (_, { id }) => <Answered sheets={sheetsOf.get(id)} />,
          },
          {
            title: t('campaigns.signed'),
            render: (_, { id }) => {
              const sheets = sheetsOf.get(id);
              return sheets
                ? t('inspections.ofAll', {
                    n: sheets.filter(({ state }) => state === 'countersigned').length,
                    of: sheets.length,
                  })
                : '…';
            },
          },
          { title: t('campaigns.due'), render: (_, { dueAt }) => exactTime(dueAt).slice(0, 16) },
          {
            title: t('inspections.state'),
            render: (_, { sealedAt, dueAt }) =>
              sealedAt ? (
                <Mark tone="good" shape="disc" label={t('campaigns.sealed')} />
              ) : Date.parse(dueAt) < Date.now() ? (
                <Mark tone="bad" shape="square" label={t('campaigns.late')} />
              ) : (
                <Mark tone="warning" shape="ring" label={t('campaigns.running')} />
              ),
          },
        ]}
      />
      {creating && <NewCampaign close={() => setCreating(false)} />}
    </Page>
  );
}

type Sheets = readonly Answer<'CampaignSheet'>[];

function Answered({ sheets }: { sheets: Sheets | undefined }) {
  if (!sheets) return <span className="quiet">…</span>;
  const expected = sheets.reduce((sum, sheet) => sum + sheet.expected, 0);
  const open = sheets.reduce((sum, sheet) => sum + sheet.unanswered, 0);
  const share = expected === 0 ? 100 : Math.floor(((expected - open) / expected) * 100);
  return (
    <Progress
      size="small"
      percent={share}
      aria-label={tCode('campaigns', 'answered')}
      format={() => t('inspections.ofAll', { n: expected - open, of: expected })}
    />
  );
}
