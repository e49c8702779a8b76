import { createHash } from 'node:crypto';
import type { ActorOfTest } from './isolation-world.ts';

/** Which objects of a kind are whose in the isolation test; what they are stands in the world and the papers. */
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
export const kind = (
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
/** Numbers count within a ticket: which of them is foreign depends on the ticket alone. */
export const TICKET_REQUEST = kind('request', '1', [], '999');
export const TICKET_FILE = kind('file', () => undefined, [], '999');
export const TICKET = kind('ticket', 'own-ticket', ['foreign-street-ticket', 'foreign-module-ticket']);
export const MANY_TICKETS = { ...TICKET, many: true };
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
export const ABSENCE = kind('absence', 'own-absence', ['foreign-absence']);
/** Of an organisation of the street: a maintenance unit sees none of those. */
export const ALARM_RULE = kind('rule', ({ role }) => (role === 'maintainer' ? undefined : 'own-rule'), [
  'foreign-rule',
]);
export const SHIFT = kind('shift', 'own-shift', ['foreign-shift']);
export const WINDOW = kind('window', 'own-window', ['foreign-window']);
export const SILENCE = kind('silence', 'own-silence', ['foreign-silence']);
export const SECURITY = kind('security', 'own-security', ['foreign-security']);
export const DRILL = kind('drill', 'own-drill', ['foreign-drill']);
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
export const PEER = kind('peer', 'own-peer', []);
export const SPARE_PEER = kind('peer', 'spare-peer', []);
export const SUBSCRIPTION = kind('subscription', 'own-subscription', []);
export const SPARE_SUBSCRIPTION = kind('subscription', 'spare-subscription', []);
export const DATA_SET = kind('dataSet', 'states', []);
export const DELIVERY = kind('delivery', '1', []);
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
export const PLACE = notVendor(ORG);
export const PLACE_SITE = notVendor(SITE);
export const FAR_ORG = kind('org', () => undefined, ['foreign-dept']);
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
export const given = (id: string) =>
  kind('handover', ({ role }) => (['admin', 'lead', 'dispatcher'].includes(role) ? id : undefined), FOREIGN_HANDOVERS);
/** To the receiver: its answer; an administrator gives it on behalf. */
export const received = (id: string) =>
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

/** A daily inspection belongs to a department. */
export const INSPECTION = kind(
  'inspection',
  ({ role }) =>
    ['dispatcher', 'lead', 'viewer', 'cooperating', 'admin'].includes(role) ? 'own-inspection' : undefined,
  ['foreign-inspection'],
);
export const CAMPAIGN = kind(
  'campaign',
  ({ role }) => (role === 'vendor' || role === 'maintainer' ? undefined : 'own-campaign'),
  ['foreign-campaign'],
);
export const SHEET = kind(
  'sheet',
  ({ role }) => (role === 'vendor' || role === 'maintainer' ? undefined : 'own-hood'),
  ['foreign-hood'],
);
/** Numbers count within a campaign. */
export const FIND = kind('find', '2', [], '999');
/** A point by its site. */
export const SPOT = kind('spot', () => undefined, ['site:foreign-site', 'device:foreign-street-cam'], 'site:absent');
