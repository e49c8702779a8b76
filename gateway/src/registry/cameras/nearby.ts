import type { Actor } from '../../domain/actor.ts';
import { angleBetween, DIRECTIONS, type Direction, directionOf } from '../../domain/camera-archive.ts';
import type { CameraDevice, CameraView } from '../../domain/camera-record.ts';
import { NearbyInput } from '../../domain/camera-requests.ts';
import type { Title } from '../../domain/device-type/types.ts';
import { bearing, type Crs, distance, looksSwapped, type Point, toWgs84 } from '../../domain/geo.ts';
import { fieldError, parseInput, refuseIf } from '../../domain/input.ts';
import { requireRight } from '../../domain/permission.ts';
import type { Scope } from '../../domain/scope.ts';
import { text } from '../../messages/index.ts';
import { cameraView } from './archive.ts';
import type { CamerasDeps } from './ports.ts';

/** What to do about a camera that is already there. */
export type Advice = 'share' | 'repair' | 'reusePoint' | 'turn' | 'sharePole' | 'checkDirection';

export interface NearbyCamera {
  readonly camera: CameraView;
  /** Metres from the point proposed. */
  readonly distance: number;
  /** Degrees clockwise from north in which it stands, seen from there. */
  readonly bearing: number;
  readonly direction: (Title & { readonly code: Direction }) | null;
  /** Degrees clockwise from north in which it looks; null = not in its archive. */
  readonly azimuth: number | null;
  /** Within `angle` of the direction proposed; null when either is not known. */
  readonly sameDirection: boolean | null;
  readonly advice: Title & { readonly code: Advice };
}

export interface DuplicateReport {
  readonly location: Point & { readonly crs: 'wgs84' };
  readonly radius: number;
  /** Degrees within which two cameras are taken to look the same way. */
  readonly angle: number;
  readonly direction: Direction | null;
  readonly checkedAt: number;
  /** The nearest first, at most 100. */
  readonly items: readonly NearbyCamera[];
  /** Cameras within the radius that are not for these eyes. */
  readonly hidden: number;
  readonly conclusion: Title & { readonly code: 'duplicate' | 'review' | 'clear' };
}

const LIMIT = 100;
/** Metres within which a pole, its power and its line can serve a second camera. */
const POLE = 20;
const METRES_A_DEGREE = 111_195;

/** 重复建设核查: what stands near a point where somebody wants to put a camera. */
export function createNearby(deps: CamerasDeps) {
  return {
    async duplicateCheck(actor: Actor, raw: NearbyInput): Promise<DuplicateReport> {
      requireRight(actor, 'devices', 'read');
      const input = parseInput(NearbyInput, raw);
      const { lat, lon } = input.location;
      if (looksSwapped(input.location)) {
        refuseIf([fieldError('/location/lat', 'swapped', 'input.swapped', { lat })]);
      }
      const centre = toWgs84({ lat, lon }, (input.location.crs ?? 'wgs84') as Crs);
      const { duplicateRadius, duplicateAngle: angle } = deps.settings();
      const radius = input.radius ?? duplicateRadius;
      const dLat = radius / METRES_A_DEGREE;
      const dLon = dLat / Math.max(0.01, Math.cos((centre.lat / 180) * Math.PI));
      const inBox = (scope: Scope, limit: number) =>
        deps.store.inBox(deps.db.autocommit, { centre, dLat, dLon, limit }, deps.cameraTypes(), scope);
      const found = await inBox(actor.scope, LIMIT);
      const proposed = input.azimuth ?? (input.direction === undefined ? null : DIRECTIONS[input.direction].azimuth);
      const items = found
        .flatMap((camera) => nearby(camera, centre, proposed, angle))
        .filter((item) => item.distance <= radius)
        .sort((a, b) => a.distance - b.distance);
      const shown = new Set(found.map(({ device }) => device.key));
      const others = actor.scope.kind === 'all' ? [] : await inBox({ kind: 'all' }, 2 * LIMIT);
      const hidden = others.filter(
        ({ device }) =>
          !shown.has(device.key) && device.location !== null && distance(centre, device.location) <= radius,
      ).length;
      return {
        location: { ...centre, crs: 'wgs84' },
        radius,
        angle,
        direction: proposed === null ? null : (input.direction ?? directionOf(proposed)),
        checkedAt: deps.clock.now(),
        items,
        hidden,
        conclusion: conclude(items, hidden),
      };
    },
  };
}

function nearby(found: CameraDevice, from: Point, proposed: number | null, same: number): NearbyCamera[] {
  const { location } = found.device;
  if (location === null) return [];
  const { archive } = found.camera;
  const code = archive.direction ?? (archive.azimuth === undefined ? null : directionOf(archive.azimuth));
  const azimuth = archive.azimuth ?? (code === null ? null : DIRECTIONS[code].azimuth);
  const sameDirection = proposed === null || azimuth === null ? null : angleBetween(proposed, azimuth) <= same;
  const camera = cameraView(found);
  const away = distance(from, location);
  const advice = adviseOn(camera, away, sameDirection);
  return [
    {
      camera,
      distance: Math.round(away * 10) / 10,
      bearing: Math.round(bearing(from, location)),
      direction: code === null ? null : { code, zh: DIRECTIONS[code].zh, en: DIRECTIONS[code].en },
      azimuth,
      sameDirection,
      advice: { code: advice, ...words(`nearby.${advice}`) },
    },
  ];
}

function adviseOn(camera: CameraView, away: number, sameDirection: boolean | null): Advice {
  if (camera.lifecycle === 'retired') return 'reusePoint';
  if (sameDirection === null) return 'checkDirection';
  if (sameDirection) return camera.health.state === 'offline' || camera.lifecycle === 'suspended' ? 'repair' : 'share';
  return away <= POLE ? 'sharePole' : 'turn';
}

function conclude(items: readonly NearbyCamera[], hidden: number): DuplicateReport['conclusion'] {
  const living = items.filter(({ camera }) => camera.lifecycle !== 'retired');
  const code = living.some(({ sameDirection }) => sameDirection)
    ? 'duplicate'
    : items.length + hidden > 0
      ? 'review'
      : 'clear';
  return { code, ...words(`nearby.${code}`) };
}

const words = (key: `nearby.${Advice | 'duplicate' | 'review' | 'clear'}`): Title => ({
  zh: text('zh-CN', key),
  en: text('en', key),
});
