import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Alert, Button, Segmented } from 'antd';
import { useState } from 'react';
import { type Answer, api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { useMe } from '../../app/session.tsx';
import { t, tCode } from '../../language.ts';
import { ConfirmButton } from '../../parts/confirm.tsx';
import { useFilters } from '../../parts/filters.ts';
import { Mark } from '../../parts/mark.tsx';
import { useNames } from '../../parts/names.ts';
import { ProblemNotice } from '../../parts/problem.tsx';
import { ServerTable } from '../../parts/server-table.tsx';
import { exactTime } from '../../parts/time.tsx';
import { Find } from './find.tsx';
import { type CampaignItem, RESULT_SIGNS, RESULTS } from './sheet-words.ts';
import { Wrong } from './wrong.tsx';

interface SheetProps {
  readonly campaign: string;
  readonly sheet: Answer<'CampaignSheet'>;
  readonly sealed: boolean;
}

/** A committee's list as it was frozen, and what it found: most of it is right, only the rest is typed. */
export function Sheet({ campaign, sheet, sealed }: SheetProps) {
  const may = useMay();
  const modules = useNames('modules');
  const queries = useQueryClient();
  const [filters, change] = useFilters();
  const [chosen, choose] = useState<readonly string[]>([]);
  const [wrong, setWrong] = useState<CampaignItem | null>(null);
  const [finding, setFinding] = useState(false);
  const [error, setError] = useState<unknown>();
  const path = { id: campaign, orgId: sheet.orgId };
  const open = !sealed && sheet.state === 'open' && may('inspections', 'update');
  const result = RESULTS.find((one) => one === filters.result);
  const again = () => queries.invalidateQueries({ queryKey: ['reports', 'campaigns'] });
  const answer = async (ns: readonly number[], said: 'confirmed' | 'removed') => {
    setError(undefined);
    try {
      await api.PUT('/api/v1/inspections/campaigns/{id}/sheets/{orgId}/items', {
        params: { path },
        body: { items: ns.map((n) => ({ n, result: said })) },
      });
      choose([]);
      await again();
    } catch (cause) {
      setError(cause);
    }
  };
  const query = { orgId: sheet.orgId, ...(result && { result }) };
  return (
    <section className="sheet">
      <h2>{t('campaigns.sheetOf', { org: sheet.orgName })}</h2>
      {sheet.returnedReason && sheet.state === 'open' && (
        <Alert type="warning" showIcon title={t('campaigns.returned', { reason: sheet.returnedReason })} />
      )}
      {sheet.filledBy.length > 0 && (
        <p className="quiet">
          {t('campaigns.filledBy', { names: sheet.filledBy.map(({ name }) => name).join(t('campaigns.and')) })}
        </p>
      )}
      <Steps sheet={sheet} sealed={sealed} path={path} again={again} />
      <div className="filters inspections-bar">
        <Segmented<string>
          value={result ?? ''}
          aria-label={t('campaigns.show')}
          onChange={(next) => change({ result: next })}
          options={[
            { value: '', label: t('campaigns.all') },
            ...RESULTS.map((value) => ({ value, label: tCode('campaignResult', value) })),
          ]}
        />
        {open && (
          <>
            <Button disabled={chosen.length === 0} onClick={() => answer(chosen.map(Number), 'confirmed')}>
              {t('campaigns.confirmChosen', { n: chosen.length })}
            </Button>
            <Button onClick={() => setFinding(true)}>{t('campaigns.find')}</Button>
          </>
        )}
      </div>
      {error !== undefined && <ProblemNotice error={error} />}
      <ServerTable<CampaignItem>
        of={['reports', 'campaigns', 'items', campaign, query]}
        read={(page) =>
          body(
            api.GET('/api/v1/inspections/campaigns/{id}/items', {
              params: { path: { id: campaign }, query: { ...query, ...page } },
            }),
          )
        }
        rowKey="n"
        empty={{ title: t('list.empty') }}
        {...(open && { selected: { keys: chosen, choose } })}
        columns={[
          { title: t('campaigns.n'), dataIndex: 'n', align: 'end', responsive: ['md'] },
          {
            title: t('hotSpots.device'),
            className: 'wide-words',
            render: (_, { deviceId, name, place }) => (
              <>
                {deviceId ? (
                  <Link to="/devices/$id" params={{ id: deviceId }}>
                    {name}
                  </Link>
                ) : (
                  name
                )}
                <div className="quiet">{place}</div>
              </>
            ),
          },
          { title: t('hotSpots.module'), responsive: ['md'], render: (_, { module }) => modules.name(module) || '—' },
          {
            title: t('campaigns.result'),
            className: 'wide-words',
            render: (_, item) => <Said item={item} />,
          },
          ...(open
            ? [
                {
                  title: t('campaigns.answer'),
                  className: 'campaign-answer',
                  render: (_: unknown, item: CampaignItem) =>
                    item.deviceId === null ? (
                      <TakeBack item={item} path={path} again={again} />
                    ) : (
                      <span className="inspection-choice">
                        <Button size="small" onClick={() => answer([item.n], 'confirmed')}>
                          {t('campaignResult.confirmed')}
                        </Button>
                        <Button size="small" onClick={() => setWrong(item)}>
                          {t('campaignResult.wrong')}
                        </Button>
                        <Button size="small" onClick={() => answer([item.n], 'removed')}>
                          {t('campaignResult.removed')}
                        </Button>
                      </span>
                    ),
                },
              ]
            : []),
          {
            title: t('inspections.ticket'),
            responsive: ['md'],
            render: (_, { ticketId }) =>
              ticketId ? (
                <Link to="/tickets/$id" params={{ id: ticketId }}>
                  {t('campaigns.toTicket')}
                </Link>
              ) : (
                '—'
              ),
          },
        ]}
      />
      {wrong && <Wrong item={wrong} path={path} close={() => setWrong(null)} again={again} />}
      {finding && <Find path={path} close={() => setFinding(false)} again={again} />}
    </section>
  );
}

export interface Path {
  readonly id: string;
  readonly orgId: string;
}

function Said({ item: { result, wrong, note, photo, at, lat, lon } }: { item: CampaignItem }) {
  const [tone, shape] = RESULT_SIGNS[result ?? 'unanswered'];
  return (
    <>
      <Mark tone={tone} shape={shape} label={tCode('campaignResult', result ?? 'unanswered')} />
      {(wrong || note) && <div>{[wrong, note].filter(Boolean).join(' · ')}</div>}
      {at && (
        <div className="quiet">
          {[
            exactTime(at).slice(0, 16),
            lat !== null && lon !== null && `${lat.toFixed(6)}, ${lon.toFixed(6)}`,
            photo && t('campaigns.photoAt', { photo }),
          ]
            .filter(Boolean)
            .join(' · ')}
        </div>
      )}
    </>
  );
}

function TakeBack({ item, path, again }: { item: CampaignItem; path: Path; again: () => Promise<void> }) {
  return (
    <ConfirmButton
      size="small"
      danger
      title={t('campaigns.takeBack')}
      consequence={t('campaigns.takeBack.will', { name: item.name })}
      act={async () => {
        await api.DELETE('/api/v1/inspections/campaigns/{id}/sheets/{orgId}/items/{n}', {
          params: { path: { ...path, n: item.n } },
        });
        await again();
      }}
    >
      {t('campaigns.takeBack')}
    </ConfirmButton>
  );
}

interface StepsProps {
  readonly sheet: Answer<'CampaignSheet'>;
  readonly sealed: boolean;
  readonly path: Path;
  readonly again: () => Promise<void>;
}

/** Only what may be done next with a sheet. */
function Steps({ sheet, sealed, path, again }: StepsProps) {
  const may = useMay();
  const me = useMe();
  if (sealed || sheet.state === 'countersigned' || !may('inspections', 'update')) return null;
  const params = { path };
  if (sheet.state === 'open') {
    return (
      <div className="campaign-acts">
        <ConfirmButton
          type="primary"
          disabled={sheet.unanswered > 0}
          title={t('campaigns.submit')}
          consequence={t('campaigns.submit.will')}
          act={async () => {
            await api.POST('/api/v1/inspections/campaigns/{id}/sheets/{orgId}/submit', { params });
            await again();
          }}
        >
          {t('campaigns.submit')}
        </ConfirmButton>
        {sheet.unanswered > 0 && <span className="quiet">{t('campaigns.unanswered', { n: sheet.unanswered })}</span>}
      </div>
    );
  }
  const filled = me.id === sheet.submittedBy || sheet.filledBy.some(({ id }) => id === me.id);
  const own = me.orgId === sheet.orgId;
  const signs = own && !filled;
  return (
    <div className="campaign-acts">
      {signs && (
        <ConfirmButton
          type="primary"
          title={t('campaigns.sign')}
          consequence={t('campaigns.sign.will', { n: sheet.wrong + sheet.added + sheet.removed })}
          act={async () => {
            await api.POST('/api/v1/inspections/campaigns/{id}/sheets/{orgId}/countersign', { params });
            await again();
          }}
        >
          {t('campaigns.sign')}
        </ConfirmButton>
      )}
      <ConfirmButton
        reason
        title={t('campaigns.return')}
        consequence={t('campaigns.return.will')}
        act={async (reason) => {
          await api.POST('/api/v1/inspections/campaigns/{id}/sheets/{orgId}/return', { params, body: { reason } });
          await again();
        }}
      >
        {t('campaigns.return')}
      </ConfirmButton>
      {!signs && (
        <span className="quiet">{t(own ? 'campaigns.signNot' : 'campaigns.signWho', { org: sheet.orgName })}</span>
      )}
    </div>
  );
}
