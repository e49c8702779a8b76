import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { Alert, Table } from 'antd';
import { type Answer, api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { useMe } from '../../app/session.tsx';
import { t, tCode } from '../../language.ts';
import { ConfirmButton } from '../../parts/confirm.tsx';
import { ExportButton } from '../../parts/export-button.tsx';
import { Figure } from '../../parts/figure.tsx';
import { useFilters } from '../../parts/filters.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { Mark } from '../../parts/mark.tsx';
import { Page } from '../../parts/page.tsx';
import { exactTime } from '../../parts/time.tsx';
import { SHEET_SIGNS } from './inspection-words.ts';
import { Sheet } from './sheet.tsx';
import './inspections.css';

export type CampaignWithSheets = Answer<'CampaignWithSheets'>;
type SheetRow = Answer<'CampaignSheet'>;

/** One count: every committee's sheet, and the one that is open. */
export default function CampaignPage() {
  const { id = '' } = useParams({ strict: false });
  const campaign = useQuery({
    queryKey: ['reports', 'campaigns', 'one', id],
    queryFn: () => body(api.GET('/api/v1/inspections/campaigns/{id}', { params: { path: { id } } })),
  });
  return <Loaded query={campaign}>{(data) => <Whole campaign={data} />}</Loaded>;
}

function Whole({ campaign }: { campaign: CampaignWithSheets }) {
  const { id, sheets, sealedAt } = campaign;
  const me = useMe();
  const [filters] = useFilters();
  const own = sheets.find(({ orgId }) => orgId === me.orgId) ?? (sheets.length === 1 ? sheets[0] : undefined);
  const open = sheets.find(({ orgId }) => orgId === (filters.sheet ?? own?.orgId));
  const sum = (of: 'expected' | 'confirmed' | 'wrong' | 'added' | 'removed' | 'unanswered') =>
    sheets.reduce((total, sheet) => total + sheet[of], 0);
  const columns = ['expected', 'confirmed', 'wrong', 'removed', 'added', 'unanswered'] as const;
  return (
    <Page title={campaign.name} guide="inspections" actions={<Acts campaign={campaign} />}>
      {sealedAt && (
        <Alert
          type="success"
          showIcon
          title={t('campaigns.sealedAt', { at: exactTime(sealedAt).slice(0, 16) })}
          description={campaign.sealNote}
        />
      )}
      <div className="figures">
        {columns.map((name) => (
          <Figure
            key={name}
            label={tCode('campaigns.count', name)}
            value={sum(name)}
            {...(name === 'expected' && {
              rule: t('campaigns.count.expected.rule', { at: exactTime(campaign.startedAt).slice(0, 16) }),
              note: campaign.unplaced > 0 ? t('campaigns.unplaced', { n: campaign.unplaced }) : undefined,
            })}
            {...(name === 'unanswered' && {
              note: t('campaigns.until', { at: exactTime(campaign.dueAt).slice(0, 16) }),
            })}
          />
        ))}
      </div>
      {sheets.length > 1 && (
        <section className="sheet">
          <h2>{t('campaigns.sheets')}</h2>
          <Table<SheetRow>
            size="small"
            rowKey="orgId"
            dataSource={[...sheets].sort((a, b) => Number(b.orgId === me.orgId) - Number(a.orgId === me.orgId))}
            pagination={{ pageSize: 20, hideOnSinglePage: true, showSizeChanger: false }}
            scroll={{ x: 'max-content' }}
            columns={[
              {
                title: t('campaigns.committee'),
                render: (_, { orgId, orgName }) => (
                  <Link
                    to="/campaigns/$id"
                    params={{ id }}
                    search={{ sheet: orgId }}
                    className={orgId === me.orgId ? 'campaign-own' : ''}
                    {...(orgId === open?.orgId && { 'aria-current': 'true' as const })}
                  >
                    {orgName}
                  </Link>
                ),
              },
              {
                title: t('inspections.state'),
                render: (_, { state }) => (
                  <Mark tone={SHEET_SIGNS[state][0]} shape={SHEET_SIGNS[state][1]} label={tCode('sheetState', state)} />
                ),
              },
              ...columns.map((name) => ({
                title: tCode('campaigns.count', name),
                dataIndex: name,
                align: 'end' as const,
              })),
              {
                title: t('campaigns.submittedBy'),
                render: (_, row) => who(row.submittedAt, row.submittedName),
              },
              { title: t('campaigns.signedBy'), render: (_, row) => who(row.signedAt, row.signedName) },
            ]}
          />
        </section>
      )}
      {open ? (
        <Sheet key={open.orgId} campaign={id} sheet={open} sealed={sealedAt !== null} />
      ) : (
        <p className="quiet">{t('campaigns.choose')}</p>
      )}
    </Page>
  );
}

const who = (at: string | null, name: string | null) => (at ? `${exactTime(at).slice(0, 16)} ${name ?? ''}` : '—');

function Acts({ campaign }: { campaign: CampaignWithSheets }) {
  const may = useMay();
  const queries = useQueryClient();
  const { id, sheets, sealedAt } = campaign;
  const unsigned = sheets.filter((sheet) => sheet.state !== 'countersigned' && sheet.expected + sheet.added > 0).length;
  const seal = async (reason: string) => {
    await api.POST('/api/v1/inspections/campaigns/{id}/seal', {
      params: { path: { id } },
      body: reason ? { reason } : {},
    });
    await queries.invalidateQueries({ queryKey: ['reports', 'campaigns'] });
  };
  return (
    <>
      {may('inspections', 'export') && (
        <ExportButton
          title={t('campaigns.export')}
          address={`/api/v1/inspections/campaigns/${encodeURIComponent(id)}/export.xlsx`}
          formats={[]}
          label={t('campaigns.export')}
        />
      )}
      {may('inspections', 'decide') && !sealedAt && (
        <ConfirmButton
          danger
          reason={unsigned > 0}
          title={t('campaigns.seal')}
          consequence={unsigned > 0 ? t('campaigns.seal.open', { n: unsigned }) : t('campaigns.seal.will')}
          act={seal}
        >
          {t('campaigns.seal')}
        </ConfirmButton>
      )}
    </>
  );
}
