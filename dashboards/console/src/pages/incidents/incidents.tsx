import { Link } from '@tanstack/react-router';
import { Button, Segmented, Switch } from 'antd';
import { type Answer, api, body } from '../../api/client.ts';
import { t, tCode } from '../../language.ts';
import { ChoiceSelect } from '../../parts/choice-select.tsx';
import { DeviceSelect } from '../../parts/device-select.tsx';
import { useFilters } from '../../parts/filters.ts';
import { Mark } from '../../parts/mark.tsx';
import { StateMark } from '../../parts/marks.tsx';
import { Page } from '../../parts/page.tsx';
import { ServerTable } from '../../parts/server-table.tsx';
import { SuppressedBy } from '../../parts/suppressed-by.tsx';
import { exactTime, lengthOf, useNow } from '../../parts/time.tsx';
import { Acts, useMayAct } from './acts.tsx';
import { Members } from './members.tsx';
import { SeenTo } from './seen-to.tsx';
import { incidentTitle } from './words.ts';
import './incidents.css';

type Incident = Answer<'Incident'>;
const STATES = ['current', 'open', 'resolved', 'all'] as const;
type State = (typeof STATES)[number];
const SEVERITIES = ['critical', 'major', 'minor', 'info'] as const;
const KINDS = ['device', 'group'] as const;
const NEW_MS = 2 * 60_000;

/** What is wrong, one row a cause: newest first, what is just over stays a little while. */
export default function Incidents() {
  const [filters, change] = useFilters();
  const now = useNow();
  const acts = useMayAct();
  const state: State = STATES.find((one) => one === filters.state) ?? 'current';
  const severity = SEVERITIES.find((one) => one === filters.severity);
  const kind = KINDS.find((one) => one === filters.kind);
  const { deviceId, fault } = filters;
  const all = filters.suppressed === 'true';
  const query = {
    ...(state !== 'all' && { state }),
    ...(severity && { severity }),
    ...(kind && { kind }),
    ...(deviceId && { deviceId }),
    ...(fault && { fault }),
    ...(!all && { suppressed: false }),
  };
  const columns = [
    {
      title: t('incidents.time'),
      key: 'time',
      render: (_: unknown, { openedAt, id }: Incident) => (
        <Link to="/incidents/$id" params={{ id }}>
          {exactTime(openedAt).slice(5)}
        </Link>
      ),
    },
    {
      title: t('incidents.severity'),
      key: 'severity',
      render: (_: unknown, { severity: one }: Incident) => <StateMark of="severity" code={one} />,
    },
    {
      title: t('incidents.recovered'),
      key: 'recovered',
      render: (_: unknown, { resolvedAt }: Incident) => (resolvedAt ? exactTime(resolvedAt).slice(5) : '—'),
    },
    {
      title: t('incidents.state'),
      key: 'state',
      render: (_: unknown, incident: Incident) => (
        <>
          <IncidentState incident={incident} now={now} />
          <SeenTo incident={incident} />
        </>
      ),
    },
    {
      title: t('incidents.subject'),
      key: 'subject',
      render: (_: unknown, incident: Incident) => <Subject incident={incident} />,
    },
    {
      title: t('incidents.problem'),
      key: 'problem',
      render: (_: unknown, incident: Incident) => (
        <div className="problem">
          {incident.lifeSafety && <Mark tone="bad" shape="square" label={t('incidents.lifeSafety')} />}
          <span>{incidentTitle(incident)}</span>
          {incident.suppressed.map((reason) => (
            <div key={String(reason)} className="quiet">
              {t('incidents.suppressedBy')} <SuppressedBy reason={String(reason)} />
            </div>
          ))}
        </div>
      ),
    },
    {
      title: t('incidents.length'),
      key: 'length',
      render: (_: unknown, { openedAt, resolvedAt }: Incident) => (
        <span className="number">{lengthOf((resolvedAt ? Date.parse(resolvedAt) : now) - Date.parse(openedAt))}</span>
      ),
    },
    {
      title: t('incidents.ticket'),
      key: 'ticket',
      render: (_: unknown, { ticket }: Incident) =>
        ticket ? (
          <span className="problem">
            <Link to="/tickets/$id" params={{ id: ticket.id }}>
              {ticket.no}
            </Link>
            <StateMark of="stage" code={ticket.stage} />
          </span>
        ) : (
          <span className="quiet">—</span>
        ),
    },
    ...(acts
      ? [
          {
            title: t('incidents.acts'),
            key: 'acts',
            render: (_: unknown, incident: Incident) => <Acts incident={incident} />,
          },
        ]
      : []),
  ];
  const clear = () => change(Object.fromEntries(Object.keys(filters).map((name) => [name, undefined])));
  return (
    <Page title={t('incidents.title')} guide="alarm-rules">
      <div className="filters">
        <Segmented<State>
          value={state}
          onChange={(next) => change({ state: next === 'current' ? undefined : next })}
          options={STATES.map((one) => ({ value: one, label: tCode('incidents.of', one) }))}
        />
        <ChoiceSelect
          label={t('incidents.severity')}
          family="severity"
          codes={SEVERITIES}
          value={severity}
          onChange={(value) => change({ severity: value })}
        />
        <ChoiceSelect
          label={t('incidents.kind')}
          family="incidentKind"
          codes={KINDS}
          value={kind}
          onChange={(value) => change({ kind: value })}
        />
        <div className="filter-device">
          <DeviceSelect
            value={deviceId}
            placeholder={t('incidents.device')}
            aria-label={t('incidents.device')}
            onChange={(value) => change({ deviceId: value })}
          />
        </div>
        <span className="filter-switch">
          <Switch
            size="small"
            checked={all}
            aria-label={t('incidents.showSuppressed')}
            onChange={(on) => change({ suppressed: on ? 'true' : undefined })}
          />{' '}
          {t('incidents.showSuppressed')}
        </span>
      </div>
      <ServerTable<Incident>
        of={['incidents', 'list', query]}
        read={(page) => body(api.GET('/api/v1/incidents', { params: { query: { ...query, ...page } } }))}
        rowKey="id"
        columns={columns}
        empty={{
          title: t(all ? 'incidents.none' : 'incidents.noneTold'),
          next: all ? (
            <Button onClick={clear}>{t('list.clear')}</Button>
          ) : (
            <Button onClick={() => change({ suppressed: 'true' })}>{t('incidents.showSuppressed')}</Button>
          ),
        }}
        rowClassName={({ openedAt, resolvedAt }) =>
          resolvedAt ? 'incident-over' : now - Date.parse(openedAt) < NEW_MS ? 'incident-new' : ''
        }
      />
    </Page>
  );
}

function IncidentState({ incident, now }: { incident: Incident; now: number }) {
  const { state, openedAt, resolvedAt } = incident;
  const fresh = resolvedAt === null && now - Date.parse(openedAt) < NEW_MS;
  return (
    <span className="problem">
      <Mark
        tone={state === 'open' ? 'bad' : state === 'resolved' ? 'good' : 'none'}
        shape={state === 'open' ? 'square' : state === 'resolved' ? 'disc' : 'ring'}
        label={tCode('incident', state)}
      />
      {fresh && <b className="incident-fresh">{t('incidents.new')}</b>}
    </span>
  );
}

/** One device by name; of a group the count of symptoms, which open where one asks for them. */
function Subject({ incident }: { incident: Incident }) {
  const { kind, members } = incident;
  const [only] = members;
  if (kind === 'device')
    return only ? (
      <Link to="/devices/$id" params={{ id: only.deviceId }}>
        {only.name ?? only.deviceId}
      </Link>
    ) : null;
  const bad = members.filter(({ state }) => state === 'bad').length;
  return (
    <details className="symptoms">
      <summary>{t('incidents.symptoms', { bad, all: members.length })}</summary>
      <Members members={members} />
    </details>
  );
}
