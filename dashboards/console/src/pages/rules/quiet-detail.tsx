import { useQuery, useQueryClient } from '@tanstack/react-query';
import { api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { t, tCode } from '../../language.ts';
import { ConfirmButton } from '../../parts/confirm.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Mark } from '../../parts/mark.tsx';
import { exactTime, lengthOf, useNow } from '../../parts/time.tsx';
import { DrillFaults } from './drill-faults.tsx';
import { Person } from './person.tsx';
import { MAKES, QUIET, type QuietKind, type QuietTime } from './quiet-kinds.ts';
import { ScopeSaid } from './scope-said.tsx';

/** Where it stands: asked for, refused, to come, going on, over. */
export function QuietMark({ one }: { one: QuietTime }) {
  const now = useNow();
  if (one.state === 'proposed') return <Mark tone="warning" shape="ring" label={t('quiet.proposed')} />;
  if (one.state === 'refused') return <Mark tone="bad" shape="cross" label={t('quiet.refused')} />;
  if (one.active) return <Mark tone="good" shape="disc" label={t('quiet.active')} />;
  if (isOver(one, now)) return <Mark tone="none" shape="bar" label={t('quiet.over')} />;
  return <Mark tone="odd" shape="diamond" label={t('quiet.coming')} />;
}

const isOver = ({ endedAt, repeats, repeatsUntil, endsAt }: QuietTime, now: number): boolean =>
  endedAt !== null || Date.parse(repeats === null ? endsAt : (repeatsUntil ?? endsAt)) <= now;

export function repeatsSaid({ repeats, repeatsUntil }: QuietTime): string {
  if (repeats === null) return t('quiet.once');
  const days = (repeats.days ?? []).map((day) =>
    repeats.every === 'week'
      ? tCode('weekday', String(day))
      : day === -1
        ? t('quiet.lastDay')
        : t('quiet.day', { n: day }),
  );
  const until = repeatsUntil ? t('quiet.until', { day: repeatsUntil.slice(0, 10) }) : '';
  return `${tCode('quietEvery', repeats.every)} ${days.join(t('rules.and'))} ${until}`.trim();
}

interface QuietDetailProps {
  readonly kind: QuietKind;
  readonly id: string;
  readonly changed: () => Promise<unknown>;
}

export function QuietDetail({ kind, id, changed }: QuietDetailProps) {
  const queries = useQueryClient();
  const may = useMay();
  const now = useNow();
  const key = ['lists', kind, id];
  const path = { params: { path: { id } } };
  const query = useQuery<QuietTime>({
    queryKey: key,
    queryFn: () =>
      kind === 'silence'
        ? body(api.GET('/api/v1/silences/{id}', path))
        : kind === 'security'
          ? body(api.GET('/api/v1/security-periods/{id}', path))
          : kind === 'drill'
            ? body(api.GET('/api/v1/drills/{id}', path))
            : body(api.GET('/api/v1/maintenance-windows/{id}', path)),
  });
  const after = async () => {
    await queries.invalidateQueries({ queryKey: key });
    await changed();
  };
  return (
    <Loaded query={query}>
      {(one) => (
        <div className="rules-stack">
          <dl className="two">
            <dt>{t('quiet.name')}</dt>
            <dd>{one.name}</dd>
            <dt>{t('quiet.state')}</dt>
            <dd>
              <QuietMark one={one} />{' '}
              {one.active && (
                <span className="quiet">{t('quiet.left', { length: lengthOf(Date.parse(one.endsAt) - now) })}</span>
              )}
            </dd>
            <dt>{t('quiet.from')}</dt>
            <dd>{exactTime(one.startsAt)}</dd>
            <dt>{t('quiet.to')}</dt>
            <dd>{exactTime(one.endsAt)}</dd>
            {kind === 'maintenance' && (
              <>
                <dt>{t('quiet.repeats')}</dt>
                <dd>{repeatsSaid(one)}</dd>
              </>
            )}
            <dt>{t('quiet.scope')}</dt>
            <dd>
              <ScopeSaid scope={one.scope} partial={one.partial} />
            </dd>
            <dt>{t('confirm.reason')}</dt>
            <dd>{one.reason}</dd>
            <dt>{t('quiet.owner')}</dt>
            <dd>
              <Person id={one.createdBy} name={one.createdByName} /> · {exactTime(one.createdAt)}
            </dd>
            {one.decidedBy && (
              <>
                <dt>{t('quiet.decided')}</dt>
                <dd>
                  <Person id={one.decidedBy} /> · {exactTime(one.decidedAt ?? '')} {one.decisionNote}
                </dd>
              </>
            )}
            {one.endedBy && (
              <>
                <dt>{t('quiet.ended')}</dt>
                <dd>
                  <Person id={one.endedBy} /> · {exactTime(one.endedAt ?? '')}
                </dd>
              </>
            )}
          </dl>
          <div className="filters">
            {kind === 'maintenance' && one.state === 'proposed' && may('maintenanceWindows', 'decide') && (
              <Decide id={id} after={after} />
            )}
            {one.state !== 'refused' && !isOver(one, now) && may('maintenanceWindows', MAKES[kind]) && (
              <ConfirmButton
                danger
                reason
                title={t('quiet.end')}
                consequence={tCode('quietEnd', kind)}
                act={async (reason) => {
                  await QUIET[kind].end(id, reason);
                  await after();
                }}
              >
                {t('quiet.end')}
              </ConfirmButton>
            )}
          </div>
          {kind === 'drill' && <DrillFaults id={id} going={one.active} />}
        </div>
      )}
    </Loaded>
  );
}

function Decide({ id, after }: { id: string; after: () => Promise<unknown> }) {
  const path = { params: { path: { id } } };
  const approve = async (confirm: boolean) => {
    await api.POST('/api/v1/maintenance-windows/{id}/approve', { ...path, body: confirm ? { confirm } : {} });
    await after();
  };
  return (
    <>
      <ConfirmButton
        type="primary"
        title={t('quiet.approve')}
        consequence={t('quiet.approve.what')}
        act={() => approve(false)}
      >
        {t('quiet.approve')}
      </ConfirmButton>
      <ConfirmButton
        title={t('quiet.approveAnyway')}
        consequence={t('quiet.approveAnyway.what')}
        act={() => approve(true)}
      >
        {t('quiet.approveAnyway')}
      </ConfirmButton>
      <ConfirmButton
        danger
        reason
        title={t('quiet.refuse')}
        consequence={t('quiet.refuse.what')}
        act={async (note) => {
          await api.POST('/api/v1/maintenance-windows/{id}/refuse', { ...path, body: { note } });
          await after();
        }}
      >
        {t('quiet.refuse')}
      </ConfirmButton>
    </>
  );
}
