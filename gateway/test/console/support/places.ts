import type { ApiClient } from '../../../../tools/simulator/api-client.ts';

/** Addresses with something to show; `name` becomes the file of its picture. */
export interface Place {
  readonly name: string;
  readonly path: string;
  /** Drawn without the frame. */
  readonly bare?: true;
}

const FIXED: readonly Place[] = [
  ['overview', '/'],
  ['map', '/map'],
  ['video', '/video?cams=camera-01,camera-02,camera-03,camera-04'],
  ['incidents', '/incidents'],
  ['tickets', '/tickets'],
  ['field', '/field'],
  ['devices', '/devices'],
  ['device-new', '/devices/new'],
  ['device-import', '/devices/import'],
  ['camera-onboard', '/cameras/onboard'],
  ['registrations', '/registrations'],
  ['construction', '/construction'],
  ['handovers', '/handovers'],
  ['inspections', '/inspections'],
  ['campaigns', '/campaigns'],
  ['hot-spots', '/hot-spots'],
  ['reports', '/reports'],
  ['data-quality', '/data-quality'],
  ['quarantine', '/quarantine'],
  ['dictionary', '/dictionary'],
  ['vendor', '/vendor'],
  ['validator', '/vendor/validator'],
  ['vendor-keys', '/vendor/keys'],
  ['types', '/types'],
  ['orgs', '/system/orgs'],
  ['sites', '/system/sites'],
  ['people', '/system/people'],
  ['roles', '/system/roles'],
  ['vendors', '/system/vendors'],
  ['modules', '/system/modules'],
  ['maintenance-units', '/system/maintenance-units'],
  ['rosters', '/system/rosters'],
  ['alarm-rules', '/system/alarm-rules'],
  ['quiet', '/system/quiet'],
  ['notifications', '/system/notifications'],
  ['settings', '/system/settings'],
  ['exchange', '/system/exchange'],
  ['backups', '/system/backups'],
  ['capacity', '/system/capacity'],
  ['sign-in-ways', '/system/sign-in'],
  ['audit', '/system/audit'],
  ['about', '/system/about'],
  ['help', '/help'],
  ['account', '/account'],
].map(([name = '', path = '']) => ({ name, path }));

/** Every page of the console, those of one thing with the first thing there is. */
export async function placesOf(api: ApiClient): Promise<Place[]> {
  const first = async (path: string): Promise<string> => {
    const { items } = await api.get<{ items: { id: string }[] }>(path);
    const [item] = items;
    if (!item) throw new Error(`nothing at ${path}: its page would be shown empty`);
    return encodeURIComponent(item.id);
  };
  const [camera, device, ticket, incident, type] = await Promise.all([
    first('/devices?kind=camera&limit=1'),
    first('/devices?q=garbage&limit=1'),
    first('/tickets?limit=1'),
    first('/incidents?limit=1'),
    first('/device-types?limit=1'),
  ]);
  return [
    ...FIXED,
    { name: 'camera', path: `/devices/${camera}` },
    { name: 'device', path: `/devices/${device}` },
    { name: 'ticket', path: `/tickets/${ticket}` },
    { name: 'ticket-print', path: `/tickets/${ticket}/print`, bare: true },
    { name: 'incident', path: `/incidents/${incident}` },
    { name: 'type', path: `/types/${type}` },
    { name: 'field-task', path: `/field/${ticket}` },
    { name: 'field-device', path: `/d/${device}` },
    { name: 'guide', path: '/help/maintainer-guide' },
    { name: 'wall', path: '/wall', bare: true },
  ];
}
