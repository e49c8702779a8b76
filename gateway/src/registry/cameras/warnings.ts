import type { ArchiveWarning } from '../../domain/camera-record.ts';
import type { DeviceRecord } from '../../domain/device-record.ts';
import { distance, looksLikeGcj02 } from '../../domain/geo.ts';
import { streetOf } from '../../domain/national-code.ts';
import type { Tx } from '../../domain/tx.ts';
import { type MessageKey, text } from '../../messages/index.ts';
import type { CameraPlaceStore } from './ports.ts';

/** Metres a camera may stand from its site. GCJ-02 shifts by some 500 m around Shanghai. */
const SITE_RADIUS = 300;

/** What looks wrong about a place or a code without being impossible. */
export async function archiveWarnings(
  tx: Tx,
  device: Pick<DeviceRecord, 'location' | 'orgId' | 'siteId' | 'nationalCode'>,
  store: CameraPlaceStore,
): Promise<ArchiveWarning[]> {
  const warnings: ArchiveWarning[] = [];
  const { location } = device;
  const divisions = device.orgId === null ? [] : await store.divisions(tx, device.orgId);
  const [street] = divisions.flatMap((division) => streetOf(division) ?? []);
  const place = street === undefined ? undefined : await store.street(tx, street);
  const site = device.siteId === null || location === null ? null : await store.placeOfSite(tx, device.siteId);
  if (location !== null) {
    const entered = location.source?.crs ?? 'wgs84';
    const shifted =
      entered !== 'gcj02' &&
      ((site !== null && looksLikeGcj02(location, site, SITE_RADIUS)) ||
        (place?.centre != null && looksLikeGcj02(location, place.centre, place.radius ?? 0)));
    const away = place?.centre == null ? 0 : distance(location, place.centre);
    if (shifted) warnings.push(warning('location', 'looksGcj02', 'camera.looksGcj02'));
    else if (place?.radius != null && away > place.radius) {
      const values = { street: place.name, km: (away / 1_000).toFixed(1) };
      warnings.push(warning('location', 'outsideStreet', 'camera.outsideStreet', values));
    }
  }
  const [district] = divisions.map((division) => division.slice(0, 6));
  const code = device.nationalCode?.slice(0, 6);
  if (code !== undefined && district !== undefined && /^\d{6}$/.test(district) && code !== district) {
    warnings.push(warning('nationalCode', 'otherDistrict', 'camera.notInDistrict', { code, district }));
  }
  return warnings;
}

function warning(
  field: string,
  code: string,
  key: MessageKey,
  values: Readonly<Record<string, string | number>> = {},
): ArchiveWarning {
  return { field, code, zh: text('zh-CN', key, values), en: text('en', key, values) };
}
