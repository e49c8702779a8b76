import type { Key } from '../language.ts';
import type { Action, Resource } from './rights.ts';

export interface Place {
  readonly to: string;
  readonly label: Key;
  /** Whoever has none of these rights does not see the place. */
  readonly needs: readonly (readonly [Resource, Action])[];
  /** Roles whose menu has it (`!vendor` = all others); absent = everybody's. */
  readonly roles?: readonly string[];
}

export interface Section {
  readonly label: Key;
  readonly places: readonly Place[];
}

/** Where one can go, in the order of a day's work. */
export const SECTIONS: readonly Section[] = [
  {
    label: 'nav.watch',
    places: [
      { to: '/', label: 'nav.overview', needs: [['devices', 'read']] },
      { to: '/map', label: 'nav.map', needs: [['devices', 'read']] },
      { to: '/video', label: 'nav.video', needs: [['cameras', 'read']] },
      { to: '/incidents', label: 'nav.incidents', needs: [['incidents', 'read']] },
      { to: '/tickets', label: 'nav.tickets', needs: [['tickets', 'read']] },
      { to: '/field', label: 'nav.field', needs: [['tickets', 'update']] },
    ],
  },
  {
    label: 'nav.manage',
    places: [
      { to: '/devices', label: 'nav.devices', needs: [['devices', 'read']] },
      { to: '/cameras/onboard', label: 'nav.onboard', needs: [['devices', 'create']] },
      { to: '/registrations', label: 'nav.registrations', needs: [['devices', 'decide']] },
      { to: '/construction', label: 'nav.construction', needs: [['cameras', 'read']] },
      { to: '/handovers', label: 'nav.handovers', needs: [['handovers', 'read']] },
      { to: '/inspections', label: 'nav.inspections', needs: [['inspections', 'read']] },
      { to: '/campaigns', label: 'nav.campaigns', needs: [['inspections', 'read']] },
      { to: '/hot-spots', label: 'nav.hotSpots', needs: [['inspections', 'read']] },
    ],
  },
  {
    label: 'nav.evaluate',
    places: [
      { to: '/reports', label: 'nav.reports', needs: [['reports', 'read']] },
      { to: '/data-quality', label: 'nav.dataQuality', needs: [['telemetry', 'read']] },
      { to: '/quarantine', label: 'nav.quarantine', needs: [['quarantine', 'read']] },
      { to: '/dictionary', label: 'nav.dictionary', needs: [['deviceTypes', 'read']] },
    ],
  },
  {
    label: 'nav.vendorSection',
    places: [
      { to: '/vendor', label: 'nav.vendorHome', needs: [['vendors', 'read']], roles: ['vendor'] },
      { to: '/vendor/validator', label: 'nav.validator', needs: [['quarantine', 'read']], roles: ['vendor'] },
      { to: '/vendor/keys', label: 'nav.vendorKeys', needs: [['vendors', 'read']], roles: ['vendor'] },
      { to: '/types', label: 'nav.types', needs: [['deviceTypes', 'read']], roles: ['vendor'] },
    ],
  },
  {
    label: 'nav.system',
    places: [
      { to: '/system/orgs', label: 'nav.orgs', needs: [['orgs', 'read']] },
      { to: '/system/sites', label: 'nav.sites', needs: [['sites', 'read']] },
      { to: '/system/people', label: 'nav.people', needs: [['users', 'read']] },
      { to: '/system/roles', label: 'nav.roles', needs: [['roles', 'read']] },
      { to: '/system/vendors', label: 'nav.vendors', needs: [['vendors', 'read']], roles: ['!vendor'] },
      { to: '/system/modules', label: 'nav.modules', needs: [['modules', 'read']] },
      { to: '/types', label: 'nav.types', needs: [['deviceTypes', 'read']], roles: ['!vendor'] },
      { to: '/system/maintenance-units', label: 'nav.maintenanceUnits', needs: [['maintenanceUnits', 'read']] },
      { to: '/system/rosters', label: 'nav.rosters', needs: [['rosters', 'read']] },
      { to: '/system/alarm-rules', label: 'nav.alarmRules', needs: [['alarmRules', 'read']] },
      { to: '/system/quiet', label: 'nav.quiet', needs: [['maintenanceWindows', 'read']] },
      { to: '/system/notifications', label: 'nav.notifications', needs: [['notifications', 'read']] },
      { to: '/system/exchange', label: 'nav.exchange', needs: [['settings', 'read']] },
      { to: '/system/settings', label: 'nav.settings', needs: [['settings', 'read']] },
      { to: '/system/sign-in', label: 'nav.signInWays', needs: [['settings', 'read']] },
      { to: '/system/backups', label: 'nav.backups', needs: [['settings', 'read']] },
      { to: '/system/capacity', label: 'nav.capacity', needs: [['settings', 'read']] },
      { to: '/system/audit', label: 'nav.audit', needs: [['audit', 'read']] },
    ],
  },
  {
    label: 'nav.helpSection',
    places: [
      { to: '/system/about', label: 'nav.about', needs: [] },
      { to: '/help', label: 'nav.help', needs: [] },
    ],
  },
];

/** The place an address belongs to: the longest that it begins with. */
export function placeOf(pathname: string): Place | undefined {
  return SECTIONS.flatMap(({ places }) => places)
    .filter(({ to }) => pathname === to || (to !== '/' && pathname.startsWith(`${to}/`)))
    .sort((a, b) => b.to.length - a.to.length)[0];
}
