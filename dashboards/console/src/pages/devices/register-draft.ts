import type { paths } from '../../api/schema.d.ts';
import { CRS, type Crs } from '../../parts/crs.ts';

type Input = paths['/api/v1/devices']['post']['requestBody']['content']['application/json'];

/** What stands in the form; a field that was left empty is undefined or ''. */
export interface Draft {
  readonly type?: string;
  readonly name?: string;
  readonly nickname?: string;
  readonly id?: string;
  readonly serial?: string;
  readonly externalId?: string;
  readonly mac?: string;
  readonly nationalCode?: string;
  readonly module?: string;
  readonly vendorId?: string;
  readonly orgId?: string;
  readonly siteId?: string;
  readonly maintenanceUnitId?: string;
  readonly parentId?: string;
  readonly installedOn?: string;
  readonly lat?: number | null;
  readonly lon?: number | null;
  readonly crs?: Crs;
  readonly address?: string;
  readonly protocol?: 'rtsp' | 'onvif';
  readonly url?: string;
  readonly host?: string;
  readonly port?: number | null;
  readonly tls?: boolean;
  readonly username?: string;
  readonly password?: string;
  readonly project?: string;
}

const TEXTS = [
  'nickname',
  'id',
  'serial',
  'externalId',
  'mac',
  'nationalCode',
  'module',
  'vendorId',
  'orgId',
  'siteId',
  'maintenanceUnitId',
  'parentId',
  'installedOn',
] as const;

/** The body of the registration: nothing that was left empty. */
export function inputOf(draft: Draft): Input {
  const texts = Object.fromEntries(
    TEXTS.flatMap((name) => {
      const value = draft[name]?.trim();
      return value ? [[name, value] as const] : [];
    }),
  );
  const address = draft.address?.trim();
  const place = typeof draft.lat === 'number' && typeof draft.lon === 'number';
  const connection = connectionOf(draft);
  return {
    type: draft.type ?? '',
    name: draft.name?.trim() ?? '',
    ...texts,
    ...(place
      ? {
          location: {
            lat: draft.lat ?? 0,
            lon: draft.lon ?? 0,
            crs: draft.crs ?? 'wgs84',
            ...(address ? { address } : {}),
          },
        }
      : {}),
    ...(connection ? { connection } : {}),
    ...(draft.project?.trim() ? { labels: { project: draft.project.trim() } } : {}),
  };
}

function connectionOf({ protocol, url, host, port, tls, username, password }: Draft): Input['connection'] {
  const login = { ...(username ? { username } : {}), ...(password ? { password } : {}) };
  if (protocol === 'onvif' && host?.trim()) {
    const way = { ...(typeof port === 'number' && { port }), ...(tls && { tls }) };
    return { protocol, host: host.trim(), ...way, ...login };
  }
  if (protocol !== 'onvif' && url?.trim()) return { protocol: 'rtsp', url: url.trim(), ...login };
  return undefined;
}

/** Two numbers as people copy them out of a map: `121.5, 31.1`, `纬度31.1 经度121.5`; undefined = no pair. */
export function pairOf(text: string): { readonly lat: number; readonly lon: number } | undefined {
  const found = text.match(/-?\d{1,3}(?:\.\d+)?/g)?.map(Number) ?? [];
  const [a, b, ...more] = found;
  if (a === undefined || b === undefined || more.length > 0) return undefined;
  // A latitude is at most 90, so a first number beyond it is a longitude; in China the larger one is.
  return Math.abs(a) > Math.abs(b) ? { lon: a, lat: b } : { lat: a, lon: b };
}

/** What another page knows already, e.g. the map: `?lon=…&lat=…&type=…`; what is no number is left out. */
export function prefilled(search: Readonly<Record<string, unknown>>): Draft {
  const text = (name: string) => {
    const value = search[name];
    return value === undefined || value === null || value === '' ? undefined : String(value);
  };
  const number = (name: string) => {
    const value = Number(text(name));
    return text(name) !== undefined && Number.isFinite(value) ? value : undefined;
  };
  const crs = CRS.find((one) => one === search['crs']);
  const given = {
    type: text('type') ?? (search.kind === 'camera' ? 'generic/camera' : undefined),
    ...Object.fromEntries(['name', ...TEXTS].map((name) => [name, text(name)])),
    lat: number('lat'),
    lon: number('lon'),
    address: text('address'),
    project: text('project'),
  };
  const known = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return { crs: crs ?? 'wgs84', protocol: 'rtsp', ...known };
}
