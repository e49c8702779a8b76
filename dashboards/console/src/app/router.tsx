import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import type { ComponentType } from 'react';
import { allWords } from '../language.ts';
import { Broken } from './broken.tsx';
import { Missing } from './missing.tsx';
import { Shell } from './shell.tsx';

type Load = () => Promise<{ default: ComponentType }>;

const root = createRootRoute({ notFoundComponent: Missing });
const framed = createRoute({ getParentRoute: () => root, id: 'framed', component: Shell, notFoundComponent: Missing });

const anySearch = (search: Record<string, unknown>): Record<string, unknown> => search;

/** A page and the words it may use. */
const withWords = (load: Load) =>
  lazyRouteComponent(async () => {
    const [module] = await Promise.all([load(), allWords()]);
    return module;
  });

/** A page of its own file, loaded when somebody goes there. What it filters by stands in the address. */
const page = <const Path extends string>(path: Path, load: Load) =>
  createRoute({ getParentRoute: () => framed, path, component: withWords(load), validateSearch: anySearch });

/** What one sees first brings no words but its own. */
const start = createRoute({
  getParentRoute: () => framed,
  path: '/',
  component: lazyRouteComponent(() => import('../pages/overview/overview.tsx')),
  validateSearch: anySearch,
});

/** A page without the frame: on the wall, or on paper. */
const bare = <const Path extends string>(path: Path, load: Load) =>
  createRoute({ getParentRoute: () => root, path, component: withWords(load), validateSearch: anySearch });

export const router = createRouter({
  routeTree: root.addChildren([
    framed.addChildren([
      start,
      page('/map', () => import('../pages/map/map.tsx')),
      page('/video', () => import('../pages/video/wall.tsx')),
      page('/incidents', () => import('../pages/incidents/incidents.tsx')),
      page('/incidents/$id', () => import('../pages/incidents/incident.tsx')),
      page('/tickets', () => import('../pages/tickets/tickets.tsx')),
      page('/tickets/$id', () => import('../pages/tickets/ticket.tsx')),
      page('/field', () => import('../pages/field/field.tsx')),
      page('/field/$id', () => import('../pages/field/task.tsx')),
      page('/field/device/$id', () => import('../pages/field/device.tsx')),
      page('/d/$id', () => import('../pages/field/device.tsx')),
      page('/devices', () => import('../pages/devices/devices.tsx')),
      page('/devices/$id', () => import('../pages/device/device.tsx')),
      page('/devices/new', () => import('../pages/devices/register.tsx')),
      page('/devices/import', () => import('../pages/devices/import.tsx')),
      page('/cameras/onboard', () => import('../pages/video/onboard.tsx')),
      page('/registrations', () => import('../pages/registrations/registrations.tsx')),
      page('/construction', () => import('../pages/registrations/construction.tsx')),
      page('/handovers', () => import('../pages/registrations/handovers.tsx')),
      page('/handovers/$id', () => import('../pages/registrations/handover.tsx')),
      page('/inspections', () => import('../pages/inspections/inspections.tsx')),
      page('/inspections/$id', () => import('../pages/inspections/inspection.tsx')),
      page('/campaigns', () => import('../pages/inspections/campaigns.tsx')),
      page('/campaigns/$id', () => import('../pages/inspections/campaign.tsx')),
      page('/hot-spots', () => import('../pages/inspections/hot-spots.tsx')),
      page('/reports', () => import('../pages/reports/reports.tsx')),
      page('/data-quality', () => import('../pages/reports/data-quality.tsx')),
      page('/quarantine', () => import('../pages/vendor/quarantine.tsx')),
      page('/dictionary', () => import('../pages/dictionary/dictionary.tsx')),
      page('/vendor', () => import('../pages/vendor/home.tsx')),
      page('/vendor/validator', () => import('../pages/vendor/validator.tsx')),
      page('/vendor/keys', () => import('../pages/vendor/keys.tsx')),
      page('/types', () => import('../pages/vendor/types.tsx')),
      page('/types/$id', () => import('../pages/vendor/type.tsx')),
      page('/system/orgs', () => import('../pages/system/orgs.tsx')),
      page('/system/sites', () => import('../pages/system/sites.tsx')),
      page('/system/people', () => import('../pages/system/people.tsx')),
      page('/system/roles', () => import('../pages/system/roles.tsx')),
      page('/system/vendors', () => import('../pages/system/vendors.tsx')),
      page('/system/modules', () => import('../pages/system/modules.tsx')),
      page('/system/maintenance-units', () => import('../pages/system/maintenance-units.tsx')),
      page('/system/rosters', () => import('../pages/system/rosters.tsx')),
      page('/system/alarm-rules', () => import('../pages/rules/alarm-rules.tsx')),
      page('/system/quiet', () => import('../pages/rules/quiet.tsx')),
      page('/system/notifications', () => import('../pages/rules/notifications.tsx')),
      page('/system/exchange', () => import('../pages/exchange/exchange.tsx')),
      page('/system/settings', () => import('../pages/rules/settings.tsx')),
      page('/system/sign-in', () => import('../pages/system/sign-in-ways.tsx')),
      page('/system/audit', () => import('../pages/rules/audit.tsx')),
      page('/system/backups', () => import('../pages/system/backups.tsx')),
      page('/system/capacity', () => import('../pages/system/capacity.tsx')),
      page('/system/about', () => import('../pages/help/about.tsx')),
      page('/help', () => import('../pages/help/help.tsx')),
      page('/help/$guide', () => import('../pages/help/guide.tsx')),
      page('/account', () => import('../pages/account/account.tsx')),
    ]),
    bare('/wall', () => import('../pages/overview/wall.tsx')),
    bare('/join', () => import('../pages/vendor/join.tsx')),
    bare('/invitation/$token', () => import('../pages/vendor/invitation.tsx')),
    bare('/devices/labels', () => import('../pages/devices/labels.tsx')),
    bare('/tickets/$id/print', () => import('../pages/tickets/print.tsx')),
    bare('/registrations/$id/report', () => import('../pages/registrations/report.tsx')),
    bare('/construction/$id/print', () => import('../pages/registrations/construction-print.tsx')),
    bare('/handovers/$id/print', () => import('../pages/registrations/handover-print.tsx')),
  ]),
  defaultPreload: 'intent',
  defaultPendingMs: 200,
  defaultErrorComponent: Broken,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
