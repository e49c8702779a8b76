import { createHash } from 'node:crypto';
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

export interface Kind {
  readonly name: string;
  /** undefined = this actor has none. */
  own(actor: ActorOfTest): string | undefined;
  foreign(actor: ActorOfTest): readonly string[];
  readonly absent: string;
  /** The field holds a list. */
  readonly many?: boolean;
  /** What of this kind hangs on the object the other parameter names: a foreign one is asked for with what is really its. */
  readonly under?: (parent: string) => string;
}

const scoped = (actor: ActorOfTest) => !actor.all;
const kind = (
  name: string,
  own: string | ((actor: ActorOfTest) => string | undefined),
  foreign: readonly string[] | ((actor: ActorOfTest) => readonly string[]),
  absent = `absent-${name}`,
): Kind => ({
  name,
  absent,
  own: typeof own === 'string' ? () => own : own,
  foreign: typeof foreign === 'function' ? foreign : (actor) => (scoped(actor) ? foreign : []),
});

const FOREIGN_CAMS = ['foreign-street-cam', 'foreign-module-cam'];
export const DEVICE = kind('device', 'own-cam', FOREIGN_CAMS);
export const MANY_DEVICES = { ...DEVICE, many: true };
export const CAMERA = { ...DEVICE, name: 'camera' };
export const TICKET = kind('ticket', 'own-ticket', ['foreign-street-ticket', 'foreign-module-ticket']);
export const INCIDENT = kind('incident', 'own-incident', ['foreign-street-incident', 'foreign-module-incident']);
export const SITE = kind('site', 'own-site', ['foreign-site']);
export const UNIT = kind('unit', ({ role }) => (role === 'committee' || role === 'vendor' ? undefined : 'own-unit'), [
  'foreign-unit',
]);
export const ORG = kind(
  'org',
  ({ role }) => (role === 'maintainer' ? 'own-unit' : role === 'vendor' ? undefined : 'own-hood'),
  ['foreign-hood', 'foreign-dept', 'city'],
);
export const SHIFT = kind('shift', 'own-shift', ['foreign-shift']);
export const VENDOR = kind('vendor', 'own-vendor', ({ role }) => (role === 'vendor' ? ['foreign-vendor'] : []));
/** As a vendor names itself. */
export const VENDOR_ME = { ...VENDOR, own: ({ role }: ActorOfTest) => (role === 'vendor' ? 'me' : 'own-vendor') };
export const MODULE = kind('module', 'video', []);
const vendorsOnly =
  (...ids: readonly string[]) =>
  ({ role }: ActorOfTest) =>
    role === 'vendor' ? ids : [];
/** Whoever of the house may read types reads all of them; a vendor its own and those all may use. */
export const TYPE = kind('type', 'own-vendor~1meter', vendorsOnly('foreign-vendor~1meter'));
/** Changed by its owner only, though all may use it. */
export const OWNED_TYPE = kind('type', 'own-vendor~1meter', vendorsOnly('foreign-vendor~1meter', 'open~1meter'));
/** Somebody else's, for all to use. */
export const OPEN_TYPE = kind('type', 'open~1meter', vendorsOnly('foreign-vendor~1meter'));
export const TYPE_ID = kind('type', 'own-vendor/meter', vendorsOnly('foreign-vendor/meter'), 'absent/type');
export const USER = kind('user', 'own-user-viewer', []);
export const SPARE_USER = kind('user', 'own-user-stranger', []);
export const ROLE = kind('role', 'viewer', []);
export const CHANNEL = kind('channel', 'own-channel', []);
export const SPARE_CHANNEL = kind('channel', 'spare-channel', []);
export const RULE = kind('rule', 'own-rule', []);
/** What is somebody's own is foreign to everybody else, an administrator included. */
export const SESSION = kind('session', ({ name }) => `t-${name}`, ['s-stranger']);
export const USER_KEY = kind(
  'key',
  ({ name }) => (name === 'vendor-key' ? 'spare-vendor-key' : `k-${name}`),
  () => ['k-stranger'],
);
export const VENDOR_KEY: Kind = {
  ...kind('key', 'spare-vendor-key', () => ['foreign-vendor-key', 'k-stranger']),
  under: (vendor) => `${vendor}-key`,
};
export const INVITATION: Kind = {
  ...kind('invitation', 'own-vendor-invitation', () => ['foreign-vendor-invitation']),
  under: (vendor) => `${vendor}-invitation`,
};
export const VIEW = kind('view', () => undefined, []);
/** Only who began an import hears of it and gets its files, a vendor's key and its people told apart. */
const begun = (what: string) =>
  kind(
    what,
    ({ name }) => `own-${name}-${what}`,
    ({ name }) => [
      `foreign-person-${what}`,
      `foreign-vendor-${what}`,
      name === 'admin' ? `own-lead-${what}` : `own-admin-${what}`,
      ...(name === 'vendor' ? [`own-vendor-key-${what}`] : []),
    ],
  );
export const IMPORT_JOB = begun('job');
const ERRORS = begun('errors');
const CREDENTIALS = begun('credentials');
/** What a look at the errors shows; of the foreign ones those with credentials are tried as well. */
export const IMPORT_FILE: Kind = {
  ...ERRORS,
  foreign: (actor) => [...ERRORS.foreign(actor), ...CREDENTIALS.foreign(actor)],
};
export const JOB = kind('job', () => undefined, []);
export const STREET = kind('street', '310115001', [], '310115999');
/** A picture of another camera, asked for under one's own. */
const pictureOf = (device: string) => createHash('md5').update(device).digest('hex');
export const PICTURE: Kind = {
  ...kind('picture', () => undefined, FOREIGN_CAMS.map(pictureOf), '0'.repeat(32)),
  under: pictureOf,
};
const clipOf = (device: string) => device.replace('cam', 'clip');
export const CLIP: Kind = {
  ...kind(
    'clip',
    () => undefined,
    () => FOREIGN_CAMS.map(clipOf),
  ),
  under: clipOf,
};

/** A vendor names any place: the operations centre decides when it approves. Reading them is another matter. */
const notVendor = (kind: Kind): Kind => ({
  ...kind,
  foreign: (actor) => (actor.role === 'vendor' ? [] : kind.foreign(actor)),
});
const PLACE = notVendor(ORG);
const PLACE_SITE = notVendor(SITE);
const FAR_ORG = kind('org', () => undefined, ['foreign-dept']);
export const REVIEW = kind(
  'review',
  ({ role }) => (['lead', 'cooperating', 'maintainer'].includes(role) ? `own-review-${role}` : 'own-review'),
  ['foreign-review', 'foreign-nobodys-review'],
);
const FOREIGN_HANDOVERS = ['foreign-handover', 'foreign-care'];
export const HANDOVER = kind(
  'handover',
  ({ role }) => (role === 'maintainer' ? 'own-care' : 'own-handover'),
  FOREIGN_HANDOVERS,
);
/** To the giver: its next step. */
const given = (id: string) =>
  kind('handover', ({ role }) => (['admin', 'lead', 'dispatcher'].includes(role) ? id : undefined), FOREIGN_HANDOVERS);
/** To the receiver: its answer; an administrator gives it on behalf. */
const received = (id: string) =>
  kind('handover', ({ role }) => (['admin', 'maintainer'].includes(role) ? id : undefined), FOREIGN_HANDOVERS);
const commandOf = (device: string) => `${device}-command`;
export const COMMAND: Kind = {
  ...kind('command', commandOf('own-cam'), () => FOREIGN_CAMS.map(commandOf)),
  under: commandOf,
};
/** Version 2 of the open type is what its owner works on. */
export const VERSION: Kind = { ...kind('version', '1', vendorsOnly('2'), '999'), under: () => '1' };
export const AUDIT_ENTRY = kind('entry', '1', [], '999999');
export const USER_SESSION = kind('session', 't-viewer', () => ['t-stranger']);

type More = Omit<Line, 'at' | 'open'>;
const of = (at: Line['at'] & object, more: More = {}): Line => ({ at, ...more });
const list = (more: More = {}): Line => more;
const make = (body: unknown, more: More = {}): Line => ({ body, ...more });
const open = (why: string): Line => ({ open: why });

const reason = { reason: '核对无误' };
const TYPES = 'whoever of the house may read types reads all of them';
const CAMERA_FAR = 'the camera of this world does not exist: a look at it would only wait';
const ONLY_PURPOSE = '?purpose=%E6%A0%B8%E6%9F%A5';
const vendorOrAdmin = ({ role, name }: ActorOfTest) => role === 'admin' || (role === 'vendor' && name !== 'vendor-key');
/** A key makes and ends no keys. */
const byPerson = ({ name }: ActorOfTest) => name !== 'vendor-key';
const PURPOSE = '?purpose=%E6%A0%B8%E6%9F%A5&format=csv';

export const ISOLATION: Readonly<Record<string, Line>> = {
  'GET /healthz': open('life sign'),
  'GET /readyz': open('parts by code only for strangers'),
  'GET /metrics': open('has a token of its own'),
  'POST /sessions': open('the login itself'),
  'GET /sessions': list(),
  'DELETE /sessions': { ...list(), notOwn: 'would end the session of this test' },
  'GET /sessions/current': open('answers about its caller only'),
  'DELETE /sessions/{id}': of({ id: SESSION }, { ends: true }),
  'GET /users/me': open('answers about its caller only'),
  'POST /users/me/password': open('names nobody but its caller'),
  'GET /users/me/api-keys': list(),
  'POST /users/me/api-keys': make({ name: 'k' }, { notOwn: 'makes one more key' }),
  'DELETE /users/me/api-keys/{id}': of({ id: USER_KEY }, { ends: true, who: byPerson }),
  'GET /users': list(),
  'GET /users/export': list({ query: PURPOSE }),
  'POST /users': make({ username: 'new', name: 'new', role: 'viewer' }),
  'GET /users/{id}': of({ id: USER }),
  'PATCH /users/{id}': of({ id: USER }, { body: { name: '改名' } }),
  'GET /roles': list(),
  'GET /roles/history': list(),
  'GET /roles/export': list({ query: PURPOSE }),
  'PUT /roles/{role}': of({ role: ROLE }, { body: { rights: { devices: ['read'] }, ...reason } }),
  'POST /roles/{role}/reset': of({ role: ROLE }, { body: reason }),
  'GET /overview': list(),
  'GET /devices': list(),
  'POST /devices': make(
    { type: 'generic/camera', name: 'x' },
    { refs: { type: TYPE_ID, orgId: PLACE, siteId: PLACE_SITE, parentId: DEVICE, vendorId: VENDOR } },
  ),
  'GET /devices/{id}': of({ id: DEVICE }),
  'PATCH /devices/{id}': of({ id: DEVICE }, { body: { nickname: '东门口' } }),
  'POST /devices/{id}/approve': of({ id: DEVICE }, { body: reason }),
  'POST /devices/{id}/reject': of({ id: DEVICE }, { body: reason }),
  'POST /devices/{id}/suspend': of({ id: DEVICE }, { body: reason }),
  'POST /devices/{id}/reactivate': of({ id: DEVICE }, { body: reason }),
  'POST /devices/{id}/retire': of({ id: DEVICE }, { body: reason, ends: true }),
  'POST /devices/{id}/replace': of({ id: DEVICE }, { body: { serial: 'own-2', ...reason } }),
  'POST /devices/{id}/credentials': of({ id: DEVICE }),
  'POST /devices/bulk': make({ ids: ['own-cam'], action: 'suspend', ...reason }, { refs: { ids: MANY_DEVICES } }),
  'GET /devices/{id}/health': of({ id: DEVICE }),
  'POST /cameras/discover': make({ method: 'multicast' }, { notOwn: 'would look for cameras in this network' }),
  'POST /cameras/probe': make(
    { connection: { protocol: 'rtsp', url: 'rtsp://127.0.0.1:9/x' } },
    { notOwn: CAMERA_FAR },
  ),
  'GET /cameras/jobs': list(),
  'GET /cameras/jobs/{id}': of({ id: JOB }),
  'DELETE /cameras/jobs/{id}': of({ id: JOB }),
  'POST /cameras/{id}/ptz': of({ id: CAMERA }, { body: { action: 'stop' } }),
  'GET /cameras/{id}/ptz/presets': of({ id: CAMERA }),
  'POST /cameras/{id}/reboot': of({ id: CAMERA }, { body: reason }),
  'GET /cameras': list(),
  'GET /cameras/{id}': of({ id: CAMERA }),
  'GET /cameras/{id}/archive': of({ id: CAMERA }),
  'PUT /cameras/{id}/archive': of({ id: CAMERA }, { body: {} }),
  'PATCH /cameras/{id}/archive': of({ id: CAMERA }, { body: {} }),
  'POST /cameras/{id}/facts': of({ id: CAMERA }, { notOwn: CAMERA_FAR }),
  'POST /cameras/{id}/national-code': of({ id: CAMERA }, { body: {} }),
  'POST /cameras/national-code': make({ ids: ['own-cam'] }, { refs: { ids: MANY_DEVICES } }),
  'GET /street-codes': list(),
  'PUT /street-codes/{street}': of({ street: STREET }, { makes: true, body: { name: '甲', region8: '31011500' } }),
  'POST /devices/duplicate-check': make({ location: { lat: 31.1, lon: 121.5 } }),
  'GET /cameras/{id}/diagnosis': of({ id: CAMERA }),
  'POST /cameras/{id}/diagnosis': of({ id: CAMERA }, { body: {}, notOwn: CAMERA_FAR }),
  'POST /cameras/{id}/diagnosis/baseline': of({ id: CAMERA }, { notOwn: CAMERA_FAR }),
  'GET /devices/{id}/telemetry': of({ id: DEVICE }),
  'GET /devices/{id}/latest': of({ id: DEVICE }),
  'GET /devices/{id}/events': of({ id: DEVICE }),
  'GET /devices/{id}/timeline': of({ id: DEVICE }),
  'POST /devices/{id}/commands': of({ id: DEVICE }, { body: { name: 'restart' } }),
  'POST /cameras/{id}/live': of({ id: CAMERA }, { body: { purpose: '巡查' }, notOwn: CAMERA_FAR }),
  'POST /live/{view}/renew': of({ view: VIEW }, { body: { token: 'x'.repeat(32) } }),
  'POST /live/{view}/close': of({ view: VIEW }, { body: { token: 'x'.repeat(32) } }),
  'GET /live/{view}/{token}/{name}': of({ view: VIEW, token: VIEW, name: VIEW }),
  'GET /cameras/{id}/viewings': of({ id: CAMERA }),
  'GET /viewings': list(),
  'GET /cameras/{id}/snapshot.jpg': of({ id: CAMERA }, { query: '?purpose=%E5%B7%A1%E6%9F%A5', notOwn: CAMERA_FAR }),
  'GET /cameras/{id}/pictures': of({ id: CAMERA }),
  'GET /cameras/{id}/pictures/{pictureId}.jpg': of(
    { id: CAMERA, pictureId: PICTURE },
    { query: '?purpose=%E5%B7%A1%E6%9F%A5' },
  ),
  'GET /cameras/{id}/masks': of({ id: CAMERA }),
  'PUT /cameras/{id}/masks': of({ id: CAMERA }, { body: { areas: [], ...reason } }),
  'POST /cameras/{id}/clips': of({ id: CAMERA }, { body: { purpose: '取证', seconds: 5 }, notOwn: CAMERA_FAR }),
  'GET /cameras/{id}/clips': of({ id: CAMERA }),
  'GET /cameras/{id}/clips/{clip}.mp4': of({ id: CAMERA, clip: CLIP }),
  'GET /device-types': list({ tells: TYPES }),
  'POST /device-types': make({}, { notOwn: 'is tested where types are made' }),
  'GET /device-types/{id}': of({ id: TYPE }),
  'POST /device-types/{id}/decode': of({ id: TYPE }, { body: { topic: 'a', payload: '{}' } }),
  'GET /quarantine': list(),
  'POST /quarantine/replay': make({ ids: ['1', '2', '3', '4'] }, { notOwn: 'would feed the messages in' }),
  'GET /incidents': list(),
  'GET /incidents/{id}': of({ id: INCIDENT }),
  'GET /tickets': list(),
  'POST /tickets': make({ title: '漏水', module: 'video' }, { refs: { deviceIds: MANY_DEVICES, orgId: ORG } }),
  'GET /tickets/{id}': of({ id: TICKET }),
  'POST /tickets/{id}/transitions': of({ id: TICKET }, { body: { to: 'returned', note: '非本单位' } }),
  'POST /tickets/{id}/comments': of({ id: TICKET }, { body: { note: '已到场' } }),
  'GET /orgs': list(),
  'POST /orgs': make({ kind: 'department', name: 'x' }, { refs: { parentId: ORG } }),
  'GET /orgs/{id}': of({ id: ORG }),
  'PATCH /orgs/{id}': of({ id: ORG }, { body: { name: '甲一居' } }),
  'DELETE /orgs/{id}': of({ id: ORG }, { ends: true }),
  'GET /modules': list(),
  'POST /modules': make({ id: 'm2', name: { zh: '新', en: 'new' } }),
  'GET /modules/{id}': of({ id: MODULE }),
  'PATCH /modules/{id}': of({ id: MODULE }, { body: { name: { zh: '视频', en: 'Video' } } }),
  'DELETE /modules/{id}': of({ id: MODULE }, { ends: true }),
  'GET /sites': list(),
  'POST /sites': make({ name: 'x' }, { refs: { orgId: ORG } }),
  'GET /sites/{id}': of({ id: SITE }),
  'PATCH /sites/{id}': of({ id: SITE }, { body: { name: '一号房' } }),
  'DELETE /sites/{id}': of({ id: SITE }, { ends: true }),
  'GET /vendors': list({ tells: 'whoever of the house may read vendors reads all of them' }),
  'POST /vendors': make({ name: 'x' }),
  'GET /vendors/{id}': of({ id: VENDOR }),
  'PATCH /vendors/{id}': of({ id: VENDOR }, { body: { name: '甲厂' } }),
  'DELETE /vendors/{id}': of({ id: VENDOR }, { ends: true }),
  'GET /vendors/{id}/api-keys': of({ id: VENDOR_ME }, { who: vendorOrAdmin }),
  'POST /vendors/{id}/api-keys': of({ id: VENDOR_ME }, { body: { name: 'k' }, who: vendorOrAdmin }),
  'DELETE /vendors/{id}/api-keys/{keyId}': of({ id: VENDOR, keyId: VENDOR_KEY }, { ends: true, who: vendorOrAdmin }),
  'GET /maintenance-units': list(),
  'POST /maintenance-units': make({ name: 'x' }, { refs: { parentId: ORG } }),
  'GET /maintenance-units/{id}': of({ id: UNIT }),
  'PATCH /maintenance-units/{id}': of({ id: UNIT }, { body: { name: '甲维保' } }),
  'DELETE /maintenance-units/{id}': of({ id: UNIT }, { ends: true }),
  'GET /rosters': list(),
  'POST /rosters': make({ orgId: 'own-street', userId: 'x' }, { refs: { orgId: ORG } }),
  'PATCH /rosters/{id}': of({ id: SHIFT }, { body: { position: 1 } }),
  'DELETE /rosters/{id}': of({ id: SHIFT }, { ends: true }),
  'GET /notification-channels': list(),
  'POST /notification-channels': make({ name: 'x', kind: 'webhook', config: { url: 'http://127.0.0.1:9/' } }),
  'PATCH /notification-channels/{id}': of({ id: CHANNEL }, { body: { name: 'y' } }),
  'DELETE /notification-channels/{id}': of({ id: SPARE_CHANNEL }, { ends: true }),
  'GET /notification-rules': list(),
  'POST /notification-rules': make({ channelId: 'own-channel' }),
  'PATCH /notification-rules/{id}': of({ id: RULE }, { body: { enabled: true } }),
  'DELETE /notification-rules/{id}': of({ id: RULE }, { ends: true }),
  'GET /settings': list(),
  'PUT /settings': make({ groupHold: '30s' }),
  'GET /sessions/methods': open('which logins there are'),
  'GET /sessions/oidc': open('the login itself'),
  'GET /sessions/oidc/callback': open('the login itself'),
  'GET /sessions/wecom': open('the login itself'),
  'GET /sessions/wecom/callback': open('the login itself'),
  'GET /sign-in/wecom': list({ notOwn: 'none is set up' }),
  'PUT /sign-in/wecom': make(
    { baseUrl: 'https://w.example/', corpId: 'c', agentId: '1', redirectUrl: 'https://g.example/' },
    { notOwn: 'one setting of the whole system' },
  ),
  'DELETE /sign-in/wecom': list({ notOwn: 'one setting of the whole system' }),
  'POST /users/me/api-keys/{id}/rotate': of({ id: USER_KEY }, { body: {}, who: byPerson, notOwn: 'ends the key' }),
  'GET /users/me/totp': open('answers about its caller only'),
  'POST /users/me/totp': open('names nobody but its caller'),
  'POST /users/me/totp/confirm': open('names nobody but its caller'),
  'POST /users/me/totp/disable': open('names nobody but its caller'),
  'POST /users/{id}/totp/reset': of({ id: USER }, { body: reason, notOwn: 'has set up none' }),
  'GET /users/{id}/sessions': of({ id: USER }),
  'DELETE /users/{id}/sessions': of({ id: SPARE_USER }, { ends: true }),
  'DELETE /users/{id}/sessions/{sessionId}': of({ id: USER, sessionId: USER_SESSION }, { ends: true }),
  'GET /users/{id}/identities': of({ id: USER }),
  'PUT /users/{id}/identities': of({ id: USER }, { body: { identities: [] } }),
  'GET /devices/import/template': list(),
  'POST /devices/import': open('a file; its rows go through the same checks as POST /devices'),
  'GET /devices/import/jobs/{id}': of({ id: IMPORT_JOB }),
  'GET /devices/import/files/{token}': of({ token: IMPORT_FILE }),
  'GET /devices/export': list({ query: PURPOSE }),
  'GET /devices/{id}/acceptance': of({ id: DEVICE }, { notOwn: 'it was never on trial' }),
  'GET /devices/{id}/acceptance/report': of({ id: DEVICE }, { query: ONLY_PURPOSE, notOwn: 'it was never on trial' }),
  'POST /devices/{id}/return': of({ id: DEVICE }, { body: reason }),
  'POST /devices/{id}/resubmit': of({ id: DEVICE }, { body: {} }),
  'GET /cameras/duplicate-construction': list(),
  'POST /cameras/duplicate-construction': make({
    location: { lat: 31.1, lon: 121.5 },
    applicant: '管理办',
    purpose: '新建监控',
  }),
  'GET /cameras/duplicate-construction/{id}': of({ id: REVIEW }),
  'GET /cameras/duplicate-construction/{id}/print': of({ id: REVIEW }, { query: ONLY_PURPOSE }),
  'GET /handovers': list(),
  'POST /handovers': make(
    { kind: 'custody', fromOrgId: 'own-dept', toOrgId: 'own-help', deviceIds: ['own-cam'], date: '2026-11-23' },
    // The other party may be any organisation: handing over is what leads out of one's own reach.
    { refs: { fromOrgId: FAR_ORG }, notOwn: 'makes a paper' },
  ),
  'GET /handovers/{id}': of({ id: HANDOVER }),
  'POST /handovers/{id}/hand': of({ id: given('own-handover') }, { body: {} }),
  'POST /handovers/{id}/withdraw': of({ id: given('own-drawn') }, { body: {} }),
  'POST /handovers/{id}/accept': of({ id: received('own-care') }, { body: {} }),
  'POST /handovers/{id}/refuse': of({ id: received('own-care-2') }, { body: reason }),
  'GET /handovers/{id}/print': of({ id: HANDOVER }, { query: ONLY_PURPOSE }),
  'GET /devices/{id}/commands': of({ id: DEVICE }),
  'GET /devices/{id}/commands/{commandId}': of({ id: DEVICE, commandId: COMMAND }),
  'GET /devices/{id}/messages': of({ id: DEVICE }),
  'GET /vendors/{id}/messages': of(
    { id: VENDOR },
    { makes: true, notOwn: 'to whoever it is not meant for there is no such vendor' },
  ),
  'PATCH /device-types/{id}': of({ id: TYPE }, { body: { shared: true } }),
  'GET /device-types/{id}/versions': of({ id: OPEN_TYPE }, { tells: TYPES }),
  'GET /device-types/{id}/versions/{version}': of({ id: OPEN_TYPE, version: VERSION }),
  'POST /device-types/{id}/submit': of({ id: OWNED_TYPE }),
  'POST /device-types/{id}/approve': of({ id: TYPE }, { body: reason }),
  'POST /device-types/{id}/reject': of({ id: TYPE }, { body: reason }),
  'POST /device-types/{id}/rollback': of({ id: TYPE }, { body: { ...reason, version: 1 } }),
  'POST /device-types/{id}/retire': of({ id: TYPE }, { body: reason, ends: true }),
  'POST /device-types/decode': make({ topic: 'a', payload: '{}', source: 'id: x' }),
  'POST /device-types/check': make({ source: 'id: x' }),
  'GET /vendors/me': open('answers about its caller only'),
  'PATCH /vendors/me': open('names nobody but its caller'),
  'PUT /vendors/{id}/agreement-file': of(
    { id: VENDOR },
    { query: '?name=a.pdf', raw: 'application/pdf', notOwn: 'is no PDF' },
  ),
  'GET /vendors/{id}/agreement-file': of({ id: VENDOR }, { query: ONLY_PURPOSE, notOwn: 'has none' }),
  'POST /vendors/applications': open('a stranger applies'),
  'POST /vendors/accept-invitation': open('opens with the token of the invitation'),
  'POST /vendors/invitations': make({ name: '丙厂' }),
  'POST /vendors/{id}/invitations': of({ id: VENDOR }, { body: {} }),
  'GET /vendors/{id}/invitations': of({ id: VENDOR }),
  'DELETE /vendors/{id}/invitations/{invitationId}': of(
    { id: VENDOR, invitationId: INVITATION },
    { notOwn: 'a newer one ended it' },
  ),
  'POST /vendors/{id}/approve': of({ id: VENDOR }, { body: reason }),
  'POST /vendors/{id}/reject': of({ id: VENDOR }, { body: reason }),
  'POST /vendors/{id}/suspend': of({ id: VENDOR }, { body: reason, notOwn: 'would shut the vendor of this test out' }),
  'POST /vendors/{id}/resume': of({ id: VENDOR }, { body: reason }),
  'POST /vendors/{id}/end': of({ id: VENDOR }, { body: reason, notOwn: 'would shut the vendor of this test out' }),
  'POST /vendors/{id}/api-keys/{keyId}/rotate': of(
    { id: VENDOR, keyId: VENDOR_KEY },
    { body: {}, who: vendorOrAdmin, notOwn: 'ends the key' },
  ),
  'GET /audit': list(),
  'GET /audit/integrity': list(),
  'POST /audit/verify': list(),
  'GET /audit/export': list({ query: PURPOSE }),
  'GET /audit/{seq}': of({ seq: AUDIT_ENTRY }),
};
