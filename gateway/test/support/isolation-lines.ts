import type { Kind } from './isolation-kinds.ts';
import type { ActorOfTest } from './isolation-world.ts';

/**
 * How every route of the document is addressed in the isolation test. Adding a route = adding one line here:
 *
 *   'GET /devices/{id}': of({ id: DEVICE }),                    an object named in the path
 *   'POST /devices/{id}/approve': of({ id: DEVICE }, { body: { reason: '合格' } }),   with a body that is valid
 *   'GET /devices': list(),                                     no object in the path: nothing foreign may be in the answer
 *   'POST /devices': make({ … }),                               makes something; `refs` names fields that point at objects
 *   'GET /healthz': open('no object'),                          nothing to isolate, and why
 */
export interface Line {
  readonly at?: Readonly<Record<string, Kind>>;
  readonly body?: unknown;
  /** `?…` */
  readonly query?: string;
  /** Fields of the body that name an object: a foreign one must read as an absent one. */
  readonly refs?: Readonly<Record<string, Kind>>;
  /** Makes what is not there: an absent object is no refusal. */
  readonly makes?: boolean;
  /** Content type of a body that is no JSON. */
  readonly raw?: string;
  /** The own object is not tried: why. */
  readonly notOwn?: string;
  /** It does away with its own object: tried last, by the administrator only. */
  readonly ends?: boolean;
  /** Who may, where the service decides more than the right of the route. */
  readonly who?: (actor: ActorOfTest) => boolean;
  /** Nothing to isolate: why. */
  readonly open?: string;
  /** Names what is foreign to people of the house, never to a vendor: why that is right. */
  readonly tells?: string;
}

export type More = Omit<Line, 'at' | 'open'>;
export const of = (at: Line['at'] & object, more: More = {}): Line => ({ at, ...more });
export const list = (more: More = {}): Line => more;
export const make = (body: unknown, more: More = {}): Line => ({ body, ...more });
export const open = (why: string): Line => ({ open: why });

export const reason = { reason: '核对无误' };
export const TYPES = 'whoever of the house may read types reads all of them';
export const CAMERA_FAR = 'the camera of this world does not exist: a look at it would only wait';
export const ONLY_PURPOSE = '?purpose=%E6%A0%B8%E6%9F%A5';
/** Who decides about maintenance; others end and refuse only what they made. */
export const decides = ({ role }: ActorOfTest) => role === 'admin' || role === 'lead';
export const commands = (actor: ActorOfTest) => decides(actor) || actor.role === 'dispatcher';
export const soon = { startsAt: Date.now() + 86_400_000, endsAt: Date.now() + 90_000_000 };
export const scopeOf = { scope: { devices: ['own-cam'] } };
export const vendorOrAdmin = ({ role, name }: ActorOfTest) =>
  role === 'admin' || (role === 'vendor' && name !== 'vendor-key');
/** A key makes and ends no keys. */
export const byPerson = ({ name }: ActorOfTest) => name !== 'vendor-key';
export const PURPOSE = '?purpose=%E6%A0%B8%E6%9F%A5&format=csv';
