import { ModuleInput, ModulePatch, OrgInput, OrgPatch, SiteInput, SitePatch } from '../../domain/catalogue-input.ts';
import type { RouteContext } from '../deps.ts';
import { MaintenanceUnitInput, ModuleView, OrgView, SiteView } from '../schemas/catalogue.ts';
import { resource } from './resource.ts';

export const catalogueRoutes = ({ services: { organisations } }: RouteContext) => [
  ...resource({
    url: '/orgs',
    name: 'Org',
    plural: 'Orgs',
    tag: 'organisation',
    right: 'orgs',
    what: 'organisations: areas of five levels (市 区 街镇 网格 社区) and departments',
    view: OrgView,
    body: OrgInput,
    patch: OrgPatch,
    service: organisations.orgs,
  }),
  ...resource({
    url: '/modules',
    name: 'Module',
    plural: 'Modules',
    tag: 'organisation',
    right: 'modules',
    what: 'modules with their lead and cooperating departments',
    view: ModuleView,
    body: ModuleInput,
    patch: ModulePatch,
    service: organisations.modules,
  }),
  ...resource({
    url: '/sites',
    name: 'Site',
    plural: 'Sites',
    tag: 'organisation',
    right: 'sites',
    what: 'sites (点位)',
    view: SiteView,
    body: SiteInput,
    patch: SitePatch,
    service: organisations.sites,
  }),
  ...resource({
    url: '/maintenance-units',
    name: 'MaintenanceUnit',
    plural: 'MaintenanceUnits',
    tag: 'organisation',
    right: 'maintenanceUnits',
    what: 'maintenance units (维保单位)',
    view: OrgView,
    body: MaintenanceUnitInput,
    patch: OrgPatch,
    service: organisations.maintenanceUnits,
  }),
];
