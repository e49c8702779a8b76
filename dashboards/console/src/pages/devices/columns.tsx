import { Link } from '@tanstack/react-router';
import { Button, Checkbox, Popover, type TableProps } from 'antd';
import { useState } from 'react';
import type { Answer } from '../../api/client.ts';
import { language, t, tCode } from '../../language.ts';
import { HeartbeatBar, useHeartbeat } from '../../parts/heartbeat.tsx';
import { readKept } from '../../parts/kept-filters.ts';
import { StateMark } from '../../parts/marks.tsx';
import { useNames } from '../../parts/names.ts';
import { Ago } from '../../parts/time.tsx';
import { useTypes } from './filter-bar.tsx';

type Device = Answer<'Device'>;
type Columns = NonNullable<TableProps<Device>['columns']>;

/** In the order of the table; the name is always there. */
const ALL = [
  'state',
  'name',
  'place',
  'heartbeat',
  'lastSeen',
  'ticket',
  'lifecycle',
  'stateSince',
  'type',
  'module',
  'vendor',
  'unit',
  'serial',
  'nationalCode',
  'address',
  'created',
] as const;
type Name = (typeof ALL)[number];
const USUAL: readonly Name[] = ['state', 'name', 'place', 'heartbeat', 'lastSeen', 'ticket', 'lifecycle'];
const KEPT = 'cgw.devices.columns';
/** Columns the gateway can sort by. */
const SORTS: Partial<Record<Name, string>> = { name: 'name', stateSince: 'stateSince', created: 'createdAt' };

function keptColumns(): readonly Name[] {
  const kept = readKept(KEPT, (all) => ALL.filter((name) => all.includes(name)));
  return kept.length > 0 ? kept : USUAL;
}

/** The columns of this reader, and the button that changes them; sorting stands in the address. */
export function useColumns(sort: string | undefined): { columns: Columns; choose: React.ReactNode } {
  const [shown, setShown] = useState(keptColumns);
  const cells = useCells();
  const turn = (names: readonly Name[]) => {
    localStorage.setItem(KEPT, JSON.stringify(names));
    setShown(names);
  };
  const columns = ALL.filter((name) => name === 'name' || shown.includes(name)).map((name) => ({
    key: name,
    title: t(`devices.column.${name}`),
    ...cells[name],
    ...(SORTS[name]
      ? {
          sorter: true,
          sortOrder:
            sort === SORTS[name] ? ('ascend' as const) : sort === `-${SORTS[name]}` ? ('descend' as const) : null,
        }
      : {}),
  }));
  const choose = (
    <Popover
      trigger="click"
      placement="bottomRight"
      content={
        <Checkbox.Group
          className="column-choice"
          value={[...shown]}
          onChange={(names) => turn(ALL.filter((name) => names.includes(name)))}
          options={ALL.map((name) => ({
            value: name,
            label: t(`devices.column.${name}`),
            disabled: name === 'name',
          }))}
        />
      }
    >
      <Button>{t('list.columns')}</Button>
    </Popover>
  );
  return { columns, choose };
}

/** The gateway's name of the sort a click on a header asks for. */
export function sortOf(name: unknown, order: unknown): string | undefined {
  const field = ALL.find((one) => one === name);
  const sort = field && SORTS[field];
  if (!sort || !order) return undefined;
  return order === 'descend' ? `-${sort}` : sort;
}

function useCells(): Record<Name, Columns[number]> {
  const orgs = useNames('orgs');
  const sites = useNames('sites');
  const modules = useNames('modules');
  const vendors = useNames('vendors');
  const units = useNames('maintenanceUnits');
  const types = useTypes();
  const titles = new Map(types.data?.items.map(({ id, title }) => [id, language() === 'en' ? title.en : title.zh]));
  const quiet = (text: string | null | undefined) => text || <span className="quiet">—</span>;
  return {
    state: { render: (_, { health }) => <StateMark of="health" code={health.state} suspect={health.suspect} /> },
    name: {
      render: (_, { id, name, nickname, flags }) => (
        <span className="device-name">
          <Link to="/devices/$id" params={{ id }} onClick={(event) => event.stopPropagation()}>
            {name}
          </Link>
          {nickname && <span>{nickname}</span>}
          <small className="quiet">
            {id}
            {flags.map((flag) => ` · ${tCode('flag', flag)}`)}
          </small>
        </span>
      ),
    },
    place: {
      render: (_, { orgId, siteId }) => (
        <span className="device-place">
          {quiet(orgs.name(orgId))}
          {siteId && <small className="quiet">{sites.name(siteId)}</small>}
        </span>
      ),
    },
    heartbeat: { render: (_, { id }) => <HeartbeatBar id={id} /> },
    lastSeen: { render: (_, { lastSeenAt }) => <Ago at={lastSeenAt} /> },
    ticket: { render: (_, { id }) => <OpenTickets id={id} /> },
    lifecycle: { render: (_, { lifecycle }) => <StateMark of="lifecycle" code={lifecycle} /> },
    stateSince: { render: (_, { health }) => <Ago at={health.since} /> },
    type: { render: (_, { type }) => titles.get(type) ?? type },
    module: { render: (_, { module }) => quiet(modules.name(module)) },
    vendor: { render: (_, { vendorId }) => quiet(vendors.name(vendorId)) },
    unit: { render: (_, { maintenanceUnitId }) => quiet(units.name(maintenanceUnitId)) },
    serial: { render: (_, { serial }) => quiet(serial) },
    nationalCode: { render: (_, { nationalCode }) => quiet(nationalCode) },
    address: { render: (_, { connection }) => quiet(hostOf(connection)) },
    created: { render: (_, { createdAt }) => <Ago at={createdAt} /> },
  };
}

/** Where a device is called, without path and login. */
function hostOf(connection: Device['connection']): string {
  if (!connection) return '';
  if (connection.host) return connection.port ? `${connection.host}:${connection.port}` : connection.host;
  return /^[a-z]+:\/\/(?:[^@/]*@)?([^/]+)/i.exec(connection.url ?? '')?.[1] ?? '';
}

function OpenTickets({ id }: { id: string }) {
  const [first, ...more] = useHeartbeat(id)?.item.tickets ?? [];
  if (!first) return <span className="quiet">—</span>;
  return (
    <Link to="/tickets/$id" params={{ id: first.id }} onClick={(event) => event.stopPropagation()}>
      {first.no}
      {more.length > 0 && ` +${more.length}`}
    </Link>
  );
}
