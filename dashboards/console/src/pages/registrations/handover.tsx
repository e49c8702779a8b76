import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { Alert, Button, Steps, Table } from 'antd';
import { type Answer, api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { useMe } from '../../app/session.tsx';
import { t, tCode } from '../../language.ts';
import { ConfirmButton } from '../../parts/confirm.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Mark } from '../../parts/mark.tsx';
import { StateMark } from '../../parts/marks.tsx';
import { Page } from '../../parts/page.tsx';
import { exactTime } from '../../parts/time.tsx';
import { SIGNS, useBelongs } from './handover-words.ts';
import './registrations.css';
import './handovers.css';

type Handover = Answer<'HandoverWithDevices'>;
const ACTIONS = ['hand', 'accept', 'refuse', 'withdraw'] as const;
type Action = (typeof ACTIONS)[number];
const NEXT: Readonly<Record<Handover['state'], readonly Action[]>> = {
  draft: ['hand', 'withdraw'],
  handed: ['accept', 'refuse', 'withdraw'],
  accepted: [],
  refused: [],
  withdrawn: [],
};

/** One paper: whose turn it is, what they may do, and what passes. */
export default function HandoverPage() {
  const { id = '' } = useParams({ strict: false });
  const handover = useQuery({
    queryKey: ['lists', 'handovers', 'one', id],
    queryFn: () => body(api.GET('/api/v1/handovers/{id}', { params: { path: { id } } })),
  });
  return <Loaded query={handover}>{(data) => <Sheet handover={data} />}</Loaded>;
}

function useAllowed(handover: Handover): readonly Action[] {
  const may = useMay();
  const me = useMe();
  const belongs = useBelongs();
  const admin = me.role === 'admin';
  const gives = admin || belongs(me.orgId, handover.fromOrgId) || handover.created.by === `user:${me.id}`;
  const takes = admin || belongs(me.orgId, handover.toOrgId);
  return NEXT[handover.state].filter((action) =>
    action === 'accept' || action === 'refuse'
      ? takes && may('handovers', 'decide')
      : gives && may('handovers', 'create'),
  );
}

function Sheet({ handover }: { handover: Handover }) {
  const may = useMay();
  const me = useMe();
  const belongs = useBelongs();
  const queries = useQueryClient();
  const allowed = useAllowed(handover);
  const { id, no, kind, state, fromOrgName, toOrgName, date, note, deviceCount, created, handed, decided } = handover;
  const waits = state === 'draft' ? fromOrgName : state === 'handed' ? toOrgName : null;
  const step = async (action: Action, reason: string) => {
    const params = { path: { id } };
    const order = { body: reason.trim() ? { reason: reason.trim() } : {} };
    const calls = {
      hand: () => api.POST('/api/v1/handovers/{id}/hand', { params, ...order }),
      accept: () => api.POST('/api/v1/handovers/{id}/accept', { params, ...order }),
      refuse: () => api.POST('/api/v1/handovers/{id}/refuse', { params, ...order }),
      withdraw: () => api.POST('/api/v1/handovers/{id}/withdraw', { params, ...order }),
    };
    await calls[action]();
    await queries.invalidateQueries({ queryKey: ['lists', 'handovers'] });
    void queries.invalidateQueries({ queryKey: ['devices'] });
  };
  const onBehalf = !belongs(me.orgId, handover.toOrgId);
  return (
    <Page
      title={t('handovers.one', { no })}
      guide="registration"
      actions={
        <>
          {allowed.map((action) => (
            <ConfirmButton
              key={action}
              type={action === 'hand' || action === 'accept' ? 'primary' : 'default'}
              danger={action === 'refuse' || action === 'withdraw'}
              reason={action === 'refuse' || action === 'withdraw'}
              title={tCode('handovers.act', action)}
              consequence={`${t(`handovers.will.${action}`, {
                n: deviceCount,
                to: toOrgName,
              })}${action === 'accept' && onBehalf ? t('handovers.onBehalf.will') : ''}`}
              act={(reason) => step(action, reason)}
            >
              {tCode('handovers.act', action)}
            </ConfirmButton>
          ))}
          {may('handovers', 'export') && (
            <Link to="/handovers/$id/print" params={{ id }}>
              <Button>{t('handovers.print')}</Button>
            </Link>
          )}
        </>
      }
    >
      <section className="sheet">
        <dl className="two handover-facts">
          <dt>{t('handovers.state')}</dt>
          <dd>
            <Mark tone={SIGNS[state][0]} shape={SIGNS[state][1]} label={tCode('handoverState', state)} />
          </dd>
          <dt>{t('handovers.kind')}</dt>
          <dd>{tCode('handoverKind', kind)}</dd>
          <dt>{t('handovers.from')}</dt>
          <dd>{fromOrgName}</dd>
          <dt>{t('handovers.to')}</dt>
          <dd>{toOrgName}</dd>
          <dt>{t('handovers.date')}</dt>
          <dd>{date}</dd>
          <dt>{t('handovers.note')}</dt>
          <dd>{note ?? '—'}</dd>
        </dl>
        <Steps
          className="handover-steps"
          size="small"
          current={decided ? 3 : handed ? 2 : 1}
          status={state === 'refused' || state === 'withdrawn' ? 'error' : 'process'}
          items={[
            { title: t('handovers.step.written'), content: done(created) },
            {
              title: t('handovers.step.handed'),
              content: handed ? done(handed) : t('handovers.waitsFor', { who: fromOrgName }),
            },
            {
              title: decided ? tCode('handoverState', state) : t('handovers.step.accepted'),
              content: decided ? done(decided) : handed ? t('handovers.waitsFor', { who: toOrgName }) : '',
            },
          ]}
        />
        {decided?.reason && <Alert type="warning" showIcon title={t('handovers.why', { reason: decided.reason })} />}
        {decided?.onBehalf && <p className="quiet">{t('handovers.onBehalf')}</p>}
        {waits && allowed.length === 0 && <p className="quiet">{t('handovers.notYours', { who: waits })}</p>}
      </section>
      <section className="sheet">
        <h2>{t('handovers.list', { n: deviceCount })}</h2>
        <Table<Handover['devices'][number]>
          size="small"
          rowKey="id"
          dataSource={[...handover.devices]}
          scroll={{ x: 'max-content' }}
          pagination={{ pageSize: 50, hideOnSinglePage: true, showSizeChanger: false }}
          columns={[
            {
              title: t('registrations.device'),
              className: 'registrations-name',
              render: (_, device) => (
                <>
                  <Link to="/devices/$id" params={{ id: device.id }}>
                    {device.name}
                  </Link>
                  <div className="quiet">{device.id}</div>
                </>
              ),
            },
            { title: t('registrations.type'), dataIndex: 'type' },
            { title: t('registrations.serial'), render: (_, { serial }) => serial ?? '—' },
            { title: t('registrations.nationalCode'), render: (_, { nationalCode }) => nationalCode ?? '—' },
            { title: t('registrations.address'), render: (_, { address }) => address ?? '—' },
            {
              title: t('handovers.stageThen'),
              render: (_, { lifecycle }) => <StateMark of="lifecycle" code={lifecycle} />,
            },
            {
              title: t('handovers.stateThen'),
              render: (_, { healthState }) => <StateMark of="health" code={healthState} />,
            },
          ]}
        />
      </section>
    </Page>
  );
}

const done = ({ at, byName }: { at: string; byName: string }) => `${exactTime(at).slice(0, 16)} ${byName}`;
